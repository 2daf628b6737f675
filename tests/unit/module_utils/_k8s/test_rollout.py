# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wait for a rollout: its patience, its last words, and what it reads."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.rollout_problems import Snapshot
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._core.rollout_parts import (
    container,
    deployment,
    pod,
    replica_set,
    snapshot,
    unschedulable,
    waiting,
)


class FakeCluster:
    """A cluster whose state never changes, on its own clock."""

    def __init__(self, it: Snapshot, log: str = "", forbidden: bool = False) -> None:
        """What to show."""
        self.snapshot = it
        self.log = log
        self.forbidden = forbidden
        self.now = 0.0
        self.reads = 0

    def watch(self, _kind: str, _name: str, _namespace: str, deadline: float, tick: float) -> Iterator[Any]:
        """Ticks until the deadline."""
        while self.now < deadline:
            yield self.snapshot.deployment
            self.now += tick

    def list(self, kind: str, _namespace: str, label_selector: str = "", field_selector: str = "") -> list[Any]:
        """Those of the state."""
        self.reads += 1
        if kind == "Event":
            if self.forbidden:
                raise Forbidden("Event", "no", "")
            return list(self.snapshot.events.get(field_selector.partition("=")[2], ()))
        assert label_selector == "a=b"
        return list(self.snapshot.replica_sets if kind == "ReplicaSet" else self.snapshot.pods)

    def get(self, _kind: str, name: str, _namespace: str) -> Any:
        """A claim."""
        return self.snapshot.claims.get(name)

    def pod_log(self, *_place: str, tail_lines: int, previous: bool) -> str:
        """The previous container's."""
        return self.log if previous and tail_lines else ""


def wait(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> tuple[Finding, float]:
    """The finding and when it came."""
    monkeypatch.setattr(time, "monotonic", lambda: cluster.now)
    with pytest.raises(Refusal) as caught:
        rollout.wait_rollout(cluster, "n", "d", 100, explain_log=find_cause, **settings)  # type: ignore[arg-type]
    (finding,) = caught.value.findings
    return finding, cluster.now


def test_a_crash_is_reported_at_once_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the log of the container before."""
    it = snapshot(pod(containerStatuses=[waiting("CrashLoopBackOff")]))
    log = "time=x level=info msg=begin\npanic: multiple storage drivers specified in configuration\n"
    finding, when = wait(FakeCluster(it, log), monkeypatch)
    assert (finding.code, when) == ("rollout-crashloop", 0)
    assert "panic: multiple storage drivers" in finding.message


def test_patience_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grace period as given, and the short one."""
    finding, when = wait(FakeCluster(snapshot(unschedulable("x"))), monkeypatch, grace=20)
    assert (finding.code, when) == ("rollout-unschedulable", 20)
    finding, when = wait(FakeCluster(snapshot(pod(containerStatuses=[waiting("RunContainerError")]))), monkeypatch)
    assert (finding.code, when) == ("rollout-container-config", 6)


def test_events_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is still reported."""
    it = snapshot(pod(containerStatuses=[waiting("ImagePullBackOff")]))
    finding, _when = wait(FakeCluster(it, forbidden=True), monkeypatch)
    assert finding.code == "rollout-image-pull"


def test_events_are_added_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what the message says already."""
    events = [
        {"type": "Warning", "reason": "Failed", "message": "because", "metadata": {}},
        {"type": "Warning", "reason": "Odd", "message": "something.", "lastTimestamp": "2", "metadata": {}},
        {"type": "Warning", "reason": "Odd", "message": "something.", "lastTimestamp": "3", "metadata": {}},
        {"type": "Normal", "reason": "Pulled", "message": "fine", "metadata": {}},
    ]
    it = snapshot(pod(containerStatuses=[waiting("ImagePullBackOff")]), events={"uid-p": tuple(events)})
    finding, _when = wait(FakeCluster(it), monkeypatch)
    assert finding.message.endswith("because; events: Odd: something.")


def test_the_time_out_says_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """State, events and the running container's words; the progress gets the state at each look."""
    event = {"type": "Warning", "reason": "Unhealthy", "message": "status 503", "metadata": {}}
    it = snapshot(pod(phase="Running", containerStatuses=[container({"running": {}})]), events={"uid-p": (event,)})
    reported: list[str] = []
    cluster = FakeCluster(it)
    finding, when = wait(cluster, monkeypatch, awaiting=lambda what, limit: reported.append)
    assert (finding.code, when) == ("rollout-timeout", 100)
    assert "c not ready (running)" in finding.message
    assert "Unhealthy: status 503" in finding.message
    assert set(reported) == {"Pod p Running: c not ready (running)"} and len(reported) > 40
    assert cluster.reads <= 3 * 51


def test_a_deployment_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once."""
    it = Snapshot(None)  # type: ignore[arg-type]
    assert wait(FakeCluster(it), monkeypatch)[0].code == "rollout-gone"


def test_a_finished_one_reads_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look."""
    done = {"updatedReplicas": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1}
    cluster = FakeCluster(snapshot(deployment=deployment(**done)))
    monkeypatch.setattr(time, "monotonic", lambda: cluster.now)
    found = rollout.wait_rollout(cluster, "n", "d", 100, explain_log=find_cause)  # type: ignore[arg-type]
    assert found["status"]["replicas"] == 1
    assert cluster.reads == 0


@pytest.mark.parametrize("message", ["exceeded quota: q", 'violates PodSecurity "restricted"'])
def test_a_rejection_of_the_past(monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    """The controller waits ever longer before it tries again. Its status names the last rejection until then: only a new one counts."""
    failure = {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": message}]}
    state = snapshot(sets=(replica_set(5, "new", **failure),))
    cluster = FakeCluster(state)

    class Retried(dict):  # type: ignore[type-arg]
        def get(self, _uid: str, _default: object = None) -> Any:
            moment = "2026-01-01T10:01:00Z" if cluster.now >= 40 else "2026-01-01T10:00:00Z"
            return ({"reason": "FailedCreate", "lastTimestamp": moment, "metadata": {}},)

    cluster.snapshot = dataclasses.replace(state, events=Retried())
    finding, when = wait(cluster, monkeypatch)
    assert finding.code == "rollout-admission" and 40 <= when <= 46
    cluster = FakeCluster(state, forbidden=True)
    assert wait(cluster, monkeypatch)[0].code == "rollout-admission" and cluster.now <= 6
