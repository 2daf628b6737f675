# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a run may go back to the storage that a former revision still serves."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.failed_switch import (
    has_never_served,
    nothing_served_since_window,
    still_serves,
)

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
OLD, NEW = "s3/r/old", "s3/r/new"
START, SECONDS_LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:00:03Z"
HOURS_LATER = "2026-01-01T05:00:00Z"


def _replica_set(name: str, revision: str, storage_id: str) -> dict[str, Any]:
    annotations = {REVISION: revision, constants.STORAGE_ID: storage_id}
    owners = [{"uid": "uid-deployment", "controller": True}]
    metadata = {"name": name, "uid": f"uid-{name}", "annotations": annotations, "ownerReferences": owners}
    return {"metadata": {**metadata, "creationTimestamp": START}, "spec": {"template": {"spec": {}}}}


def _pod(owner: str, *, ready: bool, since: str | None = None, created: str | None = START) -> dict[str, Any]:
    condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": since or created}
    metadata = {"name": "pod", "ownerReferences": [{"uid": f"uid-{owner}", "controller": True}]}
    created_at = {} if created is None else {"creationTimestamp": created}
    return {"metadata": {**metadata, **created_at}, "status": {"startTime": created, "conditions": [condition]}}


def _deployment(reason: str | None = None, replica_set: str = "current", replicas: int = 1) -> dict[str, Any]:
    metadata = {"uid": "uid-deployment", "generation": 2, "annotations": {REVISION: "2", constants.STORAGE_ID: NEW}}
    progress = {"type": "Progressing", "reason": reason, "message": f'ReplicaSet "{replica_set}" is a part of it.'}
    status = {"observedGeneration": 2, "conditions": [progress] if reason else []}
    return {"metadata": metadata, "spec": {"replicas": replicas}, "status": status}


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


FIRST, REPLACEMENT = _pod("current", ready=False), _pod("current", ready=False, created=HOURS_LATER)


def _used_again(changed: str, manager: str = "kube-controller-manager") -> dict[str, Any]:
    entry = {"manager": manager, "operation": "Update", "time": changed}
    annotations = {REVISION: "2", HISTORY: "1"}
    return {**CURRENT, "metadata": {**CURRENT["metadata"], "annotations": annotations, "managedFields": [entry]}}


USED_AGAIN = _used_again(HOURS_LATER)
AVAILABLE, PROGRESSING = "NewReplicaSetAvailable", "ReplicaSetUpdated"


@pytest.mark.parametrize(
    ("deployment", "replica_set", "pods", "never"),
    [
        pytest.param(FAILED, CURRENT, [FIRST], True, id="first Pod"),
        pytest.param(FAILED, CURRENT, [_pod("current", ready=False, created=SECONDS_LATER)], True, id="soon"),
        pytest.param(FAILED, CURRENT, [], False, id="no Pod"),
        pytest.param(FAILED, CURRENT, [REPLACEMENT], False, id="replacement"),
        pytest.param(FAILED, CURRENT, [FIRST, REPLACEMENT], False, id="one of two replaced"),
        pytest.param(FAILED, CURRENT, [_pod("current", ready=False, created=None)], False, id="age unknown"),
        pytest.param(_deployment(AVAILABLE), CURRENT, [FIRST], False, id="rollout was complete"),
        pytest.param(_deployment(AVAILABLE, "former"), CURRENT, [FIRST], True, id="former rollout was complete"),
        pytest.param(_deployment(PROGRESSING), CURRENT, [FIRST], True, id="rollout incomplete"),
        pytest.param(_deployment(PROGRESSING), CURRENT, [REPLACEMENT], False, id="replacement in a rollout"),
        pytest.param(_deployment(AVAILABLE, "former"), USED_AGAIN, [REPLACEMENT], True, id="used again"),
        pytest.param(FAILED, _used_again(START), [REPLACEMENT], False, id="used again, replacement"),
        pytest.param(FAILED, _used_again("2026-01-01T09:00:00Z"), [REPLACEMENT], False, id="used again, changed later"),
        pytest.param(FAILED, _used_again(HOURS_LATER, "other"), [REPLACEMENT], False, id="used again, unknown"),
        pytest.param(_deployment(AVAILABLE), USED_AGAIN, [REPLACEMENT], False, id="used again, complete"),
        pytest.param(_deployment(replicas=2), USED_AGAIN, [REPLACEMENT], False, id="used again, two"),
        pytest.param(FAILED, USED_AGAIN, [], False, id="used again, no Pod"),
        pytest.param(FAILED, CURRENT, [RUNNING[0]], True, id="no Pod, the former one serves"),
        pytest.param(FAILED, CURRENT, [RUNNING[0], REPLACEMENT], True, id="replacement, the former one serves"),
        pytest.param(_deployment(replicas=2), CURRENT, [RUNNING[0], REPLACEMENT], False, id="one of two serves"),
    ],
)
def test_only_evidence_shows_that_a_revision_has_never_served(
    deployment: Any, replica_set: Any, pods: list[dict[str, Any]], never: bool
) -> None:
    """A Pod that served may be gone: without a Pod from the beginning of the rollout, the revision counts as one that has served."""

    class Cluster:
        def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
            assert (kind, namespace) == ("Deployment", "ns") and name
            return dict(deployment)

        def list(self, kind: str, namespace: str, label_selector: str) -> list[dict[str, Any]]:
            assert namespace == "ns" and label_selector
            return {"ReplicaSet": [FORMER, replica_set], "Pod": pods}[kind]

    assert has_never_served(Cluster(), "ns") is never  # type: ignore[arg-type]


WINDOW, LAST = _replica_set("window", "1", OLD), _replica_set("last", "3", NEW)
WINDOW["metadata"]["managedFields"] = [{"manager": "kube-controller-manager", "operation": "Update", "time": START}]
WINDOW["spec"]["template"]["metadata"] = {"labels": dict(constants.READ_ONLY_LABEL)}
BEFORE, UNSERVED = _replica_set("before", "0", OLD), _pod("last", ready=False)
BETWEEN = _replica_set("between", "2", NEW)


@pytest.mark.parametrize(
    ("replica_sets", "pods", "replicas", "unavailable", "nothing"),
    [
        pytest.param([BEFORE, WINDOW, LAST], [UNSERVED], 1, None, True, id="the switch only"),
        pytest.param([BEFORE, LAST], [UNSERVED], 1, None, False, id="no revision of the window"),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED], 1, None, False, id="another revision between"),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED, _pod("between", ready=True)], 1, None, False, id="it serves"),
        pytest.param(
            [WINDOW, BETWEEN, LAST], [UNSERVED, _pod("between", ready=False)], 1, None, True, id="it never served"
        ),
        pytest.param(
            [WINDOW, BETWEEN, LAST], [UNSERVED, _pod("window", ready=True)], 1, None, True, id="the window serves"
        ),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED, _pod("window", ready=True)], 2, None, False, id="one of two"),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED], 1, START, True, id="no Pod was available since"),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED], 1, HOURS_LATER, False, id="a Pod was available since"),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED], 1, "yesterday", False, id="since when is not known"),
        pytest.param(
            [WINDOW, BETWEEN, LAST], [UNSERVED], -1, START, False, id="the older Pod ended because another served"
        ),
        pytest.param([WINDOW, BETWEEN, LAST], [UNSERVED], 2, START, False, id="not all of two were available"),
    ],
)
def test_every_revision_since_the_window_counts(
    replica_sets: list[dict[str, Any]],
    pods: list[dict[str, Any]],
    replicas: int,
    unavailable: str | None,
    nothing: bool,
) -> None:
    """A killed run has switched and its revision served; then a run with another image fails. Its own Pods do not show that.

    replicas: negative for a rolling update.
    """

    class Cluster:
        def list(self, kind: str, namespace: str, label_selector: str) -> list[dict[str, Any]]:
            assert namespace == "ns" and label_selector
            return {"ReplicaSet": replica_sets, "Pod": pods}[kind]

    deployment = _deployment(replicas=abs(replicas))
    deployment["spec"]["strategy"] = {"type": "Recreate" if replicas > 0 else "RollingUpdate"}
    if unavailable is not None:
        condition = {"type": "Available", "status": "False", "lastTransitionTime": unavailable}
        deployment["status"]["conditions"].append(condition)
    deployment["metadata"]["annotations"][REVISION] = "3"
    assert nothing_served_since_window(Cluster(), "ns", deployment) is nothing  # type: ignore[arg-type]
    if replica_sets[:2] == [WINDOW, BETWEEN]:
        served = any(item["metadata"]["ownerReferences"][0]["uid"] == "uid-window" for item in pods)
        assert still_serves(Cluster(), "ns", deployment, OLD) is (served and nothing)  # type: ignore[arg-type]
