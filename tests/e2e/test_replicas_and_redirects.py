# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two Pods on one bucket are one registry, and clients are sent to the store for layers."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import owns_replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import objects, registry_client, roundtrip
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

UNREACHABLE = "verification-redirect-unreachable"


def _upload_across(cluster: Cluster, namespace: str) -> None:
    """Begins an upload at one Pod, writes at the other, finishes at the first: the location is signed with a shared secret."""
    client = registry_client.from_cluster(cluster, namespace)
    pods = [pod["metadata"]["name"] for pod in cluster.list("Pod", namespace, label_selector=roundtrip.SELECTOR)]
    assert len(pods) == 2
    content = os.urandom(4096)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    with ExitStack() as stack:
        openers = [stack.enter_context(cluster.port_forward(namespace, pod, 5000)) for pod in pods]
        one, other = (
            RegistryApi(open_connection=opener, username=client.username, password=client.password)
            for opener in openers
        )
        location = other.write_upload(one.begin_upload("team/across"), content)
        one.finish_upload(location, digest)
        assert other.has_blob("team/across", digest)


def _wait_until_rolled_out(cluster: Cluster, namespace: str) -> None:
    until("the rollout", lambda: is_rolled_out(cluster.get("Deployment", "dockerregistry", namespace) or {}))


def test_two_pods_and_redirects(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """Both Pods serve, with a budget that goes with the second; the verification follows redirects where it can, and says where not.

    In between an autoscaler has set three: without registry_replicas they stay, with it the number is set.
    """
    variables = lab_clouds.own_s3(clouds, namespace)
    del variables["registry_redirect"]
    two = deploy(**variables, registry_replicas=2)
    assert two.returncode == 0, two.output
    assert two.of("Verify").codes("info") == [UNREACHABLE]
    assert len(roundtrip.ready_pods(cluster, namespace)) == 2
    budget = cluster.get("PodDisruptionBudget", "dockerregistry", namespace)
    assert budget is not None and budget["spec"]["maxUnavailable"] == 1
    _upload_across(cluster, namespace)

    objects.scale(cluster, namespace, "dockerregistry", 3)
    _wait_until_rolled_out(cluster, namespace)
    kept = deploy(**variables)
    assert (kept.returncode, kept.changed) == (0, 0), kept.output
    assert kept.of("Run the preflight").codes("info") == ["replicas-scaled"]
    assert cluster.get("Deployment", "dockerregistry", namespace)["spec"]["replicas"] == 3
    volume = deploy()
    assert "replicas-need-shared-volume" in volume.failure.codes(), volume.output

    inside = {"inside": [str(roundtrip.LAB), "clouds", "run", "--"]}
    one = deploy(_=inside, **variables, registry_replicas=1)
    assert one.returncode == 0, one.output
    assert one.of("Deploy and wait").codes("warning") == ["drift-corrected"]
    assert one.of("Verify").result["verified"] and one.of("Verify").codes("info") == []
    assert cluster.get("PodDisruptionBudget", "dockerregistry", namespace) is None
    assert cluster.get("Deployment", "dockerregistry", namespace)["spec"]["replicas"] == 1

    left_out = deploy(**variables)
    assert left_out.returncode == 0, left_out.output
    deployment = cluster.get("Deployment", "dockerregistry", namespace)
    assert owns_replicas(deployment), "otherwise the API server would not record who scales"
    assert deployment["spec"]["replicas"] == 1
    objects.scale(cluster, namespace, "dockerregistry", 0)
    _wait_until_rolled_out(cluster, namespace)
    started = deploy(**variables)
    assert started.returncode == 0, started.output
    assert started.of("Deploy and wait").codes("warning") == ["replicas-zero"]
    assert deploy(**variables).changed == 0
