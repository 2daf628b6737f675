# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator left that does not run any more: only its own objects go, and only where it is known that it does not run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import execute
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import handover, mode
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage

OPERATORS = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
DEPLOYMENT = ("Deployment", constants.REGISTRY)
CLAIM = ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)


class _Cluster:
    """Objects by kind and name, and what was written; Deployments of all namespaces may not be listed."""

    warnings: tuple[str, ...] = ()

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = {(item["kind"], item["metadata"]["name"]): item for item in items}
        self.deleted: list[tuple[str, str]] = []
        self.patched: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, _namespace: str | None = None) -> Any:
        return self.items.get((kind, name))

    def list_if_served(self, kind: str, _namespace: str) -> list[dict[str, Any]]:
        return [item for place, item in self.items.items() if place[0] == kind]

    def list(self, kind: str, **_: Any) -> list[Any]:
        if kind == "Deployment":
            raise Forbidden(kind, "may not be listed", "Ask.")
        standard = {"storageclass.kubernetes.io/is-default-class": "true"}
        return [_object("StorageClass", "standard", annotations=standard)] if kind == "StorageClass" else []

    def delete(self, kind: str, name: str, _namespace: str, *, uid: str) -> bool:
        assert uid == "uid"
        self.deleted.append((kind, name))
        return True

    def patch(self, kind: str, name: str, _namespace: str, _body: Any, *, content_type: str) -> None:
        assert content_type == "application/merge-patch+json"
        self.patched.append((kind, name))


def _object(
    kind: str, name: str = constants.REGISTRY, labels: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    fixed = {"name": name, "namespace": "ns", "uid": "uid", "resourceVersion": "1", "labels": labels or {}}
    return {"kind": kind, "metadata": {**fixed, **more}, "spec": {}}


def _cr(*finalizers: str) -> dict[str, Any]:
    return _object("DockerRegistry", constants.CR_NAME, finalizers=list(finalizers))


def _to_direct(*items: dict[str, Any]) -> _Cluster:
    deployment = _object(*DEPLOYMENT, OPERATORS)
    cluster = _Cluster(deployment, *items)
    context = Context({}, check_mode=False, _cluster=cluster)  # type: ignore[arg-type]
    try:
        handover.hand_over_to_direct_mode(context, "ns", deployment, _cr(mode.FINALIZER))
    except Refusal as refusal:
        assert {finding.code for finding in refusal.findings} == {"object-not-ours"}
        assert {finding.path for finding in refusal.findings} == {
            f"{item['kind']}/{item['metadata']['name']}" for item in items
        }
        assert (cluster.deleted, cluster.patched) == ([], [])
        raise
    return cluster


def test_what_the_operator_made_goes_or_changes_hands() -> None:
    """The Deployment goes last; a volume stays, whoever made it, and so does what is ours already."""
    ours = _object("ServiceAccount", labels=dict(constants.MANAGED_BY))
    cluster = _to_direct(_object("ConfigMap", constants.CONFIG_MAP, OPERATORS), ours, _object(*CLAIM))
    assert cluster.deleted == [("ConfigMap", constants.CONFIG_MAP), DEPLOYMENT]
    assert cluster.patched == [CLAIM, ("DockerRegistry", constants.CR_NAME)]


@pytest.mark.parametrize("labels", [{}, {"app.kubernetes.io/managed-by": "Helm"}])
def test_what_somebody_else_made_stays(labels: dict[str, str]) -> None:
    """It is told before the operator's objects are touched: direct mode could not make its own beside it."""
    with pytest.raises(Refusal):
        _to_direct(_object("ServiceAccount", labels=labels), _object("PodDisruptionBudget", labels=labels))


PARAMS: dict[str, Any] = {
    "name": constants.CR_NAME,
    "namespace": "ns",
    "mode": "direct",
    "manifest": None,
    "storage": None,
    "logging": None,
    "labels": {},
    "volume_size": "20Gi",
    "volume_storage_class": None,
    "volume_access_modes": ["ReadWriteOnce"],
    "replicas": 1,
    "create_namespace": True,
    "environment": {},
    "accept_data_loss": "",
}


def _run(monkeypatch: pytest.MonkeyPatch, state: str, *items: dict[str, Any]) -> tuple[dict[str, Any], _Cluster]:
    cluster = _Cluster(*items)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    return execute(
        docker_registry_storage.manage_docker_registry, {**PARAMS, "state": state}, check_mode=False
    ).result, cluster


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("shown", [["Deployment"], ["DockerRegistry"], ["Deployment", "DockerRegistry"]])
def test_an_operator_that_may_not_be_looked_for(state: str, shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever of one shows in the namespace stops direct mode, a run and a removal alike, before anything is written."""
    items = [_cr(*([mode.FINALIZER] if "DockerRegistry" in shown else []))]
    items += [_object(*DEPLOYMENT, OPERATORS)] if "Deployment" in shown else []
    result, cluster = _run(monkeypatch, state, *items)
    assert result["failed"] and (cluster.deleted, cluster.patched) == ([], [])
    reported = [item for item in result["findings"] if item["severity"] == "error"]
    assert [item["path"].partition("/")[0] for item in reported] == shown
    assert {item["code"] for item in reported} == {"operator-owns-registry"}


def test_removal_where_nothing_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to look, a removal goes on as far as nothing of an operator is there."""
    result, cluster = _run(monkeypatch, "absent", _cr(), _object(*DEPLOYMENT, dict(constants.MANAGED_BY)))
    assert not result.get("failed"), result
    assert (cluster.deleted, cluster.patched) == ([("DockerRegistry", constants.CR_NAME)], [])
    assert [item["code"] for item in result["findings"]] == ["mode-unknown"]
