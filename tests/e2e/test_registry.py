# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job: one run deploys a registry that real clients push to and the kubelet pulls from, and that keeps its images."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import image, objects, registry_client
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

SEED_FILESYSTEM = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
    name: default
    namespace: NAMESPACE
spec: {}
"""


def _running(cluster: Cluster, namespace: str, name: str) -> bool:
    pod = cluster.get("Pod", name, namespace)
    return pod is not None and pod["status"].get("phase") == "Running"


def _pods(cluster: Cluster, namespace: str) -> set[str]:
    return {
        pod["metadata"]["uid"]
        for pod in cluster.list("Pod", namespace, label_selector="app=docker-registry")
        if _ready(pod)
    }


def _ready(pod: dict) -> bool:
    conditions = pod["status"].get("conditions", [])
    return not pod["metadata"].get("deletionTimestamp") and any(
        item["type"] == "Ready" and item["status"] == "True" for item in conditions
    )


# Restarts the node.
@pytest.mark.alone
def test_images_survive_everything_but_the_volume(
    deploy: Deploy, cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    """Push by skopeo, pull by the kubelet; then Pod deletion, node restart and re-run leave the image as it was."""
    first = deploy()
    assert first.returncode == 0, first.output
    assert first.of("Verify").result["verified"]

    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")
    assert client.digest("team/app:v1") == digest

    cluster.create(
        objects.pulling_pod("puller", namespace, f"{client.address.replace('127.0.0.1', 'localhost')}/team/app:v1")
    )
    until("the kubelet to pull and start the image", lambda: _running(cluster, namespace, "puller"))

    before = _pods(cluster, namespace)
    for pod in cluster.list("Pod", namespace, label_selector="app=docker-registry"):
        cluster.delete("Pod", pod["metadata"]["name"], namespace, uid=pod["metadata"]["uid"])
    until("a new registry Pod", lambda: _pods(cluster, namespace) - before)
    assert client.digest("team/app:v1") == digest

    subprocess.run([REPOSITORY / "tests" / "lab" / "lab", "restart", "kubelet", "containerd"], check=True, timeout=180)
    until("the registry after the node's restart", lambda: _pods(cluster, namespace))
    client.pull("team/app:v1", tmp_path / "again")

    second = deploy("--diff")
    assert second.returncode == 0, second.output
    assert second.changed == 0, [(task.task, task.result.get("diff")) for task in second.tasks if task.changed]
    assert client.digest("team/app:v1") == digest


def test_status_for_kymas_clients(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """The CR says Configured, Installed, Ready and the addresses, in the operator's shape; the manifest is the document's own."""
    run = deploy(registry_manifest=SEED_FILESYSTEM.replace("NAMESPACE", namespace))
    assert run.returncode == 0, run.output
    status = cluster.get("DockerRegistry", "default", namespace)["status"]
    assert (status["state"], status["served"], status["storage"], status["deleteEnabled"]) == (
        "Ready",
        "True",
        "filesystem",
        "False",
    )
    conditions = {item["type"]: (item["status"], item["reason"]) for item in status["conditions"]}
    assert conditions == {"Configured": ("True", "Configured"), "Installed": ("True", "Installed")}
    access = status["internalAccess"]
    assert access["secretName"] == "dockerregistry-config"
    assert access["pushAddress"] == f"dockerregistry.{namespace}.svc.cluster.local:5000"


def test_changed_configuration_rolls_the_pod(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """A setting and a password reach the running registry by themselves."""
    assert deploy().returncode == 0
    before = _pods(cluster, namespace)
    changed = deploy(registry_logging={"level": "debug"}, registry_password="another-pass-word-1")
    assert changed.returncode == 0, changed.output
    assert not before & _pods(cluster, namespace)
    assert registry_client.from_cluster(cluster, namespace).password == "another-pass-word-1"


def test_readonly(deploy: Deploy, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """What is there is pulled, nothing is pushed, and the verification that pushes fails; then it takes images again."""
    assert deploy().returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")
    run = deploy(registry_readonly=True, registry_verify="reachable")
    assert run.returncode == 0, run.output
    client.pull("team/app:v1", tmp_path / "pulled")
    with pytest.raises(AssertionError, match="skopeo copy"):
        client.push(tmp_path / "image", "team/other:v1")
    assert "[readonly-verification]" in deploy(registry_readonly=True).failure.result["msg"]
    assert deploy().returncode == 0


def test_restricted_namespace(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """Every Pod is fit for Pod Security `restricted`."""
    patch = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    cluster.patch("Namespace", namespace, None, patch, content_type="application/merge-patch+json")
    run = deploy()
    assert run.returncode == 0, run.output
