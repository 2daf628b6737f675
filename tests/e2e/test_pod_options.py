# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's options for the Pod make of Deployment and ServiceAccount."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import roundtrip
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE_SPEC

# A Pod with these starts on the lab's node; a pull Secret that is not there stops no kubelet that has the image.
OPTIONS: dict[str, Any] = {
    "registry_resources": {"requests": {"cpu": "15m", "memory": "48Mi"}, "limits": {"memory": "192Mi"}},
    "registry_node_selector": {"kubernetes.io/os": "linux"},
    "registry_tolerations": [{"key": "team-registry", "operator": "Exists", "effect": "NoSchedule"}],
    "registry_pod_labels": {"azure.workload.identity/use": "true"},
    "registry_image_pull_secrets": [{"name": "of-a-mirror"}],
    "registry_service_account_annotations": {"azure.workload.identity/client-id": "of-this-test"},
    # Another user could not write to what is on the volume: the kubelet changes no owner on a hostPath.
    "registry_security_context": {"runAsGroup": 4242},
    "registry_env": {"NO_PROXY": "10.0.0.0/8,.svc"},
}
# The API server leaves out what is empty.
IDS = {"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000}
EMPTY: dict[str, Any] = {"nodeSelector": {}, "tolerations": [], "imagePullSecrets": []}


def _pod_options(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The options, as the live objects have them."""
    account = cluster.get("ServiceAccount", "dockerregistry", namespace)
    deployment = cluster.get("Deployment", "dockerregistry", namespace)
    assert account is not None and deployment is not None
    template = deployment["spec"]["template"]
    pod = {**EMPTY, **template["spec"]}
    (container,) = pod["containers"]
    labels, selector = template["metadata"]["labels"], deployment["spec"]["selector"]["matchLabels"]
    assert selector.items() <= labels.items()
    return {
        "registry_resources": container["resources"],
        "registry_node_selector": pod["nodeSelector"],
        "registry_tolerations": pod["tolerations"],
        "registry_pod_labels": {key: value for key, value in labels.items() if "azure" in key},
        "registry_image_pull_secrets": pod["imagePullSecrets"],
        "registry_service_account_annotations": account["metadata"].get("annotations", {}),
        "registry_security_context": {
            name: pod["securityContext"][name] for name, usual in IDS.items() if pod["securityContext"][name] != usual
        },
        "registry_env": {item["name"]: item["value"] for item in container["env"] if "PROXY" in item["name"]},
    }


def test_they_arrive_stay_and_go(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """All of them in one run, with a Pod that serves; a second run writes nothing; without them all is as by default."""
    first = deploy(**OPTIONS)
    assert first.returncode == 0, first.output
    assert first.of("Verify").result["verified"]
    assert _pod_options(cluster, namespace) == OPTIONS
    (pod,) = cluster.list("Pod", namespace, label_selector=roundtrip.SELECTOR)
    assert pod["metadata"]["labels"].items() >= OPTIONS["registry_pod_labels"].items()

    second = deploy("--diff", **OPTIONS)
    assert second.returncode == 0, second.output
    assert second.changed == 0, [(task.task, task.result.get("diff")) for task in second.tasks if task.changed]

    without = deploy()
    assert without.returncode == 0, without.output
    seen = _pod_options(cluster, namespace)
    assert seen.pop("registry_resources") == ROLE_SPEC["options"]["registry_resources"]["default"]
    assert not any(seen.values()), seen
