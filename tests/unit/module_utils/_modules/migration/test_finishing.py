# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a migration from a default volume whose claim an operator deletes: confirmed, or aborted before and after the switch."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration import finishing
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.finishing import (
    abort_migration,
    confirm_migration,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.recording import Recorder
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import OPERATOR
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import (
    TARGET_ID,
    FakeCluster,
    deployment,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
)

_SOURCE_ID = claim_storage_id(constants.DEFAULT_CLAIM)
_CLAIM = ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)
_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
_KEPT = {"name": "pv-1", "policy": "Delete"}


class _Cluster(FakeCluster):
    """A registry with a recorded migration, and the volume that was kept. has_claim: whether the claim of the source exists."""

    def __init__(self, phase: str, running: str, *, has_claim: bool, kept: bool = True) -> None:
        super().__init__(MemoryRegistry(), MemoryRegistry())
        self.store(deployment(storage_id=running))
        first = record.begin(_SOURCE_ID, TARGET_ID, _NOW)
        migration = first.at(phase, _NOW, target_is_ours=True, kept_volume=_KEPT if kept else {})
        self.store(record.build_migration_record("ns", migration))
        uid = "former"
        if has_claim:
            claim = {"kind": _CLAIM[0], "metadata": {"name": _CLAIM[1]}, "spec": {"volumeName": "pv-1"}}
            uid = self.store(claim)["metadata"]["uid"]
        spec = {
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": "ns", "name": constants.DEFAULT_CLAIM, "uid": uid},
            "capacity": {"storage": "20Gi"},
            "accessModes": ["ReadWriteOnce"],
        }
        self.store({"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": spec})

    def abort(self, *, check_mode: bool = False) -> Context[Any]:
        """One run."""
        context = make_context({"namespace": "ns"}, check_mode=check_mode, cluster=self)
        abort_migration(context, Recorder(context, "ns"))
        return context

    @property
    def migration(self) -> record.Migration:
        """That is recorded."""
        found = record.read_record(self.get("ConfigMap", constants.DAY2_RECORD))
        assert found is not None
        return found

    @property
    def policy(self) -> Any:
        """Of the volume."""
        return self.objects["PersistentVolume", "pv-1"]["spec"]["persistentVolumeReclaimPolicy"]


def _codes(context: Context[Any]) -> list[str]:
    return [item.code for item in context.findings]


def test_abort_before_the_switch() -> None:
    """The volume has its former policy again, and the record does not name it any more."""
    cluster = _Cluster(record.WINDOW, _SOURCE_ID, has_claim=True)
    assert _codes(cluster.abort()) == ["migration-target-kept"]
    assert cluster.policy == "Delete"
    assert (cluster.migration.phase, cluster.migration.kept_volume) == (record.ABORTED, {})
    assert cluster.abort().changes == []


def test_abort_after_a_switch_that_was_undone() -> None:
    """The operator has made an empty volume; the one with the images is not deleted."""
    cluster = _Cluster(record.SWITCH, _SOURCE_ID, has_claim=False)
    cluster.store({"kind": _CLAIM[0], "metadata": {"name": _CLAIM[1]}, "spec": {"volumeName": "pv-2"}})
    assert _codes(cluster.abort()) == ["source-volume-stays-kept", "migration-target-kept"]
    assert cluster.policy == "Retain" and cluster.migration.kept_volume == _KEPT


@pytest.mark.parametrize("phase", [record.SWITCH, record.VERIFIED, record.ABORTED])
def test_abort_after_the_switch(phase: str) -> None:
    """The volume is bound to a new claim and stays on Retain; the target does not count as a copy any more."""
    cluster = _Cluster(phase, TARGET_ID, has_claim=False)
    assert cluster.abort(check_mode=True).changes and _CLAIM not in cluster.objects
    assert _codes(cluster.abort()) == ["source-volume-bound"]
    assert cluster.objects[_CLAIM]["spec"]["volumeName"] == "pv-1" and cluster.policy == "Retain"
    assert (cluster.migration.phase, cluster.migration.target_is_ours) == (record.ABORTED, False)
    assert not record.begin(_SOURCE_ID, TARGET_ID, _NOW, cluster.migration).target_is_ours
    again, checked = cluster.abort(), cluster.abort(check_mode=True)
    assert (again.changes, again.findings, checked.changes) == ([], [], [])
    # The operator can delete the claim again, if it had not completed the switch.
    del cluster.objects[_CLAIM]
    assert _codes(cluster.abort()) == ["source-volume-bound"]
    # It serves from the volume again.
    cluster.store(deployment(storage_id=_SOURCE_ID))
    assert cluster.abort().changes == []


def test_nothing_kept() -> None:
    """After a switch without a volume there is no way back; a migration that was completed is not one that can be aborted."""
    with pytest.raises(Refusal) as raised:
        _Cluster(record.SWITCH, TARGET_ID, has_claim=False, kept=False).abort()
    assert [item.code for item in raised.value.findings] == ["migration-switched"]
    assert _Cluster(record.VERIFIED, TARGET_ID, has_claim=False, kept=False).abort().changes == []


@pytest.mark.parametrize(
    ("kept", "operator", "code", "text"),
    [
        (True, True, "migration-source-kept", "PersistentVolume/pv-1 holds the images"),
        (False, True, "migration-source-deleted", "as accepted"),
        (False, False, "migration-source-kept", "was not changed"),
    ],
)
def test_confirmed(monkeypatch: pytest.MonkeyPatch, kept: bool, operator: bool, code: str, text: str) -> None:
    """It is reported what became of the source."""
    cluster = _Cluster(record.SWITCH, TARGET_ID, has_claim=False, kept=kept)
    if operator:
        cluster.objects["Deployment", constants.REGISTRY]["metadata"]["labels"] = {constants.MANAGED_BY_LABEL: OPERATOR}
    monkeypatch.setattr(finishing, "_compare_tags", lambda *_arguments: [])
    context = make_context({"namespace": "ns"}, check_mode=False, cluster=cluster)
    confirm_migration(context, Recorder(context, "ns"))
    (found,) = context.findings
    assert found.code == code and text in found.message
