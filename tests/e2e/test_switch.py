# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a volume to a store and back, in direct mode: the Deployment changes its strategy each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import consent, image, registry_client


def _strategy(cluster: Cluster, namespace: str) -> str:
    found = cluster.get("Deployment", "dockerregistry", namespace)
    assert found is not None
    return str(found["spec"]["strategy"]["type"])


@pytest.mark.long
def test_volume_to_store_and_back(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """Each run is verified and a second one changes nothing; check mode says what would come and stores nothing."""
    store = lab_clouds.own_s3(clouds, namespace)
    for variables, strategy in (({}, "Recreate"), (store, "RollingUpdate"), ({}, "Recreate")):
        before = cluster.get("Deployment", "dockerregistry", namespace)
        planned = deploy("--check", **variables)
        assert planned.returncode == 0 and planned.changed, planned.output
        after = cluster.get("Deployment", "dockerregistry", namespace)
        assert (before or {}).get("spec") == (after or {}).get("spec")
        run = deploy(**variables)
        assert run.returncode == 0, run.output
        assert run.of("Verify").result["verified"] and _strategy(cluster, namespace) == strategy
    again = deploy()
    assert (again.returncode, again.changed) == (0, 0), again.output


def test_the_way_back_from_a_failed_switch(
    deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any], tmp_path: Path
) -> None:
    """A switch whose new Pod never starts, and back: nothing is asked for, and the images are there."""
    store = lab_clouds.own_s3(clouds, namespace)
    assert deploy(**store).returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")
    parameters = store["registry_driver_parameters"]
    other = {**store, "registry_driver_parameters": {**parameters, "rootdirectory": f"{namespace}-other"}}
    refused = deploy(**other)
    assert refused.failure.codes() == ["images-at-risk"]
    accepted = consent.offered(refused.failure.result)
    failed = deploy(
        **other,
        registry_accept_data_loss=accepted,
        registry_image="localhost/missing:1",
        registry_preflight=False,
        registry_rollback=False,
    )
    assert failed.failure.codes() == ["rollout-image-pull"]
    back = deploy(**store)
    assert back.returncode == 0, back.output
    assert "switch-undone" in back.of("Validate").codes("warning")
    assert client.digest("team/app:v1") == digest
