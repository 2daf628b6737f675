# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A switch that is killed right after its write of the Deployment: images are pushed to the new storage, and then a run with it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    recorded_storage_id,
)
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE, Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import (
    image,
    interruption,
    policies,
    registry_client,
    rights,
    waiting,
)


def _storage_id(cluster: Cluster, namespace: str) -> str | None:
    return recorded_storage_id(cluster.get("Deployment", constants.REGISTRY, namespace))


@pytest.mark.parametrize(
    "failure",
    ["an image that does not exist", pytest.param("no room for the Pod's successor", marks=pytest.mark.long)],
)
def test_images_in_the_new_storage_stay_in_use(
    failure: str,
    deploy: Deploy,
    kubeconfig: str,
    cluster: Cluster,
    namespace: str,
    clouds: dict[str, Any],
    tmp_path: Path,
) -> None:
    """The Pod that accepted the push is replaced or gone. The former storage is not restored, and the next run serves the image."""
    store = lab_clouds.own_s3(clouds, namespace)
    assert deploy(**store).returncode == 0
    former = _storage_id(cluster, namespace)
    other = {**store, "registry_driver_parameters": {"rootdirectory": f"{namespace}-other"}}
    variables = {"registry_namespace": namespace, "registry_wait_timeout": 120, **other}

    def switched() -> bool:
        return _storage_id(cluster, namespace) != former

    def rolled_out() -> bool:
        deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
        return deployment is not None and is_rolled_out(deployment)

    assert interruption.kill_when(switched, SITE, kubeconfig=kubeconfig, variables=variables)
    waiting.until("the rollout to the new storage", rolled_out)
    digest = image.oci_layout(tmp_path / "image")
    registry_client.from_cluster(cluster, namespace).push(tmp_path / "image", "team/app:v1")

    if failure.startswith("an image"):
        failed = deploy(
            **other, registry_image="localhost/missing:1", registry_preflight=False, registry_wait_timeout=30
        )
    else:
        with policies.without_pods(kubeconfig, namespace):
            rights.kubectl(kubeconfig, "delete", "pods", "--all", "-n", namespace)
            failed = deploy(**other, registry_preflight=False, registry_wait_timeout=20)
    assert failed.returncode != 0
    assert "restore-at-risk" in failed.of("Restore the former Deployment").codes("warning"), failed.output
    assert switched()
    completed = deploy(**other)
    assert completed.returncode == 0, completed.output
    assert registry_client.from_cluster(cluster, namespace).digest("team/app:v1") == digest
