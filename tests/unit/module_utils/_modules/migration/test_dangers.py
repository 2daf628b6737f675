# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What could lose an image, leave the registry read-only or blocked, or call a copy verified that is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration import (
    copying,
    finishing,
    phases,
    recording,
    registry_migration,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.planning import Side
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.sides import Sides
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.manifests import OCI_INDEX
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import (
    TARGET_ID,
    FakeCluster,
    deployment,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.test_phases import (
    _api,
    _Migration,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
    answer_times,
    failing,
)

_CLAIM_ID = "persistentvolumeclaim/own"


@pytest.fixture(name="migration")
def _migration(monkeypatch: pytest.MonkeyPatch) -> _Migration:
    return _Migration(monkeypatch)


def test_layer_of_a_build_cache_that_is_overlooked_once(migration: _Migration) -> None:
    """A registry needs no entries of such an index, so only another reading shows that one was there."""

    def push() -> None:
        entry = migration.source.blob("cache", b"a layer of a build cache")
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}
        migration.source.manifest("cache", document, OCI_INDEX, "latest")
        fault = answer_times(failing(404, "BLOB_UNKNOWN"), 1)
        migration.source.faults[f"HEAD .*/cache/blobs/{entry['digest']}"] = fault

    migration.in_window = push
    assert migration.fails() == ["migration-other-writer"] and migration.windows == ["opened", "closed"]
    migration.in_window = lambda: None
    migration.run()
    assert migration.source.stored["cache"].blobs == migration.target.stored["cache"].blobs


@pytest.mark.parametrize("orphans", [0, 1])
def test_blobs_that_were_in_the_empty_target(migration: _Migration, orphans: int) -> None:
    """A registry does not check a blob that it finds, so all of them are read again."""
    for number in range(30):
        migration.source.image("many", f"image {number}", f"v{number}")
    migration.target.orphans = orphans
    counts = migration.run().result["migration"]["counts"]
    assert (counts["compared_blobs"] == counts["source"]["blobs"]) == bool(orphans)


@contextmanager
def _confirming(migration: _Migration, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    @contextmanager
    def connect(*_arguments: Any) -> Iterator[Any]:
        with migration.cluster.serving():
            yield SimpleNamespace(api=_api(migration.cluster))

    migration.cluster.store(deployment(storage_id=TARGET_ID))
    monkeypatch.setattr(finishing, "connect_registry", connect)
    yield
    migration.cluster.store(deployment())


def test_tags_of_a_former_migration(migration: _Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not compared with a registry whose tags are too many for the record, and that nothing was compared is reported."""
    migration.run()
    with _confirming(migration, monkeypatch):
        migration.run("confirmed")
    migration.target.stored.clear()
    del migration.source.stored["odd"]
    monkeypatch.setattr(recording, "MOST_TAG_BYTES", 1)
    migration.run()
    with _confirming(migration, monkeypatch):
        context = migration.run("confirmed")
    assert context.result["compared_tags"] == 0
    assert [item.code for item in context.findings] == ["migration-tags-not-compared", "migration-source-kept"]


@pytest.mark.parametrize("phase", [record.COPY, record.WINDOW, record.DELTA, record.VERIFY, record.SWITCH])
def test_two_runs_at_once(migration: _Migration, monkeypatch: pytest.MonkeyPatch, phase: str) -> None:
    """A run whose record was changed by another one, which may have replaced its Pod, records no further phase."""
    enter = phases.Run._enter

    def entered(run: Any, name: str, *more: Any, **changes: Any) -> None:
        if name == phase:
            migration.cluster.store(migration.cluster.objects["ConfigMap", constants.DAY2_RECORD])
        enter(run, name, *more, **changes)

    monkeypatch.setattr(phases.Run, "_enter", entered)
    assert migration.fails() == ["cluster-precondition"]
    assert migration.phase in record.PHASES[: record.PHASES.index(phase)] and migration.windows in (
        [],
        ["opened", "closed"],
    )


def test_source_that_is_empty_suddenly(migration: _Migration) -> None:
    """What an earlier run has copied is not deleted because of it."""
    migration.run()
    migration.cluster.store(deployment())
    for stored in (
        migration.source.stored,
        migration.cluster.objects["Secret", constants.CREDENTIALS_SECRET]["metadata"]["annotations"],
    ):
        stored.clear()
    claim = Side("pvc", _CLAIM_ID, claim="own", access_modes=("ReadWriteMany",))
    copied = {name: set(item.tags) for name, item in migration.target.stored.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copying, "count_images", lambda *_arguments: SimpleNamespace(empty=True))
        _as_claim(patch, migration.cluster, claim)
        live = migration.cluster.objects["ConfigMap", constants.DAY2_RECORD]
        live["data"]["record.json"] = live["data"]["record.json"].replace("s3/eu-central-1/images", _CLAIM_ID)
        assert migration.fails() == ["migration-source-emptied"]
    assert {name: set(item.tags) for name, item in migration.target.stored.items()} == copied


def _as_claim(patch: pytest.MonkeyPatch, cluster: FakeCluster, source: Side) -> None:
    sides = Sides(
        cluster.get("Deployment", "dockerregistry") or {},
        source,
        Side("gcs", TARGET_ID),
        Store("gcs", "gcs", {"bucket": "new-images"}, TARGET_ID, secret={"key": "value"}, key_file="key"),
        {},
    )
    patch.setattr(registry_migration, "read_sides", lambda *_arguments: sides)


@pytest.mark.parametrize("empty", [False, True])
def test_volume_that_looks_empty(monkeypatch: pytest.MonkeyPatch, empty: bool) -> None:
    """A volume without a canary is empty only if the registry that serves from it has no images either."""
    migration = _Migration(monkeypatch, MemoryRegistry())
    migration.cluster = FakeCluster(migration.source, migration.target, has_canary=False)
    migration.source.stored.clear()
    counted = SimpleNamespace(empty=empty, describe=lambda: "3 repositories")
    monkeypatch.setattr(copying, "count_images", lambda *_arguments: counted)
    _as_claim(monkeypatch, migration.cluster, Side("pvc", _CLAIM_ID, claim="own", access_modes=("ReadWriteMany",)))
    if empty:
        assert migration.run().result["switch_ready"]
    else:
        assert migration.fails() == ["migration-source-unknown"]


@pytest.mark.parametrize("phase", [record.COPY, record.VERIFY])
def test_switched_by_another_client(migration: _Migration, phase: str) -> None:
    """A migration that was not verified can be aborted, or its record would block all runs; the target does not count as a copy any more."""
    migration.run()
    live = migration.cluster.objects["ConfigMap", constants.DAY2_RECORD]
    recorded = record.read_record(live)
    assert recorded is not None
    live["data"].update(record.record_data(record.Migration(**{**recorded.to_result(), "phase": phase})))
    migration.cluster.store(deployment(storage_id=TARGET_ID))
    assert migration.run("aborted").findings == []
    assert migration.phase == record.ABORTED
    found = record.read_record(migration.cluster.objects["ConfigMap", constants.DAY2_RECORD])
    assert found is not None and not found.target_is_ours


def test_switch_that_is_rejected(migration: _Migration) -> None:
    """The registry accepts pushes again, and the next run continues the migration. After a switch nothing is written."""
    migration.run()
    assert migration.run("writable", check_mode=True).changes
    migration.run("writable")
    live = migration.cluster.get("Deployment", constants.REGISTRY) or {}
    assert constants.READ_ONLY_SINCE not in live["metadata"]["annotations"] and migration.phase == record.SWITCH
    assert migration.run("writable").changes == []
    migration.source.image("team/app", "pushed in between", "v3")
    assert migration.run().result["switch_ready"] and "v3" in migration.target.stored["team/app"].tags
    migration.cluster.store(deployment(storage_id=TARGET_ID))
    assert migration.run("writable").changes == []


@pytest.mark.parametrize("image", ["../../etc", "UPPER/case", "a//b", "name:", "name:bad/tag", "name@sha256:12", ""])
def test_image_names_that_are_none(migration: _Migration, image: str) -> None:
    """A Pod of any namespace can name them; the registry is not asked for them."""
    migration.cluster.pods = [{"spec": {"containers": [{"image": f"localhost:32137/{image}"}]}}]
    asked: list[str] = []
    migration.source.faults["HEAD .*(etc|case|//|bad|:12)"] = lambda heard, talk: (
        asked.append(heard.path),
        talk.reply(400, b""),
    )[-1]
    assert migration.run().findings == [] and asked == []
