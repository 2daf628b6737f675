# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry moves through all seven storage types, each one once the source and once the target; pushes and kills during a migration."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import objects, registry_client, switching
from ansible_collections.kyma.docker_registry.tests.support.migrating import MigratingRegistry
from ansible_collections.kyma.docker_registry.tests.support.push_loop import PushLoop, missing
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

# More pushes than this are accepted before a migration, and after it.
_PUSHES = 2
# Volumes and object stores in turn.
RING = ("filesystem", "s3", "pvc", "azure", "btp-objectstore-aws", "gcs", "btp-objectstore-gcp")


def test_ring(cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """Nothing is lost and nothing is added."""
    cluster.create(objects.claim(switching.CLAIM, namespace))
    storages = switching.storages(clouds, namespace)
    assert set(storages) == set(RING)
    registry = MigratingRegistry(kubeconfig, cluster, namespace)
    registry.deploy(storages[RING[0]])
    for source, target in itertools.pairwise((*RING, RING[0])):
        if target == RING[0]:
            # The volume that the registry has left still holds the images.
            claim = cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
            assert claim is not None
            cluster.delete("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace, uid=claim["metadata"]["uid"])
        began = time.monotonic()
        run = registry.migrate(storages[target])
        assert run.returncode == 0, run.output
        counts = run.of("Compare the tags").result["migration"]["counts"]
        print(f"{source} to {target}: {time.monotonic() - began:.0f} s, {counts}")
        assert registry.differences() == []
        assert registry.left_behind() == [] and not registry.is_read_only()


@pytest.mark.parametrize(("source", "target"), [("filesystem", "s3"), ("s3", "gcs")])
def test_pushes_during_a_migration(
    cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any], source: str, target: str
) -> None:
    """What the registry accepts before, during and after the migration is there afterwards."""
    storages = switching.storages(clouds, namespace)
    registry = MigratingRegistry(kubeconfig, cluster, namespace)
    registry.deploy(storages[source])
    client = registry_client.from_cluster(cluster, namespace)
    with PushLoop(client) as loop:
        until("pushes to the former storage", lambda: len(loop.accepted) > _PUSHES)
        run = registry.migrate(storages[target])
        assert run.returncode == 0, run.output
        before = len(loop.accepted)
        until("pushes to the new storage", lambda: len(loop.accepted) > before + _PUSHES)
    counts = run.of("Compare the tags").result["migration"]["counts"]
    print(
        f"{source} to {target}: {len(loop.accepted)} accepted, {len(loop.rejected)} rejected, window {counts['seconds']['window']} s"
    )
    assert loop.rejected and missing(client, loop.accepted) == set()


def test_killed_runs(cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """A run that is killed after any of its writes is continued or aborted: nothing temporary and no read-only registry is left."""
    storages = switching.storages(clouds, namespace)
    registry = MigratingRegistry(kubeconfig, cluster, namespace)
    registry.deploy(storages["s3"])
    given = storages["gcs"]
    cluster.create(secret_object("gcs-secret", namespace, given["registry_storage_secret"], managed=False))
    arguments = {"storage": given["registry_storage"]}
    number = 1
    while registry.killed(arguments, number):
        if number % 2:
            result = registry.module(arguments).result
            assert result["switch_ready"] and registry.left_behind() == [] and registry.is_read_only()
        registry.module({"state": "aborted"})
        assert registry.left_behind() == [] and not registry.is_read_only(), number
        assert registry.differences() == [], number
        number += 1
    print(f"killed after each of {number - 1} writes")
    # At least one for each phase and each object.
    assert number > 10
    registry.module({"state": "aborted"})
