# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight of a registry that runs: what cannot work ends the run before the running Pod ends. tests/api/test_preflight.py has what is written."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.e2e.traffic import Traffic
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import policies, registry_client, rights

GOOD = {"registry_env": {"GREETING": "hello"}}


def _generation(cluster: Cluster, namespace: str) -> int:
    deployment = cluster.get("Deployment", "dockerregistry", namespace)
    assert deployment is not None
    return int(deployment["metadata"]["generation"])


def _assert_nothing_left(cluster: Cluster, namespace: str) -> None:
    for kind in ("Pod", "ConfigMap", "Secret", "NetworkPolicy"):
        assert cluster.get(kind, "dockerregistry-preflight", namespace) is None


def test_volume(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """An image that does not exist, a configuration and IDs with which the registry does not work: no push or pull fails. Then a good change."""
    first = deploy()
    assert first.returncode == 0, first.output
    assert first.of("Run the preflight").result["preflight_run"] is False
    before = _generation(cluster, namespace)
    mistakes: list[tuple[dict[str, Any], str]] = [
        ({"registry_image": "localhost:1/no/such:image"}, "rollout-image-pull"),
        ({"registry_env": {"REGISTRY_MIDDLEWARE": {"storage": [{"name": "redirect"}]}}}, "registry-failed"),
        ({"registry_security_context": {"runAsUser": 0}}, "rollout-container-config"),
    ]
    with Traffic(registry_client.from_cluster(cluster, namespace)) as traffic:
        for changed, code in mistakes:
            run = deploy(**changed)
            assert run.failure.codes() == [code], run.output
            assert "Run the preflight" in run.failure.task
            _assert_nothing_left(cluster, namespace)
    assert traffic.failures == [] and traffic.rounds > len(mistakes)
    assert _generation(cluster, namespace) == before

    changed = deploy(**GOOD)
    assert changed.returncode == 0, changed.output
    assert changed.of("Run the preflight").result["preflight_run"] and not changed.of("Run the preflight").changed
    same = deploy(**GOOD)
    assert (same.returncode, same.changed) == (0, 0), same.output
    assert same.of("Run the preflight").result["preflight_run"] is False
    readonly = deploy(**GOOD, registry_readonly=True, registry_verify="reachable")
    assert readonly.returncode == 0, readonly.output
    assert readonly.of("Run the preflight").result["preflight_run"]


@pytest.mark.long
def test_policy_that_rejects_the_ids(
    deploy: Deploy, kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any]
) -> None:
    """The words of the policy, before the running Pod ends; with other IDs the change is deployed."""
    store = lab_clouds.own_s3(clouds, namespace)
    assert deploy(**store).returncode == 0
    before = _generation(cluster, namespace)
    words = "the cluster assigns user IDs"
    with policies.rejecting_user(kubeconfig, namespace, 1000, words):
        refused = deploy(**store, **GOOD)
        assert refused.failure.codes() == ["preflight-admission"], refused.output
        assert words in refused.failure.result["msg"] and "Run the preflight" in refused.failure.task
        assert _generation(cluster, namespace) == before
        accepted = deploy(**store, **GOOD, registry_security_context={"runAsUser": 4242})
        assert accepted.returncode == 0, accepted.output
        assert accepted.of("Verify").result["verified"]


def test_quota(deploy: Deploy, kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """New keys under a quota with room for one more Pod of the registry; without that room the finding says that it is a quota."""
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": namespace},
        "spec": {"hard": {"limits.memory": "2Gi", "pods": "3"}},
    }
    rights.make(kubeconfig, [quota])
    store = lab_clouds.own_s3(clouds, namespace)

    def key() -> dict[str, str]:
        mark = uuid.uuid4().hex
        return lab_clouds.s3_key(f"KYMA{mark[:16].upper()}", mark[:24])

    first = deploy(**{**store, "registry_storage_secret": key()})
    assert first.returncode == 0, first.output
    rotated = deploy(**{**store, "registry_storage_secret": key()})
    assert rotated.returncode == 0, rotated.output
    assert rotated.of("Run the preflight").result["preflight_run"]
    large = {"requests": {"memory": "300Mi"}, "limits": {"memory": "1500Mi"}}
    refused = deploy(**{**store, "registry_storage_secret": key(), "registry_resources": large})
    assert refused.failure.codes() == ["preflight-quota"], refused.output
    assert "exceeded quota: small" in refused.failure.result["msg"]
    _assert_nothing_left(cluster, namespace)


def test_identity(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """New annotations of the ServiceAccount with keys that the store rejects: the account is as it was, and the finding names them."""
    store = lab_clouds.own_s3(clouds, namespace)
    old = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/old"}
    new = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/new"}
    assert deploy(**store, registry_service_account_annotations=old).returncode == 0
    wrong = {**store["registry_storage_secret"], "secretKey": "w" * 24}
    failed = deploy(**{**store, "registry_storage_secret": wrong, "registry_service_account_annotations": new})
    assert failed.failure.codes() == ["store-credentials"], failed.output
    assert failed.failure.codes("info") == ["preflight-account"] and not failed.failure.changed
    account = cluster.get("ServiceAccount", "dockerregistry", namespace)
    assert account is not None and account["metadata"]["annotations"] == old
    again = deploy(**store, registry_service_account_annotations=old)
    assert (again.returncode, again.changed) == (0, 0), again.output


def test_namespace_that_denies_all(deploy: Deploy, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """The first run with an object store: the Pod has a NetworkPolicy before any of the registry's exists."""
    deny = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "deny-all", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }
    rights.make(kubeconfig, [deny])
    run = deploy(**lab_clouds.own_s3(clouds, namespace))
    assert run.returncode == 0, run.output
    assert run.of("Run the preflight").result["preflight_run"]
