# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that fails leaves a registry that works: the former Deployment, DockerRegistry and credentials are in use again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.run_state import check_run_state
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import image, registry_client, rights, roundtrip

MISSING_IMAGE = {"registry_image": "localhost/missing:1"}
FIRST, SECOND = "first-password-of-thirty-two-characters", "second-password-of-thirty-two-characters"
REVISION_LABEL = "kyma-docker-registry.ansible/part-of=revision"


def _storage(cluster: Cluster, namespace: str) -> Any:
    document = cluster.get("DockerRegistry", "default", namespace)
    assert document is not None
    return document["spec"].get("storage")


def _state(cluster: Cluster, namespace: str) -> list[str]:
    """What registry_info reports about the last run."""
    return [item.code for item in check_run_state(cluster.get("Deployment", "dockerregistry", namespace))]


def test_volume(deploy: Deploy, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """A new password and a new configuration with an image that does not exist; inspection without a restored state; then it converges."""
    good = {"registry_password": FIRST}
    assert deploy(**good).returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")

    bad = {**MISSING_IMAGE, "registry_password": SECOND, "registry_readonly": True, "registry_preflight": False}
    bad["registry_verify"] = "reachable"
    failed = deploy(**bad)
    assert failed.failure.codes() == ["rollout-image-pull"]
    assert "[deployment-restored]" in failed.failures[-1].result["msg"], failed.output
    assert client.digest("team/app:v1") == digest
    assert len(cluster.list("Secret", namespace, label_selector=REVISION_LABEL)) == 1, (
        "the failed revision's Secret is left"
    )
    roundtrip.replace_pods(cluster, namespace)
    assert registry_client.from_cluster(cluster, namespace).password == FIRST
    assert client.digest("team/app:v1") == digest
    assert _state(cluster, namespace) == ["deployment-restored"]
    again = deploy(**good)
    assert (again.returncode, again.changed) == (0, 0), again.output
    assert _state(cluster, namespace) == []

    kept = deploy(**bad, registry_rollback=False)
    assert kept.failure.codes() == ["rollout-image-pull"] and "restored" not in kept.failures[-1].result["msg"]
    deployment = cluster.get("Deployment", "dockerregistry", namespace)
    assert deployment is not None
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == MISSING_IMAGE["registry_image"]
    assert _state(cluster, namespace) == ["deployment-not-verified"]
    assert registry_client.from_cluster(cluster, namespace).password == FIRST, "clients got a password too early"

    converged = deploy(registry_password=SECOND)
    assert converged.returncode == 0, converged.output
    assert _state(cluster, namespace) == []
    changed = registry_client.from_cluster(cluster, namespace)
    assert changed.password == SECOND and changed.digest("team/app:v1") == digest
    secrets = cluster.list("Secret", namespace, label_selector=REVISION_LABEL)
    assert len(secrets) == 1, "credentials of former revisions were kept"


def test_switch_of_the_storage(
    deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any], tmp_path: Path
) -> None:
    """From the volume to a store whose Pods never start: volume, strategy and DockerRegistry are the former ones, and nothing is asked for."""
    assert deploy().returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")
    before = _storage(cluster, namespace)
    store = lab_clouds.own_s3(clouds, namespace)
    refused = deploy(**store)
    accepted = str(refused.failure.result["msg"]).rpartition("registry_accept_data_loss: '")[2].partition("'")[0]
    failed = deploy(**store, **MISSING_IMAGE, registry_accept_data_loss=accepted, registry_preflight=False)
    assert failed.failure.codes() == ["rollout-image-pull"]
    assert "[deployment-restored]" in failed.failures[-1].result["msg"], failed.output
    assert client.digest("team/app:v1") == digest
    assert _storage(cluster, namespace) == before
    deployment = cluster.get("Deployment", "dockerregistry", namespace)
    assert deployment is not None and deployment["spec"]["strategy"] == {"type": "Recreate"}
    again = deploy()
    assert (again.returncode, again.changed) == (0, 0), again.output
    # The consent was for the failed attempt: what is pushed after it needs another one.
    client.push(tmp_path / "image", "team/app:v2")
    refused = deploy(**store, registry_accept_data_loss=accepted)
    assert refused.failure.codes() == ["images-at-risk"]


@pytest.mark.long
def test_switch_with_one_secret(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """To another folder, with other values for the same Secret: values and storage are the former ones, although the values are not the cause."""
    store = lab_clouds.own_s3(clouds, namespace)
    assert deploy(**store).returncode == 0
    (fields,) = store["registry_storage"].values()

    def values() -> Any:
        secret = cluster.get("Secret", fields["secretName"], namespace)
        assert secret is not None
        return secret["data"]

    before, storage = values(), _storage(cluster, namespace)
    other = {
        **store,
        "registry_storage_secret": {**store["registry_storage_secret"], "secretKey": "O" * 40},
        "registry_driver_parameters": {"rootdirectory": f"{namespace}-other"},
    }
    failed = deploy(**other, **MISSING_IMAGE, registry_preflight=False)
    assert failed.failure.codes() == ["rollout-image-pull"], failed.output
    assert "[deployment-restored]" in failed.failures[-1].result["msg"], failed.output
    assert (values(), _storage(cluster, namespace)) == (before, storage)
    assert cluster.get("Secret", "dockerregistry-storage-previous", namespace) is None
    without_values = {name: value for name, value in store.items() if name != "registry_storage_secret"}
    assert deploy(**without_values).returncode == 0
    assert deploy(**without_values).changed == 0


def test_after_a_restart(deploy: Deploy, kubeconfig: str, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """Two passwords, a restart by another client, and an image that does not exist: the Deployment with the second password is used again."""
    assert deploy(registry_password=FIRST).returncode == 0
    assert deploy(registry_password=SECOND).returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")
    rights.kubectl(kubeconfig, "rollout", "restart", "deployment/dockerregistry", "-n", namespace)
    rights.kubectl(kubeconfig, "rollout", "status", "deployment/dockerregistry", "-n", namespace, "--timeout=90s")
    failed = deploy(**MISSING_IMAGE, registry_password=SECOND, registry_preflight=False)
    assert failed.failure.codes() == ["rollout-image-pull"]
    assert "[deployment-restored]" in failed.failures[-1].result["msg"], failed.output
    roundtrip.replace_pods(cluster, namespace)
    restored = registry_client.from_cluster(cluster, namespace)
    assert restored.password == SECOND and restored.digest("team/app:v1") == digest
    again = deploy(registry_password=SECOND)
    assert (again.returncode, again.changed) == (0, 0), again.output
