# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a run may go back to the storage that a former revision still serves."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.failed_switch import still_serves

REVISION = "deployment.kubernetes.io/revision"
OLD, NEW = "s3/r/old", "s3/r/new"


def _replica_set(name: str, revision: str, storage_id: str) -> dict[str, Any]:
    annotations = {REVISION: revision, constants.STORAGE_ID: storage_id}
    owners = [{"uid": "uid-deployment", "controller": True}]
    metadata = {"name": name, "uid": f"uid-{name}", "annotations": annotations, "ownerReferences": owners}
    return {"metadata": metadata, "spec": {"template": {"spec": {}}}}


def _pod(owner: str, *, ready: bool, since: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": since}
    metadata = {"name": "pod", "ownerReferences": [{"uid": f"uid-{owner}", "controller": True}]}
    return {"metadata": metadata, "status": {"startTime": "2026-01-01T00:00:00Z", "conditions": [condition]}}


def _deployment() -> dict[str, Any]:
    metadata = {"uid": "uid-deployment", "generation": 2, "annotations": {REVISION: "2", constants.STORAGE_ID: NEW}}
    return {"metadata": metadata, "status": {"observedGeneration": 2}}


FORMER, CURRENT = _replica_set("former", "1", OLD), _replica_set("current", "2", NEW)
FAILED = _deployment()
RUNNING = [_pod("former", ready=True), _pod("current", ready=False)]


@pytest.mark.parametrize(
    ("deployment", "pods", "storage_id", "open_"),
    [
        (FAILED, RUNNING, OLD, True),
        (FAILED, RUNNING, "s3/r/another", False),
        (FAILED, [RUNNING[0], _pod("current", ready=False, since="2026-01-01T00:00:09Z")], OLD, False),
        (FAILED, [*RUNNING, _pod("current", ready=True)], OLD, False),
        (FAILED, [_pod("former", ready=False), _pod("current", ready=False)], OLD, False),
        (FAILED, [_pod("stranger", ready=True)], OLD, False),
    ],
)
def test_still_serves(deployment: Any, pods: list[dict[str, Any]], storage_id: str, open_: bool) -> None:
    """Only to what is served, only after a rollout that has never completed, and only without a ready Pod of the new revision."""

    class Cluster:
        def list(self, kind: str, namespace: str, label_selector: str) -> list[dict[str, Any]]:
            assert namespace == "ns" and label_selector
            return {"ReplicaSet": [FORMER, CURRENT], "Pod": pods}[kind]

    assert still_serves(Cluster(), "ns", deployment, storage_id) is open_  # type: ignore[arg-type]
