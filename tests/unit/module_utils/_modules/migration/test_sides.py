# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both sides of a migration, read from the cluster and from the input."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import encoded_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.registry_migration import SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.sides import (
    Sides,
    create_claim,
    read_input,
    read_sides,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import OPERATOR
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.default_claim import build_claim
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import (
    SOURCE_ID,
    FakeCluster,
    deployment,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
)

_S3 = {"s3": {"bucket": "new-images", "region": "eu-west-1", "secretName": "keys"}}
_KEYS = {"accessKey": "AKIA" + "EXAMPLE0" * 2, "secretKey": "example/" * 5}


def _context(cluster: FakeCluster, **params: Any) -> Context:
    defaults = {name: option.get("default") for name, option in SPEC.options.items()}
    given = {**defaults, "namespace": "ns", "driver_parameters": {}, **params}
    return read_input(make_context(given, check_mode=False, cluster=cluster))


def _read(cluster: FakeCluster, **params: Any) -> Sides:
    return read_sides(_context(cluster, **params), "ns")


def _claim(name: str, *modes: str) -> dict[str, Any]:
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": {"accessModes": list(modes)}}


@pytest.fixture(name="cluster")
def _cluster() -> FakeCluster:
    return FakeCluster(MemoryRegistry(), MemoryRegistry())


@pytest.mark.parametrize("live", [True, False], ids=["Secret that exists", "values that are given"])
def test_from_a_bucket_to_a_bucket(cluster: FakeCluster, live: bool) -> None:
    """The source is what runs; the credentials of the target come from its Secret or from the input."""
    if live:
        cluster.store({"kind": "Secret", "metadata": {"name": "keys"}, "data": encoded_data(_KEYS)})
    found = _read(cluster, storage=_S3, secret_source={} if live else {"values": _KEYS})
    assert (found.source.storage_type, found.source.storage_id, found.source.claim) == ("s3", SOURCE_ID, None)
    assert found.target.storage_id == "s3/eu-west-1/new-images" and found.store.driver == "s3"
    assert found.source.hides_tags and found.target.hides_tags and not found.with_operator


def test_from_a_volume_to_the_default_volume(cluster: FakeCluster) -> None:
    """Their access modes; a default volume that does not exist has none."""
    running = deployment()
    volumes = running["spec"]["template"]["spec"]["volumes"]
    volumes.append({"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": "own"}})
    cluster.store(running)
    cluster.store(_claim("own", "ReadWriteMany"))
    found = _read(cluster, storage="")
    assert (found.source.storage_type, found.source.access_modes) == ("pvc", ("ReadWriteMany",))
    assert found.target.is_default_volume and found.target.access_modes == () and not found.target.hides_tags


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"storage": {"pvc": {"name": "missing"}}}, "pvc-missing"),
        ({"storage": "pvc: {name: missing}"}, "pvc-missing"),
        ({"storage": {"pvc": {}}}, "storage-missing-field"),
        ({"storage": {"pvc": {"name": "a"}, "s3": {}}}, "storage-two-backends"),
    ],
)
def test_targets_that_cannot_be_used(cluster: FakeCluster, params: dict[str, Any], code: str) -> None:
    """As in a run of the role."""
    with pytest.raises(Refusal) as raised:
        _read(cluster, **params)
    assert code in [item.code for item in raised.value.findings]


def test_no_registry(cluster: FakeCluster) -> None:
    """There is nothing to migrate, or its storage is not known."""
    running = deployment()
    del running["metadata"]["annotations"][constants.STORAGE_ID]
    cluster.store(running)
    codes = []
    for _number in range(2):
        with pytest.raises(Refusal) as raised:
            _read(cluster, storage=_S3)
        codes.append(raised.value.findings[0].code)
        cluster.objects.pop(("Deployment", constants.REGISTRY), None)
    assert codes == ["migration-source-unknown", "registry-not-running"]


def test_pasted_manifest(cluster: FakeCluster) -> None:
    """Its namespace and storage count."""
    manifest = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata: {name: default, namespace: elsewhere}
spec: {storage: {pvc: {name: own}}}
"""
    context = _context(cluster, manifest=manifest)
    assert (context.options.namespace, context.namespace) == ("elsewhere", "elsewhere")
    assert context.options.storage == {"pvc": {"name": "own"}}


def test_new_default_volume(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the role would create it, in a class that exists."""
    classes = [{"metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}]
    monkeypatch.setattr(cluster, "list", lambda kind: classes if kind == "StorageClass" else [])
    create_claim(_context(cluster, volume_size="5Gi"), "ns")
    created = cluster.objects["PersistentVolumeClaim", constants.DEFAULT_CLAIM]
    assert created["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}
    with pytest.raises(Refusal):
        create_claim(_context(cluster, volume_size="5Gi", volume_storage_class="missing"), "ns")


@pytest.mark.parametrize(("asked", "made"), [("5Gi", "20Gi"), ("20Gi", "20Gi"), ("0.5Ti", "0.5Ti")])
def test_new_default_volume_of_an_operator(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, asked: str, made: str
) -> None:
    """As its chart makes it: the operator changes only a size that is smaller, and no other access mode is possible."""
    classes = [{"metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}]
    monkeypatch.setattr(cluster, "list", lambda kind: classes if kind == "StorageClass" else [])
    context = _context(cluster, volume_size=asked, volume_access_modes=["ReadWriteMany"])
    create_claim(context, "ns", with_operator=True)
    assert (
        cluster.objects["PersistentVolumeClaim", constants.DEFAULT_CLAIM]["spec"]
        == build_claim("ns", size=made)["spec"]
    )
    (change,) = context.changes
    assert change["after"]["spec"]["accessModes"] == ["ReadWriteOnce"]


@pytest.mark.parametrize(
    ("modes", "size", "deleted", "fits"),
    [
        (["ReadWriteOnce"], "20Gi", False, True),
        (["ReadWriteOnce"], "1Ti", False, True),
        (["ReadWriteMany"], "20Gi", False, False),
        (["ReadWriteOnce"], "5Gi", False, False),
        (["ReadWriteOnce"], "20Gi", True, False),
    ],
)
@pytest.mark.parametrize("with_operator", [False, True], ids=["direct", "operator"])
def test_default_volume_that_exists(
    cluster: FakeCluster, modes: list[str], size: str, deleted: bool, fits: bool, with_operator: bool
) -> None:
    """An operator applies its own claim over it, which has to be possible."""
    claim = _claim(constants.DEFAULT_CLAIM, *modes)
    claim["spec"]["resources"] = {"requests": {"storage": size}}
    if deleted:
        claim["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    cluster.store(claim)
    if with_operator:
        cluster.objects["Deployment", constants.REGISTRY]["metadata"]["labels"] = {constants.MANAGED_BY_LABEL: OPERATOR}
    if fits or not with_operator:
        assert _read(cluster, storage="").target.is_default_volume
        return
    with pytest.raises(Refusal) as raised:
        _read(cluster, storage="")
    assert [item.code for item in raised.value.findings] == ["migration-unsupported"]
