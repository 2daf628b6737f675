# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which problems make a rollout fail, how long each must last, and that messages quote no secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import rollout_problems
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.rollout_problems import (
    AT_ONCE,
    GRACE,
    SOON,
    Snapshot,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._core.rollout_parts import (
    codes,
    container,
    deployment,
    ended,
    pod,
    replica_set,
    snapshot,
    unschedulable,
    waiting,
)


@pytest.mark.parametrize(
    ("reason", "code", "patience"),
    [
        ("ImagePullBackOff", "rollout-image-pull", AT_ONCE),
        ("InvalidImageName", "rollout-image-pull", AT_ONCE),
        ("ErrImageNeverPull", "rollout-image-pull", AT_ONCE),
        ("ErrImagePull", "rollout-image-pull", SOON),
        ("CreateContainerConfigError", "rollout-container-config", AT_ONCE),
        ("CreateContainerError", "rollout-container-config", SOON),
        ("RunContainerError", "rollout-container-config", SOON),
        ("CrashLoopBackOff", "rollout-crashloop", AT_ONCE),
    ],
)
@pytest.mark.parametrize("place", ["containerStatuses", "initContainerStatuses"])
def test_reasons_of_waiting_containers(reason: str, code: str, patience: float, place: str) -> None:
    """Of init containers as well."""
    assert codes(snapshot(pod(**{place: [waiting(reason)]}))) == [(code, patience)]


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing"])
def test_reasons_that_are_none(reason: str) -> None:
    """Pods begin like this."""
    assert codes(snapshot(pod(containerStatuses=[waiting(reason)]))) == []


@pytest.mark.parametrize(
    ("status", "fails"),
    [
        (container({"running": {}}, ended(2), 1), False),
        (container({"running": {}}, ended(2), 2), True),
        (container({"running": {}}, ended(0), 5), False),
        (container({"running": {}}, ended(2), 5, ready=True), False),
        (container(ended(1), {}, 2), True),
        (container(ended(1), {}, 0), False),
    ],
)
def test_restarts(status: dict[str, Any], fails: bool) -> None:
    """Two ends with an error, while it is not ready."""
    assert bool(codes(snapshot(pod(phase="Running", containerStatuses=[status])))) is fails


def test_only_pods_that_are_to_stay_are_blamed() -> None:
    """Not the old template's, not those on their way out, not evicted ones, not those of other workloads."""
    bad = {"containerStatuses": [waiting("CrashLoopBackOff")]}
    leaving = pod("leaving", **bad)
    leaving["metadata"]["deletionTimestamp"] = "now"
    others = [pod("old", "old", **bad), pod("stranger", "x", **bad), pod("evicted", phase="Failed", **bad), leaving]
    assert codes(snapshot(*others)) == []
    assert "leaving" in rollout_problems.describe_snapshot(snapshot(*others))


def test_nothing_is_blamed_before_the_controller_has_seen_the_change() -> None:
    """The present ReplicaSet is then still the old one."""
    bad = pod(containerStatuses=[waiting("CrashLoopBackOff")])
    assert codes(snapshot(bad, deployment=deployment(observedGeneration=1))) == []
    assert codes(snapshot(bad, sets=(replica_set(4, "new"),))) == []


@pytest.mark.parametrize(
    ("message", "patience"), [('violates PodSecurity "restricted"', AT_ONCE), ("exceeded quota: q", SOON)]
)
def test_pods_that_the_api_server_refuses(message: str, patience: float) -> None:
    """A quota is given a moment."""
    failure = {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": message}]}
    for it in (snapshot(sets=(replica_set(5, "new", **failure),)), snapshot(deployment=deployment(**failure))):
        (problem,) = rollout_problems.find_problems(it)
        assert (problem.code, problem.patience) == ("rollout-admission", patience)
        assert message in problem.message
    gone = {"conditions": [{"type": "ReplicaFailure", "status": "False"}]}
    assert codes(snapshot(sets=(replica_set(5, "new", **gone),))) == []


def test_pods_without_a_node() -> None:
    """After grace; a volume's fault has its own code; an autoscaler at work is none."""
    assert codes(snapshot(unschedulable("Insufficient memory"))) == [("rollout-unschedulable", GRACE)]
    unbound = unschedulable("pod has unbound immediate PersistentVolumeClaims")
    assert codes(snapshot(unbound)) == [("rollout-volume", GRACE)]
    events = {"uid-p": ({"reason": "TriggeredScaleUp", "message": "x"},)}
    assert codes(snapshot(unschedulable("Insufficient memory"), events=events)) == []


def claiming() -> dict[str, Any]:
    """A Pod that mounts claim `data`."""
    it = pod()
    it["spec"] = {
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "w", "emptyDir": {}}]
    }
    return it


def claim(phase: str) -> dict[str, Any]:
    """Claim `data`."""
    return {"metadata": {"name": "data", "uid": "C"}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("there", "event", "expected"),
    [
        (None, None, [("rollout-volume", SOON)]),
        (claim("Lost"), None, [("rollout-volume", AT_ONCE)]),
        (claim("Bound"), None, []),
        (claim("Pending"), None, []),
        (claim("Pending"), {"reason": "WaitForFirstConsumer", "message": "waiting"}, []),
        (
            claim("Pending"),
            {"reason": "ProvisioningFailed", "message": 'class "x" not found'},
            [("rollout-volume", AT_ONCE)],
        ),
        (claim("Pending"), {"reason": "ProvisioningFailed", "message": "timeout"}, [("rollout-volume", SOON)]),
    ],
)
def test_claims(there: Any, event: Any, expected: list[tuple[str, float]]) -> None:
    """Missing, lost, without a class, or just waiting."""
    events = {"C": (event,)} if event else {}
    assert codes(snapshot(claiming(), claims={"data": there}, events=events)) == expected


def test_volumes_that_do_not_mount() -> None:
    """After grace: the first try often comes too early."""
    events = {"uid-p": ({"reason": "FailedMount", "message": "no such secret"},)}
    assert codes(snapshot(pod(), events=events)) == [("rollout-volume", GRACE)]
    assert codes(snapshot(pod(phase="Running"), events=events)) == []


def test_certain_problems_come_first() -> None:
    """Before those that need patience."""
    found = rollout_problems.find_problems(
        snapshot(unschedulable("x"), pod("q", containerStatuses=[waiting("CrashLoopBackOff")]))
    )
    assert [problem.code for problem in found] == ["rollout-crashloop", "rollout-unschedulable"]


SECRET = "c4n4ry-of-the-rollout-test"


def _event(reason: str, message: str) -> dict[str, Any]:
    return {"type": "Warning", "reason": reason, "message": message}


@pytest.mark.parametrize(
    "it",
    [
        snapshot(
            sets=(
                replica_set(
                    5,
                    "new",
                    conditions=[{"type": "ReplicaFailure", "status": "True", "message": f"env TOKEN={SECRET}"}],
                ),
            )
        ),
        snapshot(
            pod(
                containerStatuses=[
                    container({"waiting": {"reason": "RunContainerError", "message": f"exec: serve --token={SECRET}"}})
                ]
            )
        ),
        snapshot(
            pod(), events={"uid-p": (_event("FailedMount", f"mount -t cifs -o username=a,password={SECRET} //share"),)}
        ),
        snapshot(
            pod(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": f"secret={SECRET}",
                    }
                ]
            )
        ),
    ],
    ids=["admission", "container", "mount", "scheduling"],
)
def test_what_the_cluster_quotes(it: Snapshot) -> None:
    """Commands, mounts and policies are reported without what may be a credential."""
    (problem,) = rollout_problems.find_problems(it)
    assert SECRET not in problem.message and "***" in problem.message


def test_what_events_quote() -> None:
    """The output of a probe, and an address with its signature."""
    quoted = (
        _event("Unhealthy", f"probe failed: password: {SECRET}"),
        _event("Failed", f"Get https://a/b?sig={SECRET}"),
    )
    reported = rollout_problems.recent_events(snapshot(events={"uid-p": quoted}), ["uid-p"])
    assert SECRET not in reported and reported.count("***") == 2


def test_what_a_claim_quotes() -> None:
    """The storage's own words."""
    claim = {"metadata": {"uid": "C"}, "status": {"phase": "Pending"}}
    waiting_pod = pod()
    waiting_pod["spec"] = {"volumes": [{"persistentVolumeClaim": {"claimName": "c"}}]}
    events = {"C": (_event("ProvisioningFailed", f"login with secret={SECRET}"),)}
    (problem,) = rollout_problems.find_problems(snapshot(waiting_pod, claims={"c": claim}, events=events))
    assert SECRET not in problem.message and "***" in problem.message
