# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollouts on a real cluster with nodes: the good one, and every failure that is reported early."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.tests.api.cluster.workload import NAME, claim, registry, with_claim
from ansible_collections.kyma.docker_registry.tests.support.objects import get_by_path

pytestmark = pytest.mark.beside
PANIC = {"env": [{"name": "REGISTRY_STORAGE_NONSENSE_X", "value": "y"}]}


@pytest.fixture(autouse=True)
def _needs_a_node(cluster: Cluster) -> None:
    if not get_by_path(cluster, "/api/v1/nodes")["items"]:
        pytest.skip("this cluster runs no Pods")


def wait(cluster: Cluster, namespace: str, timeout: float, **settings: Any) -> dict[str, Any]:
    """The Deployment after its rollout."""
    return wait_rollout(cluster, namespace, NAME, timeout, explain_log=find_cause, **settings)


def refusal(cluster: Cluster, namespace: str, **settings: Any) -> Finding:
    """The finding of a wait that fails for a cause, before the time-out, which has its own code."""
    with pytest.raises(Refusal) as caught:
        wait(cluster, namespace, 120, **settings)
    (finding,) = caught.value.findings
    print(finding.text())
    assert finding.path == f"Deployment/{NAME}"
    assert finding.remedy and finding.code != "rollout-timeout"
    return finding


def test_a_good_rollout_and_the_next_one(cluster: Cluster, namespace: str) -> None:
    """Also when the old Pod has to go first."""
    reported: list[str] = []
    cluster.apply(registry(namespace))

    def awaiting(what: str, limit: float) -> Say:
        assert (what, limit) == (f"rollout of Deployment/{NAME} in namespace {namespace}", 90)
        return reported.append

    assert wait(cluster, namespace, 90, awaiting=awaiting)["status"]["readyReplicas"] == 1
    assert reported, "the state at each look"
    changed = registry(namespace, pod={"terminationGracePeriodSeconds": 2})
    cluster.apply(changed)
    done = wait(cluster, namespace, 90)
    assert done["status"]["observedGeneration"] == done["metadata"]["generation"]
    reported.clear()
    wait(cluster, namespace, 90, awaiting=awaiting)
    assert len(reported) <= 1, "one look is enough where nothing moves"


def test_a_panic_is_quoted(cluster: Cluster, namespace: str) -> None:
    """With the registry's own words."""
    cluster.apply(registry(namespace, **PANIC))
    finding = refusal(cluster, namespace)
    assert finding.code == "rollout-crashloop"
    assert "the registry logs:" in finding.message


def test_a_panic_after_a_good_one_blames_the_new_pod_only(cluster: Cluster, namespace: str) -> None:
    """And a repair after it is not held back by the Pods that still crash."""
    cluster.apply(registry(namespace, **PANIC))
    refusal(cluster, namespace)
    cluster.apply(registry(namespace))
    wait(cluster, namespace, 90)


def test_a_failing_init_container(cluster: Cluster, namespace: str) -> None:
    """It counts like any other."""
    template = registry(namespace)["spec"]["template"]["spec"]["containers"][0]
    init = {key: template[key] for key in ("image", "securityContext")}
    cluster.apply(
        registry(
            namespace,
            pod={"initContainers": [{**init, "name": "init", "command": ["/bin/registry", "serve", "/none"]}]},
        )
    )
    finding = refusal(cluster, namespace)
    assert finding.code in ("rollout-crashloop", "rollout-container-config")
    assert "init" in finding.message


def test_an_image_that_is_not_there(cluster: Cluster, namespace: str) -> None:
    """With the kubelet's reason."""
    cluster.apply(registry(namespace, image="127.0.0.1:1/none:1", imagePullPolicy="IfNotPresent"))
    finding = refusal(cluster, namespace)
    assert finding.code == "rollout-image-pull"
    assert "none:1" in finding.message


def test_an_image_name_that_is_none(cluster: Cluster, namespace: str) -> None:
    """At once."""
    cluster.apply(registry(namespace, image="NO such image"))
    assert refusal(cluster, namespace).code == "rollout-image-pull"


def test_a_missing_secret_key(cluster: Cluster, namespace: str) -> None:
    """CreateContainerConfigError."""
    value = {"secretKeyRef": {"name": "missing", "key": "k"}}
    cluster.apply(registry(namespace, env=[{"name": "A", "valueFrom": value}]))
    finding = refusal(cluster, namespace)
    assert finding.code == "rollout-container-config"
    assert "missing" in finding.message


def test_a_missing_volume_secret(cluster: Cluster, namespace: str) -> None:
    """FailedMount, after the grace period."""
    volumes = [{"name": "data", "secret": {"secretName": "missing"}}]
    cluster.apply(registry(namespace, pod={"volumes": volumes}))
    finding = refusal(cluster, namespace, grace=5)
    assert finding.code == "rollout-volume"
    assert "missing" in finding.message


def test_a_missing_claim(cluster: Cluster, namespace: str) -> None:
    """Named."""
    cluster.apply(registry(namespace, pod=with_claim()))
    finding = refusal(cluster, namespace)
    assert finding.code == "rollout-volume"
    assert "data" in finding.message


def test_a_missing_storage_class(cluster: Cluster, namespace: str) -> None:
    """ProvisioningFailed of the claim."""
    cluster.apply(claim(namespace, "no-such-class"))
    cluster.apply(registry(namespace, pod=with_claim()))
    finding = refusal(cluster, namespace)
    assert finding.code == "rollout-volume"
    assert "no-such-class" in finding.message


def test_a_claim_that_binds_late(cluster: Cluster, namespace: str) -> None:
    """WaitForFirstConsumer is not a failure."""
    classes = [item for item in cluster.list("StorageClass") if item.get("volumeBindingMode") == "WaitForFirstConsumer"]
    if not classes:
        pytest.skip("no class binds late here")
    cluster.apply(claim(namespace, classes[0]["metadata"]["name"]))
    security = {"fsGroup": 1000, "runAsUser": 1000}
    cluster.apply(registry(namespace, pod={**with_claim(), "securityContext": security}))
    wait(cluster, namespace, 90)


def test_no_node_fits(cluster: Cluster, namespace: str) -> None:
    """Only after the grace period."""
    cluster.apply(registry(namespace, pod={"nodeSelector": {"no": "such-node"}}))
    start = time.monotonic()
    finding = refusal(cluster, namespace, grace=6)
    assert time.monotonic() - start >= 6
    assert finding.code == "rollout-unschedulable"


def test_a_policy_refuses_the_pod(cluster: Cluster, namespace: str) -> None:
    """Pod Security."""
    label = [{"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce", "value": "restricted"}]
    cluster.patch("Namespace", namespace, None, label)
    cluster.apply(registry(namespace, securityContext={"privileged": True}))
    finding = refusal(cluster, namespace)
    assert finding.code == "rollout-admission"
    assert "PodSecurity" in finding.message
    assert cluster.warnings  # The API server warns about it when the Deployment is applied.


def test_a_pod_that_never_gets_ready(cluster: Cluster, namespace: str) -> None:
    """The time-out says what was seen."""
    readiness = {"httpGet": {"path": "/none", "port": 5000}, "periodSeconds": 1}
    cluster.apply(registry(namespace, readinessProbe=readiness))
    with pytest.raises(Refusal) as caught:
        wait(cluster, namespace, 8)
    (finding,) = caught.value.findings
    print(finding.text())
    assert finding.code == "rollout-timeout"
    assert "not ready" in finding.message
    assert "Unhealthy" in finding.message


def test_no_deployment(cluster: Cluster, namespace: str) -> None:
    """At once."""
    assert refusal(cluster, namespace).code == "rollout-gone"
