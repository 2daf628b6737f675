# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migrations in which a store, a copier or an image fails: the registry keeps its images and accepts pushes, and the next run completes.

The lab does not have regsync. Its image of a program that only waits takes its place where the copier is killed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import store_proxy, switching
from ansible_collections.kyma.docker_registry.tests.support.migrating import MigratingRegistry
from ansible_collections.kyma.docker_registry.tests.support.playbook import Run
from ansible_collections.kyma.docker_registry.tests.support.repeated import Repeated

_WAITING_IMAGE = "lab.local/pause:1"
_COPIER = b"/pause\0once\0-c\0"
# Images of this repository of the set have one tag.
_REPOSITORY = "r"
_TAGS = "list of the tags"
# What a run may say of a store that contradicts itself.
_CONTRADICTIONS = {
    "migration-inventory-incomplete",
    "migration-not-copyable",
    "migration-other-writer",
    "migration-source-unknown",
}


class _AtPhase(Repeated):
    """A context that does something once, as soon as the record of a migration has this phase."""

    def __init__(self, cluster: Cluster, namespace: str, phase: str, action: Callable[[], object]) -> None:
        super().__init__(0.1)
        self.done = False
        self._cluster, self._namespace = cluster, namespace
        self._phase, self._action = phase, action

    def step(self) -> None:
        """Looks at the record."""
        found = record.read_record(self._cluster.get("ConfigMap", constants.DAY2_RECORD, self._namespace))
        if not self.done and found is not None and found.phase == self._phase:
            self.done = True
            self._action()


class _CopierKills(Repeated):
    """A context in which the copier is killed whenever it runs, as the kernel does if memory is short."""

    def __init__(self) -> None:
        super().__init__(0.5)
        self.number = 0

    def step(self) -> None:
        """Looks at the processes of the machine, which is the lab's node."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with suppress(OSError):
                    if (folder / "cmdline").read_bytes().startswith(_COPIER):
                        os.kill(int(folder.name), signal.SIGKILL)
                        self.number += 1


@pytest.fixture
def registry(cluster: Cluster, kubeconfig: str, namespace: str) -> MigratingRegistry:
    """Not deployed yet."""
    return MigratingRegistry(kubeconfig, cluster, namespace)


@pytest.fixture
def storages(clouds: dict[str, Any], namespace: str) -> dict[str, dict[str, Any]]:
    """Variables of the role, by storage type."""
    return switching.storages(clouds, namespace)


def _phase(registry: MigratingRegistry) -> str:
    found = record.read_record(registry.cluster.get("ConfigMap", constants.DAY2_RECORD, registry.namespace))
    return found.phase if found is not None else ""


def _require_unharmed(registry: MigratingRegistry, run: Run) -> None:
    """After a run that failed before its switch."""
    assert run.returncode != 0 and _phase(registry) not in (record.SWITCH, record.VERIFIED), run.output
    assert registry.left_behind() == [] and not registry.is_read_only()
    assert registry.differences() == []


def _require_migrated(registry: MigratingRegistry, run: Run) -> None:
    assert run.returncode == 0, run.output
    assert _phase(registry) == record.VERIFIED
    assert registry.left_behind() == [] and not registry.is_read_only()
    assert registry.differences() == []


def test_key_that_is_revoked(registry: MigratingRegistry, storages: dict[str, dict[str, Any]]) -> None:
    """The new storage rejects its key in the middle of the copy; with the new key the next run continues."""
    access = f"KYMA{registry.namespace[-12:].upper().replace('-', '0')}"
    target = {**storages["s3"], "registry_storage_secret": lab_clouds.s3_key(access, "the-first-secret-of-this-test")}
    registry.deploy(storages["gcs"])
    new: dict[str, str] = {}

    def revoke() -> None:
        new.update(lab_clouds.s3_key(access, "the-second-secret-of-this-test"))

    with _AtPhase(registry.cluster, registry.namespace, record.COPY, revoke):
        failed = registry.migrate(target)
    assert new, failed.output
    print(f"the key was revoked: {failed.failure.codes()} in the phase {_phase(registry)}")
    _require_unharmed(registry, failed)
    _require_migrated(registry, registry.migrate({**target, "registry_storage_secret": new}))


def test_copier_without_an_image(registry: MigratingRegistry, storages: dict[str, dict[str, Any]]) -> None:
    """The finding names the variable; without the copier the next run continues."""
    registry.deploy(storages["s3"])
    missing = {"registry_copy_mode": "pod", "registry_copy_image": "lab.local/missing:1"}
    failed = registry.migrate({**storages["azure"], **missing})
    assert failed.failure.codes() == ["migration-copier-missing"], failed.output
    _require_unharmed(registry, failed)
    _require_migrated(registry, registry.migrate(storages["azure"]))


def test_copier_that_is_killed(registry: MigratingRegistry, storages: dict[str, dict[str, Any]]) -> None:
    """After its second restart the module copies everything itself."""
    registry.deploy(storages["s3"])
    killed = {"registry_copy_mode": "pod", "registry_copy_image": _WAITING_IMAGE}
    with _CopierKills() as kills:
        run = registry.migrate({**storages["gcs"], **killed})
    assert kills.number > 1, run.output
    assert "migration-copier-failed" in run.of("Copy the images").codes("info")
    _require_migrated(registry, run)


@contextmanager
def _faulty_source(
    registry: MigratingRegistry, clouds: dict[str, Any], storages: dict[str, dict[str, Any]]
) -> Iterator[store_proxy.StoreProxy]:
    """A registry on S3 behind a proxy that passes everything on until a fault is set."""
    with store_proxy.proxy(clouds["address"], clouds["endpoints"]["s3_http"]) as front:
        spec = {key: value for key, value in storages["s3"]["registry_storage"]["s3"].items() if key != "secure"}
        parameters = {**storages["s3"]["registry_driver_parameters"], "forcepathstyle": True}
        through = {
            "registry_storage": {"s3": {**spec, "regionEndpoint": front.endpoint}},
            "registry_driver_parameters": parameters,
        }
        registry.deploy({**storages["s3"], **through}, repositories=5)
        yield front


def _arm(front: store_proxy.StoreProxy, registry: MigratingRegistry, fault: str) -> None:
    """The next request for something of one image gets a wrong answer, once."""
    folder = f"/repositories/{_REPOSITORY}/"
    if fault == "tag":
        front.hide_object(f"{folder}_manifests/tags/v1/current/link")
    elif fault == "manifest":
        digest = registry.contents.tags[f"{_REPOSITORY}:v1"].partition(":")[2]
        front.hide_object(f"{folder}_manifests/revisions/sha256/{digest}/link")
    elif fault == "layer":
        blob = min(name for name in registry.contents.blobs if name.startswith(f"{_REPOSITORY}@"))
        front.hide_object(f"{folder}_layers/sha256/{blob.rpartition(':')[2]}/link")
    else:
        front.hide_list(f"{folder}_manifests/tags/")


@pytest.mark.parametrize(
    ("fault", "phase"),
    [
        ("tag", record.COPY),
        (_TAGS, record.COPY),
        ("manifest", record.DELTA),
        ("layer", record.DELTA),
        (_TAGS, record.DELTA),
    ],
)
def test_one_wrong_answer_of_the_source(
    registry: MigratingRegistry,
    clouds: dict[str, Any],
    storages: dict[str, dict[str, Any]],
    fault: str,
    phase: str,
) -> None:
    """A 404 for something that exists, or an empty list, before the copy or in the maintenance window: nothing is left out or deleted."""
    with _faulty_source(registry, clouds, storages) as front:
        if phase == record.COPY:
            _arm(front, registry, fault)
            run = registry.migrate(storages["gcs"])
        else:
            with _AtPhase(registry.cluster, registry.namespace, phase, lambda: _arm(front, registry, fault)):
                run = registry.migrate(storages["gcs"])
        assert len(front.injected) == 1, run.output
        codes = run.failure.codes() if run.returncode else []
        print(f"{fault} in the phase {phase}: {front.injected[0]}: {codes or 'nothing was missing'}")
        if run.returncode:
            assert set(codes) <= _CONTRADICTIONS, run.output
            _require_unharmed(registry, run)
            run = registry.migrate(storages["gcs"])
        _require_migrated(registry, run)
