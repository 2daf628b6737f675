# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Pod is asked what the registry stores, and gets its password."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    connect_registry,
)

REVISION = "deployment.kubernetes.io/revision"
LABELS = dict(constants.SELECTOR)


def _object(name: str, owner: str = "", **content: Any) -> dict[str, Any]:
    owners = [{"uid": owner, "controller": True}] if owner else []
    metadata = {"name": name, "uid": f"uid-{name}", "labels": LABELS, "ownerReferences": owners}
    return {"metadata": {**metadata, **content.pop("metadata", {})}, **content}


def _pod(name: str, owner: str, created: str = "2026-01-01", *, ready: bool = True, **metadata: Any) -> dict[str, Any]:
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    return _object(name, owner, metadata={"creationTimestamp": created, **metadata}, status={"conditions": [condition]})


DEPLOYMENT = _object(
    constants.REGISTRY,
    metadata={"annotations": {REVISION: "2"}, "generation": 3, "labels": dict(constants.MANAGED_BY)},
    spec={"template": {"spec": {}}},
    status={"observedGeneration": 3},
)
CURRENT = _object("current", "uid-dockerregistry", metadata={"annotations": {REVISION: "2"}})
FORMER = _object("former", "uid-dockerregistry", metadata={"annotations": {REVISION: "1"}})
SETS = [FORMER, CURRENT]
USER = {constants.USERNAME_KEY: b"user", constants.PASSWORD_KEY: b"password"}
CREDENTIALS = secret_object(constants.CREDENTIALS_SECRET, "ns", USER)
CREDENTIALS["metadata"]["uid"] = "uid-user"


class _Cluster:
    def __init__(self, deployment: dict[str, Any] | None, pods: list[dict[str, Any]]) -> None:
        self._deployment = deployment
        self._lists = {"ReplicaSet": SETS, "Pod": pods}

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        assert namespace == "ns"
        if kind == "Secret":
            return CREDENTIALS
        assert (kind, name) == ("Deployment", constants.REGISTRY)
        return self._deployment

    @contextlib.contextmanager
    def port_forward(self, namespace: str, _pod: str, port: int) -> Iterator[Any]:
        assert (namespace, port) == ("ns", constants.API_PORT)
        yield None

    def list(self, kind: str, namespace: str, label_selector: str) -> list[dict[str, Any]]:
        assert namespace == "ns" and label_selector == "app=docker-registry,release=dockerregistry"
        return self._lists[kind]


@pytest.mark.parametrize(
    ("deployment", "pods", "name"),
    [
        (DEPLOYMENT, [_pod("a", "uid-current"), _pod("b", "uid-current", "2026-01-02")], "b"),
        (DEPLOYMENT, [_pod("a", "uid-current"), _pod("stranger", "uid-other", "2026-01-02")], "a"),
        (DEPLOYMENT, [_pod("a", "uid-current"), _pod("orphan", "", "2026-01-02")], "a"),
        (DEPLOYMENT, [_pod("a", "uid-former", "2026-01-02")], None),
        (DEPLOYMENT, [_pod("a", "uid-current", ready=False)], None),
        (DEPLOYMENT, [_pod("a", "uid-current", deletionTimestamp="2026-01-02")], None),
        (None, [_pod("a", "uid-current")], None),
        ({**DEPLOYMENT, "status": {"observedGeneration": 2}}, [_pod("a", "uid-current")], None),
    ],
    ids=["newest", "stranger", "orphan", "former", "not ready", "leaving", "no Deployment", "not observed"],
)
def test_pod_that_answers(deployment: Any, pods: list[dict[str, Any]], name: str | None) -> None:
    """A ready Pod of the current ReplicaSet of the registry's own Deployment, or none."""
    context: Any = SimpleNamespace(
        cluster=_Cluster(deployment, pods),
        secrets=SimpleNamespace(hide=lambda _secret: None),
        awaiting=lambda _what, _limit: lambda _state: None,
    )
    try:
        with connect_registry(context, "ns") as registry:
            found = registry.pod
    except Refusal as refusal:
        assert [item.code for item in refusal.findings] == ["registry-not-running"]
        found = None
    assert found == name
