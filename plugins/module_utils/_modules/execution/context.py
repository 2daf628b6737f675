# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the body of a module gets, and where it leaves what it finds and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import DAY2_RECORD
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Progress, Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden

from .known_secrets import KnownSecrets
from .migration_record import check_writer, read_record
from .plan import Plan
from .run_lease import LeaseTaken, RunLease


@dataclass
class Context:
    """Options, cluster and check mode of one task; its findings, changes and result.

    say: shows progress to the user. namespace: the registry's, if it is not that of the options. plan: that the task was given; its decisions
    are among the options. under_new_lease: the task has taken the Lease and starts again, so what the plan judged can have changed.
    migrates: the task is a part of a migration, whose record blocks the writes of others.
    """

    params: Mapping[str, Any]
    check_mode: bool
    secrets: KnownSecrets = field(default_factory=KnownSecrets)
    findings: list[Finding] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    say: Say = silent
    namespace: str | None = None
    plan: Plan | None = None
    under_new_lease: bool = False
    migrates: bool = False
    _cluster: Cluster | None = None
    _lease: RunLease | None = None

    def read_plan(self) -> None:
        """Completes the options with the plan that is among them. Raises Refusal (plan-invalid)."""
        given = self.params.get("plan")
        if given is not None:
            self.plan = Plan.from_result(given)
            self.params = self.plan.complete(self.params)

    @property
    def cluster(self) -> Cluster:
        """The cluster. It is connected at first use, so that wrong input is reported without a cluster."""
        if self._cluster is None:
            self._cluster = connect(self.params)
            self.result["cluster"] = {"host": self._cluster.target.host, "source": self._cluster.target.source}
            self._cluster.show_repetitions(lambda: self._show_progress("the API server"))
            if not self.check_mode:
                self._cluster.before_write = self._prepare_write
        return self._cluster

    @property
    def _run_identity(self) -> str:
        """Holder of the Lease of the role run that the task is part of, '' for a module alone."""
        return str((self.params.get("lease") or {}).get("identity") or "")

    @property
    def lease(self) -> RunLease:
        """The Lease under which the task writes. No request is sent until it is used."""
        if self._lease is None:
            options = self.params.get("lease") or {}
            self._lease = RunLease(
                self.cluster,
                self.namespace or self.params["namespace"],
                identity=self._run_identity,
                limit=options.get("timeout", 300),
                awaiting=self._show_progress,
            )
        return self._lease

    @property
    def used_lease(self) -> RunLease | None:
        """The Lease if the task has written under it."""
        return self._lease if self._lease is not None and self._lease.taken else None

    def end_lease(self) -> None:
        """Releases the Lease if no other task needs it, and reports what was found about it."""
        if self._lease is not None:
            self._lease.end_task()
            self.findings.extend(self._lease.findings)

    def restarted(self) -> Context:
        """The context of the same task that starts again, with what it has changed so far."""
        again = Context(self.params, self.check_mode, self.secrets, changes=self.changes, say=self.say, plan=self.plan)
        again.under_new_lease = True
        again._cluster, again._lease = self._cluster, self._lease
        again.result = {key: value for key, value in self.result.items() if key == "cluster"}
        return again

    @property
    def connected(self) -> Cluster | None:
        """The cluster if the task has connected it."""
        return self._cluster

    def close(self) -> None:
        """Ends the connection to the cluster. A task may run in a worker that ends without tidying up."""
        if self._cluster is not None:
            self._cluster.close()

    def report(self, findings: Iterable[Finding]) -> None:
        """Records findings. Raises Refusal if an error is among them."""
        recorded = tuple(findings)
        self.findings.extend(recorded)
        if errors(recorded):
            raise Refusal(errors(recorded))

    def report_unplanned(self, findings: Iterable[Finding]) -> None:
        """Records findings of a check that the validation makes too. With a plan only errors: the validation has reported the others."""
        self.report(findings if self.plan is None else errors(findings))

    def change(self, what: str, before: Any, after: Any) -> None:
        """Records one change for `changed` and the diff. before, after: texts or structures without secrets."""
        self.changes.append({"before_header": what, "after_header": what, "before": before, "after": after})

    def awaiting(self, what: str, limit: float | None = None) -> Say:
        """Gets each state of a wait for `what` of at most `limit` seconds: shows it without secrets, and keeps the Lease that the run holds."""
        progress = self._show_progress(what, limit)

        def note_state(state: str) -> None:
            if not self.check_mode and (self._lease is not None or self._run_identity):
                self.lease.while_waiting()
            progress(state)

        return note_state

    def _prepare_write(self, kind: str) -> None:
        try:
            self.lease.before_write(kind)
        except LeaseTaken:
            # A migration gives the Lease back while it copies.
            if not self.migrates:
                self._require_no_migration()
            raise

    def _require_no_migration(self) -> None:
        """Raises Refusal (migration-running) if a migration blocks this write. Without the right to read its record it blocks nothing."""
        with suppress(Forbidden):
            record = self.cluster.get("ConfigMap", DAY2_RECORD, self.namespace or self.params["namespace"])
            self.report(check_writer(read_record(record)))

    def _show_progress(self, what: str, limit: float | None = None) -> Progress:
        def say_masked(text: str) -> None:
            self.say(str(self.secrets.mask(text)))

        return Progress(say_masked, what, limit)
