# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry moves through all seven storage types, each one once the source and once the target."""

from __future__ import annotations

import itertools
import time
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import objects, switching
from ansible_collections.kyma.docker_registry.tests.support.migrating import MigratingRegistry

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
