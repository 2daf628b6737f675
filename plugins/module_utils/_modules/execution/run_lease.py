# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Lease under which one run at a time writes to the registry's namespace.

The first write of a task takes it, so that check mode and runs without changes do not. The tasks of a role run share it by
its identity; a module that is called alone releases it at its end.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Awaiting
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH, Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Conflict, NotFound

from .lease_record import (
    DURATION,
    RENEWAL,
    LeaseWait,
    build_lease,
    build_renewal,
    build_takeover,
    identity_of,
)

LEASE_SPEC = Spec(
    {"lease": {"type": "dict", "options": {"identity": {"type": "str"}, "timeout": {"type": "int", "default": 300}}}}
)

# Writes that need no Lease: its own, and that of the namespace in which it is.
_WITHOUT_LEASE = frozenset({"Lease", "Namespace"})
_PATH = f"Lease/{constants.LEASE}"
# Seconds between two looks at a Lease that another run holds.
_PAUSE = 2.0
# Seconds by which the two clocks may differ between two renewals.
_TOLERANCE = 1.0


class LeaseTaken(Exception):
    """The task has just taken the Lease, and what it read before may be outdated. Nothing but the namespace was written: it starts again."""


def new_identity() -> str:
    """A name for one run, which shows people where it runs."""
    return f"{socket.gethostname()}-{secrets.token_hex(4)}"


class RunLease:
    """The Lease as one task uses it. identity: of the role run that the task is part of, '' for a module alone. limit: seconds to wait for it."""

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        *,
        identity: str,
        limit: float,
        awaiting: Awaiting,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.identity = identity or new_identity()
        self.findings: list[Finding] = []
        self._shared = bool(identity)
        self._cluster = cluster
        self._place = (constants.LEASE, namespace)
        self._limit = limit
        self._awaiting = awaiting
        self._clock = clock
        self._wall_clock = wall_clock
        self._sleep = sleep
        self._looked = False
        # As it was last written by this task, and when, on both clocks: at first the start of the task.
        self._lease: ObjectDict | None = None
        self._renewed = (clock(), wall_clock())

    @property
    def taken(self) -> bool:
        """Whether this task has written under the Lease."""
        return self._lease is not None

    def before_write(self, kind: str) -> None:
        """Takes or renews the Lease if it is due.

        Raises LeaseTaken if it was taken now, and Refusal if another run holds it (lease-held) or has taken it over (lease-lost).
        """
        if kind in _WITHOUT_LEASE:
            return
        if self._lease is not None:
            if self._is_renewal_due() and not self._renew():
                raise self._lost()
            return
        if self._shared and self._renew():
            return
        self._take()
        raise LeaseTaken

    def while_waiting(self) -> None:
        """Renews the Lease if the run holds it. A renewal that fails is made up for at the next write."""
        if not self._is_renewal_due():
            return
        with suppress(ClusterError):
            if self._lease is not None:
                self._renew()
            elif self._shared and not self._looked:
                # An earlier task of the run may hold it. A run without changes does not, and writes nothing.
                self._looked = True
                if identity_of(self._cluster.get("Lease", *self._place)) == self.identity:
                    self._renew()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Gives the Lease back while the body works for long without a write. Afterwards the task holds it again, and has to read again.

        Raises Refusal at the end if another run holds it then (lease-held).
        """
        self._release(lambda: self._lease)
        self._lease = None
        try:
            yield
        finally:
            self._take()

    def end_task(self) -> None:
        """Releases the Lease if only this task needed it."""
        if self._lease is not None and not self._shared:
            self._release(lambda: self._lease)

    def end_run(self) -> None:
        """Releases the Lease of the role run."""
        self._release(lambda: self._cluster.get("Lease", *self._place))

    def _is_renewal_due(self) -> bool:
        """Whether the Lease expires soon, or may have expired.

        The monotonic clock of Linux stands still while the machine is suspended; the wall clock can be set.
        """
        passed, passed_on_wall = self._clock() - self._renewed[0], self._wall_clock() - self._renewed[1]
        return passed >= RENEWAL or abs(passed_on_wall - passed) > _TOLERANCE

    def _renew(self) -> bool:
        """True if the run holds the Lease. The API server compares the holder and writes in one step."""
        try:
            lease = self._cluster.patch("Lease", *self._place, build_renewal(self.identity, _now()))
        except NotFound:
            return False
        except ClusterError as problem:
            if problem.code != "cluster-invalid":
                raise
            return False
        self._note(lease)
        return True

    def _take(self) -> None:
        """Creates the Lease, or takes one over without a holder. Waits as long as another run renews it."""
        wait = LeaseWait(self._limit, self._clock())
        progress = self._awaiting(f"{_PATH} in namespace {self._place[1]}", wait.limit)
        lease: ObjectDict | None = None
        while True:
            if lease is None:
                done = self._create()
            else:
                wait.observe(lease, self._clock())
                other = identity_of(lease)
                if other in ("", self.identity) or wait.is_expired(self._clock()):
                    done = self._take_over(lease)
                elif wait.is_over(self._clock()):
                    raise self._held(other, wait.passed(self._clock()))
                else:
                    done = False
                    progress(f"another run holds the Lease: {other}")
                    self._sleep(_PAUSE)
            if done:
                return
            lease = self._cluster.get("Lease", *self._place)

    def _create(self) -> bool:
        """False if another run was faster."""
        try:
            self._note(self._cluster.create(build_lease(self._place[1], self.identity, _now())))
        except Conflict:
            return False
        return True

    def _take_over(self, lease: ObjectDict) -> bool:
        """False if the Lease was changed after it was read."""
        patch = build_takeover(lease, self.identity, _now())
        try:
            self._note(self._cluster.patch("Lease", *self._place, patch, content_type=MERGE_PATCH))
        except NotFound:
            return False
        except ClusterError as problem:
            if problem.code != "cluster-precondition":
                raise
            return False
        former = identity_of(lease)
        if former not in ("", self.identity):
            text = f"was taken over: {former} had not renewed it for {DURATION} s, which means that this run was interrupted."
            self.findings.append(Finding("lease-taken-over", "info", _PATH, text))
        return True

    def _note(self, lease: ObjectDict) -> None:
        self._lease, self._renewed = lease, (self._clock(), self._wall_clock())

    def _release(self, read: Callable[[], ObjectDict | None]) -> None:
        """Deletes the Lease exactly as it was read: one that another run has taken over stays. What fails is only reported: the run is over."""
        try:
            lease = read()
            if lease is None or identity_of(lease) != self.identity:
                return
            metadata = lease["metadata"]
            self._cluster.delete(
                "Lease", *self._place, uid=metadata["uid"], resource_version=metadata["resourceVersion"]
            )
        except ClusterError as problem:
            if problem.code == "cluster-precondition":
                return
            text = f"could not be deleted: {problem.findings[0].message}"
            remedy = f"Other runs wait until it has expired, {DURATION} s after this run. Correct the cause."
            self.findings.append(warning("lease-not-released", _PATH, text, remedy))

    def _held(self, identity: str, seconds: float) -> Refusal:
        text = f"is held by another run, {identity}, which changes the registry in namespace {self._place[1]} (waited {seconds:.0f} s)."
        remedy = (
            "Run again after that run has ended, or increase registry_wait_timeout. "
            "In a play with several hosts, run the role once for each registry (run_once)."
        )
        return Refusal([error("lease-held", _PATH, text, remedy)])

    def _lost(self) -> Refusal:
        text = f"is no longer held by this run, {self.identity}, which did not renew it for more than {DURATION} s."
        remedy = "Another run may have changed the registry. Run again."
        return Refusal([error("lease-lost", _PATH, text, remedy)])


def _now() -> Any:
    return datetime.now(timezone.utc)
