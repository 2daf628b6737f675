# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default volume as it was asked for."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy


def test_size_and_access_modes(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """Another than the default's in the claim, which the registry serves from; several Pods are planned where they can share it."""
    shared = {"registry_volume_access_modes": ["ReadWriteMany"], "registry_replicas": 2}
    # The lab has no class that could provide it.
    planned = deploy("--check", "--diff", **shared)
    assert planned.returncode == 0, planned.output
    assert "ReadWriteMany" in planned.output

    requested = {"registry_volume_access_modes": ["ReadWriteOncePod"], "registry_volume_size": "3Gi"}
    run = deploy(**requested)
    assert run.returncode == 0, run.output
    assert run.of("Verify").result["verified"]
    claim = cluster.get("PersistentVolumeClaim", "dockerregistry", namespace)
    assert claim is not None
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert claim["spec"]["resources"]["requests"] == {"storage": "3Gi"}
    assert deploy(**requested).changed == 0
