# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default volume as the source of a migration with an operator: it is kept, or its deletion is accepted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.source_volume import (
    KeptVolume,
    find_volume,
    keep_volume,
    release_volume,
    require_volume,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import FakeCluster
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
)

_POLICY = "persistentVolumeReclaimPolicy"


@pytest.fixture(name="cluster")
def _cluster() -> FakeCluster:
    cluster = FakeCluster(MemoryRegistry(), MemoryRegistry())
    claim = {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": constants.DEFAULT_CLAIM},
        "spec": {"volumeName": "pv-1"},
    }
    reference = {"namespace": "ns", "name": constants.DEFAULT_CLAIM, "uid": cluster.store(claim)["metadata"]["uid"]}
    spec = {_POLICY: "Delete", "claimRef": reference}
    cluster.store({"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": spec})
    return cluster


def _context(cluster: FakeCluster) -> Context:
    return make_context({}, check_mode=False, cluster=cluster)


def _policy(cluster: FakeCluster) -> Any:
    return cluster.objects["PersistentVolume", "pv-1"]["spec"][_POLICY]


def test_kept_and_released(cluster: FakeCluster) -> None:
    """The search writes nothing; an abort restores the former policy."""
    context = _context(cluster)
    found = find_volume(context, "ns", accepts_deletion=False)
    assert found == KeptVolume("pv-1", "Delete") and _policy(cluster) == "Delete"
    keep_volume(context, found)
    assert _policy(cluster) == "Retain" and [item.code for item in context.findings] == ["source-volume-kept"]
    assert release_volume(context, "ns", KeptVolume(**found.to_record()))
    assert _policy(cluster) == "Delete" and len(context.changes) == 2
    del cluster.objects["PersistentVolume", "pv-1"]
    assert release_volume(context, "ns", found)
    assert len(context.changes) == 2


def test_one_that_is_kept_anyway(cluster: FakeCluster) -> None:
    """Nothing is written."""
    context = _context(cluster)
    keep_volume(context, KeptVolume("pv-1", "Retain"))
    assert release_volume(context, "ns", KeptVolume("pv-1", "Retain"))
    assert context.changes == [] and _policy(cluster) == "Delete"


@pytest.mark.parametrize("lacking", ["right", "volume"])
def test_one_that_cannot_be_kept(cluster: FakeCluster, lacking: str) -> None:
    """The migration stops, unless the deletion is accepted."""
    context = _context(cluster)
    if lacking == "right":
        cluster.forbidden.add("PersistentVolume")
    else:
        cluster.objects["PersistentVolumeClaim", constants.DEFAULT_CLAIM]["spec"].clear()
    with pytest.raises(Refusal) as raised:
        find_volume(context, "ns", accepts_deletion=False)
    assert [item.code for item in raised.value.findings] == ["source-volume-is-deleted"]
    assert find_volume(context, "ns", accepts_deletion=True) is None
    assert [item.code for item in context.findings] == ["source-volume-deletion-accepted"]


@pytest.mark.parametrize("lacking", ["claim", "uid", "name", "deletion", "right"])
def test_one_that_must_not_be_released(cluster: FakeCluster, lacking: str) -> None:
    """Without its claim, the volume would be deleted with the images as soon as it has its former policy again."""
    context = _context(cluster)
    keep_volume(context, KeptVolume("pv-1", "Delete"))
    claim = cluster.objects["PersistentVolumeClaim", constants.DEFAULT_CLAIM]
    if lacking == "claim":
        del cluster.objects["PersistentVolumeClaim", constants.DEFAULT_CLAIM]
    elif lacking == "uid":
        # A new claim of the same name, with a volume that is empty.
        claim["metadata"]["uid"] = "another"
    elif lacking == "name":
        claim["spec"]["volumeName"] = "pv-2"
    elif lacking == "deletion":
        claim["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    else:
        cluster.forbidden.add("PersistentVolume")
    assert not release_volume(context, "ns", KeptVolume("pv-1", "Delete"))
    assert _policy(cluster) == "Retain"
    assert [item.code for item in context.findings] == ["source-volume-kept", "source-volume-stays-kept"]
    assert ("not allowed" in context.findings[-1].message) == (lacking == "right")


def test_another_volume(cluster: FakeCluster) -> None:
    """A run that continues does not read an empty volume as the source."""
    require_volume(_context(cluster), "ns", "pv-1")
    for spec in ({"volumeName": "pv-2"}, {}):
        cluster.objects["PersistentVolumeClaim", constants.DEFAULT_CLAIM]["spec"] = spec
        with pytest.raises(Refusal) as raised:
            require_volume(_context(cluster), "ns", "pv-1")
        assert [item.code for item in raised.value.findings] == ["source-volume-replaced"]
