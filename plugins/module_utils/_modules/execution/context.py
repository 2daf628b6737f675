# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the body of a module gets, and where it leaves what it finds and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import DAY2_RECORD
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Progress, Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden

from .known_secrets import KnownSecrets
from .migration_record import check_writer, read_record
from .options import LeaseOptions, Options, PlannedOptions
from .plan import Plan
from .run_lease import LeaseTaken, RunLease

# Covariant: a function that takes a context with options that several modules share accepts the context of each of these modules.
Options_co = TypeVar("Options_co", bound=Options, covariant=True)


@dataclass
class Opened:
    """What a task opens when it needs it first. The contexts of a task share it."""

    cluster: Cluster | None = None
    lease: RunLease | None = None


@dataclass
class Context(Generic[Options_co]):
    """Options, cluster and check mode of one task; its findings, changes and result.

    connection: the options that connect the cluster. say: shows progress to the user. namespace: the registry's, if it is not that of the options.
    plan: that the task was given; its decisions are among the options. under_new_lease: the task has taken the Lease and starts again, so what
    the plan judged can have changed. migrates: the task is a part of a migration, whose record blocks the writes of others.
    """

    options: Options_co
    check_mode: bool
    secrets: KnownSecrets = field(default_factory=KnownSecrets)
    connection: Mapping[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    say: Say = silent
    namespace: str | None = None
    plan: Plan | None = None
    under_new_lease: bool = False
    migrates: bool = False
    opened: Opened = field(default_factory=Opened)

    def read_plan(self) -> None:
        """Completes the options with the plan that is among them. Raises Refusal (plan-invalid)."""
        options = self.options
        if isinstance(options, PlannedOptions) and options.plan is not None:
            self.plan = Plan.from_result(options.plan)
            self.options = self.plan.complete(options)

    @property
    def cluster(self) -> Cluster:
        """The cluster. It is connected at first use, so that wrong input is reported without a cluster."""
        if self.opened.cluster is None:
            cluster = connect(self.connection)
            self.opened.cluster = cluster
            self.result["cluster"] = {"host": cluster.target.host, "source": cluster.target.source}
            cluster.show_repetitions(lambda: self._show_progress("the API server"))
            if not self.check_mode:
                cluster.before_write = self._prepare_write
        return self.opened.cluster

    @property
    def _lease_options(self) -> Mapping[str, Any]:
        return (self.options.lease if isinstance(self.options, LeaseOptions) else None) or {}

    @property
    def _run_identity(self) -> str:
        """Holder of the Lease of the role run that the task is part of, '' for a module alone."""
        return str(self._lease_options.get("identity") or "")

    @property
    def lease(self) -> RunLease:
        """The Lease under which the task writes. No request is sent until it is used."""
        if self.opened.lease is None:
            self.opened.lease = RunLease(
                self.cluster,
                self.namespace or self.options.namespace,
                identity=self._run_identity,
                limit=self._lease_options.get("timeout", 300),
                awaiting=self._show_progress,
            )
        return self.opened.lease

    @property
    def used_lease(self) -> RunLease | None:
        """The Lease if the task has written under it."""
        lease = self.opened.lease
        return lease if lease is not None and lease.taken else None

    def end_lease(self) -> None:
        """Releases the Lease if no other task needs it, and reports what was found about it."""
        if self.opened.lease is not None:
            self.opened.lease.end_task()
            self.report(self.opened.lease.findings)

    def restarted(self) -> Context[Options_co]:
        """The context of the same task that starts again, with what it has changed so far."""
        return replace(
            self,
            findings=[],
            result={key: value for key, value in self.result.items() if key == "cluster"},
            namespace=None,
            under_new_lease=True,
            migrates=False,
        )

    @property
    def connected(self) -> Cluster | None:
        """The cluster if the task has connected it."""
        return self.opened.cluster

    def close(self) -> None:
        """Ends the connection to the cluster. A task may run in a worker that ends without tidying up."""
        if self.opened.cluster is not None:
            self.opened.cluster.close()

    def report(self, findings: Iterable[Finding]) -> None:
        """Records findings, each once. Raises nothing, even if an error is among them."""
        self.findings += [item for item in dict.fromkeys(findings) if item not in self.findings]

    def require(self, findings: Iterable[Finding]) -> None:
        """Records findings as report(). Raises Refusal if an error is among them, recorded before or not."""
        recorded = tuple(findings)
        self.report(recorded)
        if errors(recorded):
            raise Refusal(errors(recorded))

    def require_unplanned(self, findings: Iterable[Finding]) -> None:
        """As require(), of a check that the validation makes too. With a plan only errors: the validation has reported the others."""
        self.require(findings if self.plan is None else errors(findings))

    def change(self, what: str, before: Any, after: Any) -> None:
        """Records one change for `changed` and the diff. before, after: texts or structures without secrets."""
        self.changes.append({"before_header": what, "after_header": what, "before": before, "after": after})

    def awaiting(self, what: str, limit: float | None = None) -> Say:
        """Gets each state of a wait for `what` of at most `limit` seconds: shows it without secrets, and keeps the Lease that the run holds."""
        progress = self._show_progress(what, limit)

        def note_state(state: str) -> None:
            if not self.check_mode and (self.opened.lease is not None or self._run_identity):
                self.lease.while_waiting()
            progress(state)

        return note_state

    def _prepare_write(self, kind: str) -> None:
        try:
            self.lease.before_write(kind)
        except LeaseTaken:
            # A migration releases the Lease while it copies.
            if not self.migrates:
                self._require_no_migration()
            raise

    def _require_no_migration(self) -> None:
        """Raises Refusal (migration-running) if a migration blocks this write. Without the right to read its record it blocks nothing."""
        with suppress(Forbidden):
            record = self.cluster.get("ConfigMap", DAY2_RECORD, self.namespace or self.options.namespace)
            self.require(check_writer(read_record(record)))

    def _show_progress(self, what: str, limit: float | None = None) -> Progress:
        def say_masked(text: str) -> None:
            self.say(str(self.secrets.mask(text)))

        return Progress(say_masked, what, limit)
