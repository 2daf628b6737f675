# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Deployment, its ReplicaSets and Pods, as the tests of rollouts need them."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.rollout_problems import Snapshot, find_problems

REVISION = "deployment.kubernetes.io/revision"


def deployment(**status: Any) -> dict[str, Any]:
    """Generation 2, one replica, revision 5."""
    return {
        "metadata": {"name": "d", "uid": "D", "generation": 2, "annotations": {REVISION: "5"}},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}},
        "status": {"observedGeneration": 2, **status},
    }


def replica_set(revision: int, uid: str, **status: Any) -> dict[str, Any]:
    """One of the Deployment's."""
    owners = [{"uid": "D"}]
    metadata = {
        "name": f"d-{revision}",
        "uid": uid,
        "annotations": {REVISION: str(revision)},
        "ownerReferences": owners,
    }
    return {"metadata": metadata, "status": status}


def pod(name: str = "p", owner: str = "new", *, phase: str = "Pending", **status: Any) -> dict[str, Any]:
    """A Pod of the ReplicaSet with this UID."""
    metadata = {"name": name, "uid": f"uid-{name}", "ownerReferences": [{"uid": owner}]}
    return {"metadata": metadata, "spec": {}, "status": {"phase": phase, **status}}


def container(
    state: dict[str, Any], last: dict[str, Any] | None = None, restarts: int = 0, ready: bool = False
) -> dict[str, Any]:
    """The status of container `c`."""
    return {"name": "c", "state": state, "lastState": last or {}, "restartCount": restarts, "ready": ready}


def waiting(reason: str) -> dict[str, Any]:
    """A container that waits for this reason."""
    return container({"waiting": {"reason": reason, "message": "because"}})


def ended(code: int) -> dict[str, Any]:
    """A state."""
    return {"terminated": {"exitCode": code, "reason": "Error"}}


def snapshot(*found: dict[str, Any], **settings: Any) -> Snapshot:
    """These Pods, with an old and the present ReplicaSet."""
    sets = (replica_set(4, "old"), replica_set(5, "new"))
    return Snapshot(settings.pop("deployment", deployment()), settings.pop("sets", sets), found, **settings)


def codes(it: Snapshot) -> list[tuple[str, float]]:
    """Codes and patiences."""
    return [(problem.code, problem.patience) for problem in find_problems(it)]


def unschedulable(message: str) -> dict[str, Any]:
    """A Pod without a node."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return pod(conditions=[condition])
