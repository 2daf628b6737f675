# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input and bad clusters: one clear finding, no write, no wait."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE, Deploy
from ansible_collections.kyma.docker_registry.tests.support import objects, playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "wrong PVC name": (
        {"registry_storage": {"pvc": {"name": "no-such-claim"}}},
        "pvc-missing",
        "registry_storage.pvc.name",
    ),
    "PVC of a missing class": (
        {"registry_storage": {"pvc": {"name": "classless"}}},
        "pvc-storage-class-missing",
        "registry_storage.pvc.name",
    ),
    "missing class for the default volume": (
        {"registry_volume_storage_class": "no-such-class"},
        "volume-storage-class-missing",
        "registry_volume_storage_class",
    ),
    "two backends": (
        {"registry_storage": {"pvc": {"name": "a"}, "s3": {"bucket": "b", "region": "eu-central-1"}}},
        "storage-two-backends",
        "registry_storage",
    ),
    "misspelt backend": (
        {"registry_storage": {"filesytem": {}}},
        "storage-unknown-field",
        "registry_storage.filesytem",
    ),
    "a variable that moves the images": (
        {"registry_env": {"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/var/lib/registry/b"}},
        "env-moves-images",
        "registry_env.REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
    ),
    "two replicas on one node's volume": ({"registry_replicas": 2}, "replicas-need-shared-volume", "registry_replicas"),
}


@pytest.mark.nodeless
@pytest.mark.parametrize("case", BAD)
def test_one_finding_and_no_write(case: str, deploy: Deploy, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """The finding names code and place; the audit log shows no write; nothing waits."""
    variables, code, path = BAD[case]
    cluster.create(objects.claim("classless", namespace, storage_class="no-such-class"))
    run = deploy(**variables)
    assert run.returncode != 0
    found = [item for item in run.failure.result["findings"] if item["severity"] == "error"]
    assert [(item["code"], item["path"]) for item in found] == [(code, path)]
    assert found[0]["message"] and found[0]["remedy"]
    assert audit.writes() == [] and not run.waited
    assert "Validate" in run.tasks[-1].task, "the first module of the role refuses"


@pytest.mark.nodeless
def test_unreachable_api_server(namespace: str) -> None:
    """One finding that names the address and where it came from; without repetitions, at once."""
    run = playbook.run(
        SITE,
        kubeconfig=None,
        variables={"registry_namespace": namespace},
        extra_environment={
            "K8S_AUTH_HOST": "https://127.0.0.1:9",
            "K8S_AUTH_API_KEY": "some-token",
            "K8S_AUTH_RETRY_TIMEOUT": "0",
        },
    )
    assert run.failure.codes() == ["cluster-unreachable"]
    assert "127.0.0.1:9" in run.failure.result["msg"] and "K8S_AUTH_HOST" in run.failure.result["msg"]
    assert not run.waited


@pytest.mark.nodeless
def test_check_mode_without_namespace(deploy: Deploy, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """If the namespace does not exist, the plan is the same and shows that it is missing."""
    run = deploy("--check", "--diff", registry_namespace=f"{namespace}-absent")
    assert run.returncode == 0, run.output
    assert f"Namespace/{namespace}-absent" in run.output and "Deployment/dockerregistry" in run.output
    assert audit.writes() == []


def test_failing_rollout_reports_the_cause(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """A registry that cannot start ends the run early, with its own last words, and the CR says Error."""
    run = deploy(registry_env={"REGISTRY_MIDDLEWARE": {"storage": [{"name": "redirect"}]}})
    assert run.failure.codes() == ["rollout-crashloop"], run.output
    assert "no baseurl provided" in run.failure.result["msg"]
    status = cluster.get("DockerRegistry", "default", namespace)["status"]
    assert status["state"] == "Error"
    corrected = deploy()
    assert corrected.returncode == 0, corrected.output
    assert cluster.get("DockerRegistry", "default", namespace)["status"]["state"] == "Ready"


@pytest.mark.long
def test_image_that_does_not_exist(deploy: Deploy) -> None:
    """A wrong image name is reported as such."""
    run = deploy(registry_image="localhost:1/no/such:image")
    assert run.failure.codes() == ["rollout-image-pull"], run.output


@pytest.mark.nodeless
def test_namespace_that_may_not_be_made(deploy: Deploy, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """Without the namespace the run fails with the name of the option, and nothing is written. With the namespace the option has no effect."""
    absent = f"{namespace}-absent"
    run = deploy(registry_namespace=absent, registry_create_namespace=False)
    assert run.failure.codes() == ["namespace-missing"], run.output
    assert absent in run.failure.result["msg"] and "registry_create_namespace" in run.failure.result["msg"]
    assert cluster.get("Namespace", absent) is None and audit.writes() == []


@pytest.mark.nodeless
def test_what_is_there_need_not_be_made(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """Neither namespace nor definition: a run that may make neither finds both."""
    run = deploy("--check", registry_create_namespace=False, registry_install_crd=False)
    assert run.returncode == 0, run.output
