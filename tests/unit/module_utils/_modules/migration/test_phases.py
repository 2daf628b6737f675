# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A migration from its plan to the switch, on a cluster in memory and with registries behind real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    RegistryCredentials,
    RunningRegistry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration import (
    estimate,
    finishing,
    phases,
    registry_migration,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.planning import Side
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.pod_objects import (
    PORTS,
    TARGET,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.sides import Sides
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import (
    SINCE,
    SOURCE_ID,
    TARGET_ID,
    FakeCluster,
    deployment,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
    failing,
    filled,
)

_SIDES = (Side("s3", SOURCE_ID, hides_tags=True), Side("gcs", TARGET_ID))
_STORE = Store("gcs", "gcs", {"bucket": "new-images"}, TARGET_ID, secret={"key": "value"}, key_file="key")


def _few_images() -> MemoryRegistry:
    found = MemoryRegistry(hides_tags=True)
    found.image("team/app", "one", "v1", "v10")
    found.image("team/app", "two", "v2")
    found.image("odd", "odd", "odd")
    found.image("r", "one", "v1")
    return found


class _Migration:
    """A cluster with a registry, and runs of the module on it. pushes: called when the maintenance window opens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, source: MemoryRegistry | None = None) -> None:
        self.source, self.target = source or _few_images(), MemoryRegistry()
        self.cluster = FakeCluster(self.source, self.target)
        self.windows: list[str] = []
        self.in_window: Any = lambda: None
        monkeypatch.setattr(phases, "maintenance_window", self._window)
        monkeypatch.setattr(finishing, "close_window", lambda _context, _namespace: self.cluster.store(deployment()))
        monkeypatch.setattr(
            registry_migration,
            "read_sides",
            lambda _context, _namespace: Sides(
                self.cluster.get("Deployment", "dockerregistry") or {}, *_SIDES, _STORE, {}
            ),
        )

    @contextmanager
    def _window(self, _context: Context, _namespace: str, _deployment: Any, judge: Any) -> Iterator[Any]:
        assert list(judge()) == []
        self.in_window()
        self.windows.append("opened")
        self.cluster.store(deployment(is_open=True))
        try:
            yield self.cluster.get("Deployment", constants.REGISTRY)
        except Refusal:
            self.windows.append("closed")
            self.cluster.store(deployment())
            raise

    def run(self, state: str = "copied", **params: Any) -> Context:
        """One run of the module."""
        defaults = {name: option.get("default") for name, option in registry_migration.SPEC.options.items()}
        given = {**defaults, "state": state, "namespace": "ns", "copy_mode": "controller", **params}
        check_mode = given.pop("check_mode", False)
        context = make_context(given, check_mode=check_mode, cluster=self.cluster)
        try:
            with self.cluster.serving():
                registry_migration.migrate_registry(context)
        finally:
            context.end_lease()
        return context

    def fails(self, **params: Any) -> list[str]:
        """Codes of the errors of a run that fails."""
        with pytest.raises(Refusal) as raised:
            self.run(**params)
        return [item.code for item in raised.value.findings]

    @property
    def phase(self) -> str:
        """That is recorded."""
        found = record.read_record(self.cluster.get("ConfigMap", constants.DAY2_RECORD))
        return found.phase if found else ""


@pytest.fixture(name="migration")
def _migration(monkeypatch: pytest.MonkeyPatch) -> _Migration:
    return _Migration(monkeypatch)


def _content(registry: MemoryRegistry) -> dict[str, Any]:
    return {
        name: (dict(place.tags), set(place.manifests))
        for name, place in registry.stored.items()
        if place.tags or place.manifests
    }


def test_copy_and_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each phase is recorded; what was pushed in between arrives; nothing but the record is left, and the registry is read-only."""
    migration = _Migration(monkeypatch, filled(hides_tags=True))

    def push() -> None:
        migration.source.image("team/app", "pushed in between", "v3")
        del migration.source.stored["team/app"].tags["v2"]

    migration.in_window = push
    context = migration.run()
    titles = [item["before_header"] for item in context.changes]
    assert titles == [f"ConfigMap/dockerregistry-day2 (phase {name})" for name in record.PHASES[:-1]]
    assert context.result["switch_ready"] and migration.windows == ["opened"]
    assert _content(migration.source) == _content(migration.target)
    assert migration.cluster.of_the_migration() == set() and migration.phase == record.SWITCH
    annotations = migration.cluster.objects["ConfigMap", constants.DAY2_RECORD]["metadata"]["annotations"]
    assert annotations == {constants.MIGRATION_PHASE: record.SWITCH}
    found = context.result["migration"]
    assert (
        found["window_opened_at"] == SINCE
        and found["counts"]["source"]["tags"] == found["counts"]["copied"]["tags"] - 1
    )
    assert found["counts"]["copied"]["deleted"] == 1


def test_confirmation(migration: _Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the switch the tags are compared once; before it the confirmation fails."""
    migration.run()
    assert migration.fails(state="confirmed") == ["migration-not-switched"]
    migration.cluster.store(deployment(storage_id=TARGET_ID))

    @contextmanager
    def connect(*_arguments: Any) -> Iterator[Any]:
        with migration.cluster.serving():
            yield type("Registry", (), {"api": _api(migration.cluster)})

    monkeypatch.setattr(finishing, "connect_registry", connect)
    context = migration.run("confirmed")
    assert context.result["compared_tags"] == sum(len(place.tags) for place in migration.source.stored.values())
    assert [item.code for item in context.findings] == ["migration-source-kept"] and migration.phase == record.VERIFIED
    assert migration.run("confirmed").changes == []
    migration.cluster.store(deployment())
    # The target has served: what it holds may be more than what was copied.
    migration.target.image("team/app", "pushed after the switch", "v4")
    assert migration.fails() == ["migration-target-not-empty"]
    assert "v4" in migration.target.stored["team/app"].tags
    migration.target.stored.clear()
    migration.run()
    migration.cluster.store(deployment(storage_id=TARGET_ID))
    migration.target.stored["r"].tags.clear()
    assert migration.fails(state="confirmed") == ["migration-tags-missing"]


def _api(cluster: FakeCluster) -> Any:
    return RegistryApi(open_connection=cluster.ports[PORTS[TARGET]], username="u", password="p")


def test_check_mode(migration: _Migration) -> None:
    """The phases, and no write."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry_migration, "report_estimate", lambda _context: None)
        context = migration.run(check_mode=True)
    assert [item.path for item in context.findings] == list(record.PHASES)
    assert migration.cluster.created == [] and context.changes == [] and context.result["migration"] is None


def test_target_with_other_images(migration: _Migration) -> None:
    """It stops before anything is copied, and does not block other runs."""
    migration.target.image("foreign", "image", "v1")
    assert migration.fails() == ["migration-target-not-empty"]
    assert migration.phase == record.ABORTED and migration.cluster.of_the_migration() == set()
    assert migration.fails() == ["migration-target-not-empty"]
    assert set(migration.target.stored) == {"foreign"} and migration.windows == []


def test_what_cannot_be_copied(migration: _Migration) -> None:
    """Nothing is moved until it is dropped by its name."""
    app = migration.source.stored["team/app"]
    migration.source.faults["HEAD .*team/app/manifests/v10"] = failing(404, "MANIFEST_UNKNOWN")
    assert migration.fails() == ["migration-not-copyable"] and migration.target.stored == {}
    context = migration.run(drop=["team/app:v10", "team/app:v1"])
    assert "migration-drop-unknown" in [item.code for item in context.findings]
    assert set(migration.target.stored["team/app"].tags) == set(app.tags) - {"v10"}


@pytest.mark.parametrize("fault", ["canary", "listing", "pods"])
def test_source_that_hides(migration: _Migration, fault: str) -> None:
    """A store that does not list what it holds is not copied."""
    if fault == "canary":
        migration.source.stored[constants.CANARY_REPOSITORY].tags.clear()
        wanted = "migration-source-unknown"
    elif fault == "listing":
        migration.source.faults["_catalog"] = lambda _heard, talk: talk.reply(200, {"repositories": []})
        wanted = "migration-inventory-incomplete"
    else:
        image = "localhost:32137/team/app:v10"
        migration.cluster.pods = [{"spec": {"containers": [{"image": image}, {"image": "other/image"}]}}]
        migration.source.faults["GET .*team/app/tags/list"] = lambda _heard, talk: talk.reply(200, {"tags": ["v1"]})
        wanted = "migration-inventory-incomplete"
    assert migration.fails() == [wanted]
    assert migration.target.stored == {} and migration.windows == [] and migration.phase == record.ABORTED


def test_image_of_a_pod_that_is_gone(migration: _Migration) -> None:
    """A warning; and without the right to list Pods there is nothing to compare."""
    migration.cluster.pods = [{"spec": {"containers": [{"image": "localhost:32137/team/gone"}]}}]
    context = migration.run()
    assert [item.code for item in context.findings] == ["migration-image-missing"]
    migration.cluster.pods = None
    migration.cluster.store(deployment())
    assert migration.run().findings == []


def test_empty_source_without_a_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object store that lists nothing is unknown."""
    migration = _Migration(monkeypatch, MemoryRegistry())
    migration.cluster = FakeCluster(migration.source, migration.target, has_canary=False)
    migration.source.stored.clear()
    assert migration.fails() == ["migration-source-unknown"]


def test_damaged_target(migration: _Migration) -> None:
    """A blob that an interrupted run has left truncated is found; the registry accepts pushes again."""
    layer = min(migration.source.stored["odd"].blobs)
    migration.target.content[layer] = b"truncated"
    assert migration.fails() == ["migration-verification-failed"]
    assert migration.windows == ["opened", "closed"] and migration.phase == record.VERIFY
    assert migration.cluster.of_the_migration() == set()


def test_another_writer(migration: _Migration) -> None:
    """A manifest that appears while the registry is read-only."""
    calls = iter(range(100))
    dry_run = migration.source.dry_run

    def changing() -> Any:
        if migration.windows and next(calls) == 1:
            migration.source.image("intruder", "image")
        return dry_run()

    migration.source.dry_run = changing  # type: ignore[method-assign]
    assert migration.fails() == ["migration-other-writer"] and migration.windows == ["opened", "closed"]


@pytest.mark.parametrize("phase", record.PHASES[:-1])
def test_killed_in_each_phase(migration: _Migration, monkeypatch: pytest.MonkeyPatch, phase: str) -> None:
    """The next run continues and completes; other runs are blocked until then."""

    class Killed(BaseException):
        """As kill -9."""

    enter = phases.Run._enter
    monkeypatch.setattr(
        phases.Run, "_enter", lambda run, name, *more, **changes: _die(enter, run, name, phase, Killed, more, changes)
    )
    if phase == record.PLAN:
        migration.cluster.on_create = lambda kind, _name: (_ for _ in ()).throw(Killed()) if kind == "Pod" else None
    with pytest.raises(Killed):
        migration.run()
    # The Lease of a killed run expires.
    migration.cluster.objects.pop(("Lease", constants.LEASE), None)
    assert migration.phase == phase
    blocked = record.check_writer(record.read_record(migration.cluster.get("ConfigMap", constants.DAY2_RECORD)))
    assert bool(blocked) == (phase != record.SWITCH)
    monkeypatch.setattr(phases.Run, "_enter", enter)
    migration.cluster.on_create = lambda _kind, _name: None
    context = migration.run()
    assert context.result["switch_ready"] and migration.phase == record.SWITCH
    assert _content(migration.source) == _content(migration.target) and migration.cluster.of_the_migration() == set()


def _die(enter: Any, run: Any, name: str, phase: str, killed: type[BaseException], more: Any, changes: Any) -> None:
    enter(run, name, *more, **changes)
    if name == phase:
        raise killed


@pytest.mark.parametrize("phase", record.PHASES[:-1])
def test_abort(migration: _Migration, phase: str) -> None:
    """The registry accepts pushes, no temporary object is left, what was copied stays; a later migration continues there."""
    migration.run()
    live = migration.cluster.objects["ConfigMap", constants.DAY2_RECORD]
    recorded = record.read_record(live)
    assert recorded is not None
    live["data"].update(record.record_data(recorded.at(phase, datetime.now(timezone.utc))))
    owner = record.owner_reference(live)
    for kind in ("Pod", "Secret"):
        metadata = {"name": constants.MIGRATION, "labels": dict(constants.MANAGED_BY), "ownerReferences": [owner]}
        migration.cluster.store({"kind": kind, "metadata": metadata})
    migration.cluster.store({"kind": "ConfigMap", "metadata": {"name": constants.MIGRATION, "labels": {}}})
    context = migration.run("aborted")
    assert migration.phase == record.ABORTED and migration.cluster.of_the_migration() == {"ConfigMap"}
    assert [item.code for item in context.findings] == ["migration-target-kept"]
    read_only = migration.cluster.get("Deployment", constants.REGISTRY) or {}
    assert constants.READ_ONLY_SINCE not in read_only["metadata"]["annotations"]
    assert migration.run("aborted").changes == []
    del migration.cluster.objects["ConfigMap", constants.MIGRATION]
    again = migration.run()
    # Everything is compared by content, because the target was not empty.
    counts = again.result["migration"]["counts"]
    assert counts["copied"]["blobs"] == 0 and counts["compared_blobs"] == counts["source"]["blobs"]


def test_no_abort_after_the_switch(migration: _Migration) -> None:
    """The new storage may have accepted pushes."""
    migration.run()
    migration.cluster.store(deployment(storage_id=TARGET_ID))
    assert migration.fails(state="aborted") == ["migration-switched"] and migration.phase == record.SWITCH


def test_another_migration(migration: _Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time."""
    migration.run()
    other = Side("azure", "azure/a/c")
    sides = Sides(deployment(), _SIDES[0], other, _STORE, {})
    monkeypatch.setattr(registry_migration, "read_sides", lambda *_arguments: sides)
    assert migration.fails() == ["migration-running"]


def test_registry_that_uses_the_target(migration: _Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to do, or a switch to be completed."""
    sides = Sides(deployment(), _SIDES[1], _SIDES[1], _STORE, {})
    monkeypatch.setattr(registry_migration, "read_sides", lambda *_arguments: sides)
    context = migration.run()
    assert [item.code for item in context.findings] == ["migration-not-needed"]
    assert context.result["switch_ready"] is False and context.changes == []


def test_lost_api_server(migration: _Migration) -> None:
    """The record stays, so that the next run continues."""

    def fail(kind: str, _name: str) -> None:
        if kind == "Pod":
            raise Refusal([error("cluster-unreachable", "host", "gone.")])

    migration.cluster.on_create = fail
    assert migration.fails() == ["cluster-unreachable"] and migration.phase == record.PLAN


def test_estimate(migration: _Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be copied, through the registry that serves; one that cannot be asked is a warning."""
    cluster = migration.cluster
    user = RegistryCredentials("u", "p", "uid")

    @contextmanager
    def connect(*_arguments: Any) -> Iterator[Any]:
        yield RunningRegistry(None, constants.MIGRATION, user, SOURCE_ID)  # type: ignore[arg-type]

    monkeypatch.setattr(estimate, "connect_registry", connect)
    cluster.registries[constants.CONTAINER] = migration.source
    cluster.objects["Pod", constants.MIGRATION] = {}
    context = make_context({"namespace": "ns"}, check_mode=True, cluster=cluster)
    with cluster.serving():
        estimate.report_estimate(context)
        (found,) = context.findings
        assert found.code == "migration-estimated" and "has 5 manifests in 4 repositories" in found.message
        assert "MiB/s" in found.message
        migration.source.faults["GET .*/blobs/"] = failing(307)
        estimate.report_estimate(context)
        assert "an unknown time" in context.findings[-1].message
    # No registry answers any more.
    estimate.report_estimate(context)
    assert context.findings[-1].code == "migration-not-estimated"
