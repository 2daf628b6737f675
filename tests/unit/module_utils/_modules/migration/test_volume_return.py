# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The volume that an operator's claim has left is bound to a new claim of the same name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration import volume_return
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.source_volume import KeptVolume
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import FakeCluster
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
)

_KEPT = KeptVolume("pv-1", "Delete")
_KEY = ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)


@pytest.fixture(name="cluster")
def _cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    monkeypatch.setattr(volume_return, "_BIND_SECONDS", 0.0)
    cluster = FakeCluster(MemoryRegistry(), MemoryRegistry())
    reference = {"namespace": "ns", "name": constants.DEFAULT_CLAIM, "uid": "former", "resourceVersion": "7"}
    spec = {
        "persistentVolumeReclaimPolicy": "Retain",
        "claimRef": reference,
        "capacity": {"storage": "32Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
    }
    cluster.store({"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": spec})
    return cluster


def _context(cluster: FakeCluster) -> Context[Any]:
    return make_context({"namespace": "ns"}, check_mode=False, cluster=cluster)


def _fails(cluster: FakeCluster) -> str:
    with pytest.raises(Refusal) as raised:
        volume_return.return_volume(_context(cluster), "ns", _KEPT)
    (found,) = raised.value.findings
    assert found.code == "source-volume-not-bound"
    return found.message


def _volume(cluster: FakeCluster) -> dict[str, Any]:
    return cluster.objects["PersistentVolume", "pv-1"]["spec"]


def test_bound_once(cluster: FakeCluster) -> None:
    """The claim is as the operator makes it, with the size and the class of the volume; the volume stays on Retain."""
    context = _context(cluster)
    found = volume_return.return_volume(context, "ns", _KEPT)
    assert found is not None and found.code == "source-volume-bound" and len(context.changes) == 2
    claim = cluster.objects[_KEY]
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "32Gi"}},
        "storageClassName": "fast",
        "volumeName": "pv-1",
    }
    reference = _volume(cluster)["claimRef"]
    assert reference["uid"] == claim["metadata"]["uid"] and "resourceVersion" not in reference
    assert _volume(cluster)["persistentVolumeReclaimPolicy"] == "Retain"
    again = _context(cluster)
    assert volume_return.return_volume(again, "ns", _KEPT) is None and again.changes == []


def test_without_a_class(cluster: FakeCluster) -> None:
    """A volume without a class is bound to a claim without one, and not to one of the default class."""
    del _volume(cluster)["storageClassName"]
    volume_return.return_volume(_context(cluster), "ns", _KEPT)
    assert cluster.objects[_KEY]["spec"]["storageClassName"] == ""


@pytest.mark.parametrize("interrupted", ["patched", "created"])
def test_continued(cluster: FakeCluster, interrupted: str) -> None:
    """A run that was killed after one of its writes is completed."""
    del _volume(cluster)["claimRef"]["uid"]
    if interrupted == "created":
        cluster.create({"kind": _KEY[0], "metadata": {"name": _KEY[1]}, "spec": {"volumeName": "pv-1"}})
        del _volume(cluster)["claimRef"]["uid"]
    assert volume_return.return_volume(_context(cluster), "ns", _KEPT) is not None


@pytest.mark.parametrize(
    ("obstacle", "text"),
    [
        ("another volume", "exists already"),
        ("deletion", "exists already"),
        ("gone", "does not exist"),
        ("being deleted", "does not exist"),
        ("another claim", "belongs to the claim other"),
        ("access mode", "does not have the access mode"),
        ("right to patch", "not allowed to patch"),
        ("right to create", "not allowed to create"),
        ("pending", "is Pending"),
    ],
)
def test_obstacles(cluster: FakeCluster, obstacle: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding names it, and the images stay."""
    claim: dict[str, Any] = {"kind": _KEY[0], "metadata": {"name": _KEY[1]}, "spec": {"volumeName": "pv-2"}}
    if obstacle == "another volume":
        cluster.store(claim)
    elif obstacle == "deletion":
        claim["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        cluster.store({**claim, "spec": {"volumeName": "pv-1"}})
    elif obstacle == "gone":
        del cluster.objects["PersistentVolume", "pv-1"]
    elif obstacle == "being deleted":
        cluster.objects["PersistentVolume", "pv-1"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    elif obstacle == "another claim":
        _volume(cluster)["claimRef"]["name"] = "other"
    elif obstacle == "access mode":
        _volume(cluster)["accessModes"] = ["ReadWriteMany"]
    elif obstacle == "right to patch":
        cluster.forbidden.add("PersistentVolume")
    elif obstacle == "right to create":
        cluster.uncreatable.add(_KEY[0])
    else:
        monkeypatch.setattr(FakeCluster, "_bind", lambda *_arguments: None)
    assert text in _fails(cluster)
    if obstacle not in ("gone", "being deleted"):
        assert _volume(cluster)["persistentVolumeReclaimPolicy"] == "Retain"
