# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data guard on a live registry: nothing stored goes through, something stored or unknown does not."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import consent, image, objects, registry_client
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

PVC = {"pvc": {"name": "existing-pvc"}}


def _claim_name(cluster: Cluster, namespace: str) -> str:
    volumes = cluster.get("Deployment", "dockerregistry", namespace)["spec"]["template"]["spec"]["volumes"]
    return next(item["persistentVolumeClaim"]["claimName"] for item in volumes if item["name"] == "data")


def test_filesystem_to_pvc(deploy: Deploy, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """The change is accepted if only the verification was pushed, also after an image was deleted. It is rejected with one image."""
    assert deploy(registry_storage={"deleteEnabled": True}).returncode == 0
    cluster.create(objects.claim("existing-pvc", namespace))
    client = registry_client.from_cluster(cluster, namespace)
    image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")

    refused = deploy(registry_storage=PVC)
    assert refused.returncode != 0
    assert refused.failure.codes() == ["images-at-risk"]
    assert "1 repository" in refused.failure.result["msg"]
    assert _claim_name(cluster, namespace) == "dockerregistry"
    assert cluster.get("DockerRegistry", "default", namespace)["spec"]["storage"] == {"deleteEnabled": True}

    client.delete("team/app:v1")
    emptied = deploy(registry_storage=PVC)
    assert emptied.returncode == 0, emptied.output
    assert _claim_name(cluster, namespace) == "existing-pvc"
    assert cluster.get("PersistentVolumeClaim", "dockerregistry", namespace) is not None


def test_untagged_images_count(deploy: Deploy, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """An image that only its digest names is an image."""
    assert deploy().returncode == 0
    cluster.create(objects.claim("existing-pvc", namespace))
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", f"team/app@{digest}")
    refused = deploy(registry_storage=PVC)
    assert refused.failure.codes() == ["images-at-risk"]


def test_unknown_counts_as_full(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """A registry that crash-loops cannot say what it stores."""
    assert deploy().returncode == 0
    cluster.create(objects.claim("existing-pvc", namespace))
    broken = [
        {
            "op": "replace",
            "path": "/spec/template/spec/containers/0/command",
            "value": ["/bin/registry", "serve", "/none"],
        }
    ]
    cluster.patch("Deployment", "dockerregistry", namespace, broken)
    until(
        "the registry to be gone",
        lambda: not cluster.get("Deployment", "dockerregistry", namespace)["status"].get("readyReplicas"),
    )
    refused = deploy(registry_storage=PVC)
    assert refused.failure.codes() == ["images-at-risk"]
    assert "unknown" in refused.failure.result["msg"]

    bare = deploy(registry_storage=PVC, registry_accept_data_loss=consent.DEFAULT_STORAGE_ID)
    assert bare.failure.codes() == ["images-at-risk"]
    offered = consent.offered(bare.failure.result)
    assert offered == consent.offered(refused.failure.result) == consent.fitting(cluster, namespace)
    accepted = deploy(registry_storage=PVC, registry_accept_data_loss=offered)
    assert accepted.returncode == 0, accepted.output
    for task in ("Validate", "Write the DockerRegistry", "Deploy and wait"):
        assert "data-loss-accepted" in accepted.of(task).codes("warning"), task
    again = deploy(registry_storage=PVC, registry_accept_data_loss=offered)
    assert (again.returncode, again.changed) == (0, 0), again.output


def test_absent_keeps_the_volume(deploy: Deploy, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """Removal leaves the images; the next deployment serves them again; only the right consent deletes them."""
    assert deploy().returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")

    removed = deploy(registry_state="absent")
    assert removed.returncode == 0, removed.output
    assert "volume-kept" in removed.of("Remove the workload").codes("warning")
    for kind, name in (
        ("Deployment", "dockerregistry"),
        ("DockerRegistry", "default"),
        ("Secret", "dockerregistry-config"),
    ):
        assert cluster.get(kind, name, namespace) is None, kind
    assert deploy(registry_state="absent").changed == 0

    assert deploy().returncode == 0
    assert registry_client.from_cluster(cluster, namespace).digest("team/app:v1") == digest

    wrong = deploy(registry_state="absent", registry_accept_data_loss="yes")
    assert wrong.failure.codes() == ["accept-unknown"]
    offered = consent.offered(wrong.failure.result)
    gone = deploy(registry_state="absent", registry_accept_data_loss=offered)
    assert gone.returncode == 0, gone.output
    until(
        "the volume's claim to be gone",
        lambda: cluster.get("PersistentVolumeClaim", "dockerregistry", namespace) is None,
    )
    assert deploy(registry_state="absent", registry_accept_data_loss=offered).changed == 0
