# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a Pod of a former revision is left that can accept a push."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.revisions import has_former_pods


def _owned(name: str, kind: str, owner: str, **metadata: Any) -> dict[str, Any]:
    owners = [{"kind": kind, "name": owner, "uid": f"uid-{owner}", "controller": True}]
    return {"metadata": {"name": name, "uid": f"uid-{name}", "ownerReferences": owners, **metadata}}


def _pod(owner: str, phase: str = "Running", **metadata: Any) -> dict[str, Any]:
    return {**_owned("pod", "ReplicaSet", owner, **metadata), "status": {"phase": phase}}


DEPLOYMENT = {
    "metadata": {
        "name": constants.REGISTRY,
        "uid": "uid-dockerregistry",
        "annotations": {REVISION: "2"},
        "generation": 3,
    },
    "status": {"observedGeneration": 3},
}
SETS = [
    _owned(f"dockerregistry-{number}", "Deployment", constants.REGISTRY, annotations={REVISION: number})
    for number in ("1", "2")
]
CURRENT = _pod("dockerregistry-2")


class _Cluster:
    def __init__(self, deployment: dict[str, Any] | None, pods: list[dict[str, Any]]) -> None:
        self._deployment = deployment
        self._lists = {"ReplicaSet": SETS, "Pod": pods}

    def get(self, *_arguments: str) -> dict[str, Any] | None:
        return self._deployment

    def list(self, kind: str, _namespace: str, label_selector: str) -> list[dict[str, Any]]:
        assert label_selector == "app=docker-registry,release=dockerregistry"
        return self._lists[kind]


@pytest.mark.parametrize(
    ("deployment", "pods", "left"),
    [
        (DEPLOYMENT, [CURRENT], False),
        (DEPLOYMENT, [CURRENT, _pod("dockerregistry-1")], True),
        (DEPLOYMENT, [CURRENT, _pod("dockerregistry-1", deletionTimestamp="2026-01-01")], True),
        (DEPLOYMENT, [CURRENT, _pod("dockerregistry-0", deletionTimestamp="2026-01-01")], True),
        (DEPLOYMENT, [CURRENT, _pod("dockerregistry-1", "Failed"), _pod("dockerregistry-1", "Succeeded")], False),
        (DEPLOYMENT, [CURRENT, _pod("stranger-1")], False),
        ({**DEPLOYMENT, "status": {"observedGeneration": 2}}, [CURRENT], True),
        (None, [], False),
    ],
    ids=["none", "former", "leaving", "ReplicaSet gone", "ended", "another's", "not observed", "no Deployment"],
)
def test_has_former_pods(deployment: Any, pods: list[dict[str, Any]], left: bool) -> None:
    """A Pod that is being deleted counts: the Deployment's status does not."""
    assert has_former_pods(_Cluster(deployment, pods), "ns") is left  # type: ignore[arg-type]
