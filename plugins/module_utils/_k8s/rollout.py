# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for the rollout of a Deployment, and fails as soon as it is certain that the rollout cannot succeed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    label_selector,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import (
    claim_names,
    current_pods,
    current_replica_set,
    is_ready,
    is_rolled_out,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Awaiting, Say, without_progress
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.rollout_problems import (
    GRACE,
    Problem,
    Snapshot,
    describe_snapshot,
    event_time,
    find_problems,
    recent_events,
    replica_failure,
)

from .client import Cluster
from .errors import ClusterError, Forbidden

TICK = 2.0
_MOST_PODS = 3


class LogCause(Protocol):
    """The line of a container's log that explains why it failed."""

    @property
    def remedy(self) -> str:
        """What to do, empty if that is not known."""

    def text(self) -> str:
        """The line without credentials, and what it means if that is known."""


# Finds the cause in the end of a log, None if the log does not explain the failure.
ExplainLog: TypeAlias = Callable[[str], "LogCause | None"]


def wait_rollout(
    cluster: Cluster,
    namespace: str,
    name: str,
    timeout: float,
    *,
    explain_log: ExplainLog,
    grace: float = 30.0,
    awaiting: Awaiting = without_progress,
) -> ObjectDict:
    """Waits until every replica has the current template and is ready; returns the Deployment.

    timeout, grace: seconds. explain_log: finds the cause in the log of a container that failed. awaiting: gets the Pods' state.
    Raises Refusal with one finding: rollout-crashloop, -image-pull, -container-config, -volume as soon as that is certain, -unschedulable and mounts
    after `grace`, -admission as soon as the ReplicaSet's controller was rejected again (its waits double, up to 1000 s, and its status keeps a
    rejection that is over until then), rollout-gone, rollout-timeout.
    """
    progress = awaiting(f"rollout of Deployment/{name} in namespace {namespace}", timeout)
    waiting = _Waiting(cluster, namespace, name, grace, progress, explain_log)
    for deployment in cluster.watch("Deployment", name, namespace, time.monotonic() + timeout, tick=TICK):
        if deployment is None:
            text = "the Deployment does not exist or was deleted."
            raise Refusal(
                [error("rollout-gone", f"Deployment/{name}", text, "Run again. Find out which client deletes it.")]
            )
        if is_rolled_out(deployment):
            return deployment
        waiting.check(deployment)
    raise waiting.describe_timeout(timeout)


class _Waiting:
    """One wait: the last snapshot, and since when each problem lasts."""

    def __init__(
        self, cluster: Cluster, namespace: str, name: str, grace: float, progress: Say, explain_log: ExplainLog
    ) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.name = name
        self.grace = grace
        self.progress = progress
        self.explain_log = explain_log
        self.since: dict[str, float] = {}
        # Time of the last event about each problem when it was first seen.
        self.first_events: dict[str, str] = {}
        self.checked = float("-inf")
        self.snapshot: Snapshot | None = None

    def check(self, deployment: ObjectDict) -> None:
        """Reads the Pods, at most every half tick, and raises Refusal for a problem that lasted long enough."""
        if time.monotonic() - self.checked < TICK / 2:
            return
        self.snapshot = self.read_snapshot(deployment)
        self.checked = now = time.monotonic()
        self.progress(describe_snapshot(self.snapshot))
        found = find_problems(self.snapshot)
        self.since = {problem.key: self.since.get(problem.key, now) for problem in found}
        for problem in found:
            patience = self.grace if problem.patience == GRACE else problem.patience
            if problem.last_event and problem.last_event == self.first_events.setdefault(
                problem.key, problem.last_event
            ):
                # It may be from before this wait: the controller has not tried again.
                continue
            if now - self.since[problem.key] >= patience:
                raise Refusal([self.describe_problem(problem, self.snapshot)])

    def read_snapshot(self, deployment: ObjectDict) -> Snapshot:
        """The ReplicaSets and Pods; of Pods that are not ready, their claims and events as well."""
        labels = (deployment["spec"].get("selector") or {}).get("matchLabels") or {}
        selector = label_selector(labels)
        sets = self.cluster.list("ReplicaSet", self.namespace, label_selector=selector)
        found = self.cluster.list("Pod", self.namespace, label_selector=selector)
        snapshot = Snapshot(deployment, tuple(sets), tuple(found))
        replica_set = current_replica_set(deployment, sets)
        if replica_set is None:
            return snapshot
        claims: dict[str, ObjectDict | None] = {}
        uids = [str(replica_set["metadata"]["uid"])] if replica_failure(deployment, replica_set) else []
        for pod in [pod for pod in current_pods(replica_set, found) if not is_ready(pod)][:_MOST_PODS]:
            uids.append(str(pod["metadata"]["uid"]))
            if status_of(pod).get("phase") == "Pending":
                for claim in claim_names(pod):
                    claims[claim] = self.cluster.get("PersistentVolumeClaim", claim, self.namespace)
        uids += [str(claim["metadata"]["uid"]) for claim in claims.values() if claim is not None and _is_pending(claim)]
        events = {uid: events_about(self.cluster, self.namespace, uid) for uid in uids}
        return Snapshot(deployment, tuple(sets), tuple(found), claims, events)

    def describe_problem(self, problem: Problem, snapshot: Snapshot) -> Finding:
        """The problem with the Pod's last events and, of a container that exits, the cause from its log."""
        parts = [problem.message.rstrip(".")]
        remedy = problem.remedy
        if problem.container:
            cause, advice = self.read_cause(problem.pod, problem.container)
            parts += [cause] if cause else []
            remedy = advice or remedy
        uids = [str(pod["metadata"].get("uid")) for pod in snapshot.pods if pod["metadata"]["name"] == problem.pod]
        events = recent_events(snapshot, uids, problem.message)
        parts += [f"events: {events}"] if events else []
        return error(problem.code, f"Deployment/{self.name}", f"{'; '.join(parts)}.", remedy)

    def read_cause(self, pod: str, container: str) -> tuple[str, str]:
        """The line of the container's log that explains why it exited, and what to do; both empty if no line does."""
        for previous in (True, False):
            try:
                log = self.cluster.pod_log(self.namespace, pod, container, tail_lines=100, previous=previous)
            except ClusterError:
                return "", ""
            cause = self.explain_log(log)
            if cause is not None:
                return f"the registry logs: {cause.text()}", cause.remedy
        return "", ""

    def describe_timeout(self, timeout: float) -> Refusal:
        """The failure of a wait that took too long, with the last known state."""
        path = f"Deployment/{self.name}"
        remedy = "Check the Pod, or increase registry_wait_timeout."
        if self.snapshot is None:
            return Refusal(
                [error("rollout-timeout", path, f"the Deployment was not ready after {timeout:g} s.", remedy)]
            )
        parts = [f"the Deployment was not ready after {timeout:g} s: {describe_snapshot(self.snapshot)}"]
        found = find_problems(self.snapshot)
        parts += [found[0].message] if found else []
        events = recent_events(self.snapshot, self.snapshot.events)
        parts += [f"events: {events}"] if events else []
        for pod in self.snapshot.pods[:1] if not found else ():
            for entry in status_of(pod).get("containerStatuses") or []:
                cause, advice = self.read_cause(str(pod["metadata"]["name"]), str(entry.get("name")))
                parts += [cause] if cause else []
                remedy = advice or remedy
        return Refusal([error("rollout-timeout", path, f"{'; '.join(parts)}.", remedy)])


def events_about(cluster: Cluster, namespace: str, uid: str) -> tuple[ObjectDict, ...]:
    """The events about one object, the newest last; none if they cannot be read."""
    try:
        found = cluster.list("Event", namespace, field_selector=f"involvedObject.uid={uid}")
    except Forbidden:
        return ()
    return tuple(sorted(found, key=event_time))


def _is_pending(claim: Mapping[str, Any]) -> bool:
    return status_of(claim).get("phase") == "Pending"
