# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of others are found by the first task of a role run, and a registry that runs costs no request."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body

Key = tuple[str, str]
Object = dict[str, Any]

OPERATORS = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
SERVICE: Key = ("Service", constants.REGISTRY)
S3 = {"s3": {"bucket": "company-images", "region": "eu-central-1", "secretName": "keys"}}
KEYS = {"accessKey": "QUtJQUVYQU1QTEVFWEFNUExFMDA=", "secretKey": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnc="}
# What the role deploys for each.
VOLUMES_OBJECTS = [
    key
    for key in object_catalog.CATALOG
    if key not in (*object_catalog.OPERATOR_ONLY, object_catalog.EGRESS, object_catalog.DISRUPTION_BUDGET)
]
STORES_OBJECTS = [
    key
    for key in object_catalog.CATALOG
    if key not in object_catalog.OPERATOR_ONLY and key[0] != "PersistentVolumeClaim"
]


def _object(key: Key, labels: dict[str, str] | None = None, **metadata: Any) -> Object:
    fixed = {"name": key[1], "namespace": "ns", "uid": "u", "labels": labels or {}}
    return {"kind": key[0], "metadata": {**fixed, **metadata}, "spec": {"template": {"spec": {"containers": []}}}}


class _Cluster:
    """Objects by kind and name. Notes what is read of the catalog; nothing can be written."""

    def __init__(self, *items: Object, forbidden: str = "") -> None:
        self.items = {(item["kind"], item["metadata"]["name"]): item for item in items}
        self.items["Namespace", "ns"] = {"kind": "Namespace", "metadata": {"name": "ns"}}
        self.items["Secret", "keys"] = {"kind": "Secret", "metadata": {"name": "keys"}, "data": KEYS}
        self.forbidden = forbidden
        self.read: list[Key] = []

    def get(self, kind: str, name: str, _namespace: str | None = None) -> Object | None:
        if kind == self.forbidden:
            raise Forbidden(kind, "cannot be read.", "Allow it.")
        if (kind, name) in object_catalog.CATALOG:
            self.read.append((kind, name))
        return self.items.get((kind, name))

    def list(self, kind: str, *_: Any, **__: Any) -> list[Object]:
        standard = {"storageclass.kubernetes.io/is-default-class": "true"}
        return [_object(("StorageClass", "standard"), annotations=standard)] if kind == "StorageClass" else []

    def list_if_served(self, _kind: str, _namespace: str) -> list[Object]:
        return []


def _validate(
    monkeypatch: pytest.MonkeyPatch, cluster: _Cluster, **options: Any
) -> tuple[list[str], list[Key], dict[str, Any]]:
    """Paths of object-not-ours, what was read of the catalog beside Deployment and claim, and the result."""
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {name: option.get("default") for name, option in docker_registry_storage.SPEC.options.items()}
    given = {**params, "namespace": "ns", "state": "validated", "mode": "direct", **options}
    result = run_body(docker_registry_storage.manage_docker_registry, given, check_mode=False).result
    found = [item["path"] for item in result["findings"] if item["code"] == "object-not-ours"]
    always = (object_catalog.DEPLOYMENT, ("PersistentVolumeClaim", constants.DEFAULT_CLAIM))
    return found, [key for key in cluster.read if key not in always], result


@pytest.mark.parametrize("key", [key for key in object_catalog.CATALOG if key not in object_catalog.OPERATOR_ONLY])
def test_a_first_deployment(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    """Each object that the role will write, before the credentials and the storage Secret are."""
    found, _read, result = _validate(monkeypatch, _Cluster(_object(key)), storage=S3)
    assert found == ["/".join(key)], result


def test_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With their owners, as far as the objects show them."""
    cluster = _Cluster(
        _object(SERVICE, {"app.kubernetes.io/managed-by": "Helm"}),
        _object(("ServiceAccount", constants.REGISTRY), ownerReferences=[{"kind": "Chart", "name": "other"}]),
        _object(object_catalog.DISRUPTION_BUDGET, managedFields=[{"manager": "kubectl-create"}]),
        _object(("Service", constants.METRICS_SERVICE), dict(constants.MANAGED_BY)),
    )
    found, _read, result = _validate(monkeypatch, cluster)
    assert sorted(found) == [
        "PodDisruptionBudget/dockerregistry",
        "Service/dockerregistry",
        "ServiceAccount/dockerregistry",
    ]
    for owner in ("app.kubernetes.io/managed-by: Helm", "belongs to Chart/other", "written by kubectl-create"):
        assert owner in result["msg"]


def _deployed(keys: list[Key], **more: str) -> Object:
    annotations = {constants.DEPLOYED_OBJECTS: ",".join("/".join(key) for key in keys), **more}
    item = _object(object_catalog.DEPLOYMENT, dict(constants.MANAGED_BY), annotations=annotations)
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": constants.DEFAULT_CLAIM}}
    return {**item, "spec": {"template": {"spec": {"containers": [], "volumes": [volume]}}}}


def _claim() -> Object:
    claim = _object(("PersistentVolumeClaim", constants.DEFAULT_CLAIM), dict(constants.MANAGED_BY))
    return {**claim, "spec": {"accessModes": ["ReadWriteOnce"]}, "status": {"phase": "Bound"}}


def test_a_registry_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read."""
    found, read, _result = _validate(monkeypatch, _Cluster(_deployed(VOLUMES_OBJECTS), _claim()))
    assert (found, read) == ([], [])
    stores = _deployed(STORES_OBJECTS, **{constants.STORAGE_ID: "s3/eu-central-1/company-images"})
    stores["spec"]["template"]["spec"]["volumes"] = []
    found, read, _result = _validate(monkeypatch, _Cluster(stores), storage=S3)
    assert (found, read) == ([], [])


@pytest.mark.parametrize(
    ("replicas", "new"),
    [(1, [object_catalog.EGRESS]), (None, [object_catalog.EGRESS, object_catalog.DISRUPTION_BUDGET])],
)
def test_a_registry_that_needs_more_objects(
    monkeypatch: pytest.MonkeyPatch, replicas: int | None, new: list[Key]
) -> None:
    """A volume is changed to an object store: only what the role adds is read."""
    cluster = _Cluster(_deployed(VOLUMES_OBJECTS), _claim(), *map(_object, new))
    found, read, _result = _validate(monkeypatch, cluster, storage=S3, replicas=replicas)
    assert (found, read) == (["/".join(key) for key in new], new)


def test_what_an_operator_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own objects and those that change their owner pass; what neither made does not."""
    cr = _object(("DockerRegistry", "default"), finalizers=[FINALIZER])
    cluster = _Cluster(
        cr,
        _object(SERVICE),
        _object(("Service", constants.METRICS_SERVICE), OPERATORS),
        _object(("ServiceAccount", constants.REGISTRY), {"app.kubernetes.io/managed-by": "Helm"}),
    )
    found, _read, _result = _validate(monkeypatch, cluster, storage=S3)
    assert found == ["ServiceAccount/dockerregistry"]


def test_a_missing_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is reported before anything is written, too."""
    _found, _read, result = _validate(monkeypatch, _Cluster(forbidden="PodDisruptionBudget"), storage=S3)
    assert result["failed"] and [item["code"] for item in result["findings"]][-1] == "cluster-forbidden"


def test_a_module_alone_that_writes_the_docker_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes none of these objects."""
    monkeypatch.setattr(docker_registry_storage, "write_docker_registry", lambda *_arguments, **_options: None)
    found, read, _result = _validate(monkeypatch, _Cluster(_object(SERVICE)), storage=S3, state="present")
    assert (found, read) == ([], [])
