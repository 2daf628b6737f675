# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollout of a registry on an object store, as its users see it: no request fails, and a push that is in progress completes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_being_deleted
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.e2e.traffic import Traffic
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import registry_client, roundtrip
from ansible_collections.kyma.docker_registry.tests.support.slow_push import REPOSITORY, SlowPush
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

pytestmark = pytest.mark.long

# MiB, and MiB per second: at least a minute, longer than a rollout. The last part is kept back until the rollout is complete.
SIZE, RATE, LAST = 600, 12.0, 60


def _pods(cluster: Cluster, namespace: str) -> dict[str, bool]:
    """UIDs of the registry's Pods, and whether they are ending."""
    found = cluster.list("Pod", namespace, label_selector=roundtrip.SELECTOR)
    return {pod["metadata"]["uid"]: is_being_deleted(pod) for pod in found}


def test_a_large_push_across_a_rollout(
    deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]
) -> None:
    """600 MiB flow through a Pod that the rollout replaces, which ends only afterwards. Other users push and pull without a failure."""
    variables = {**lab_clouds.own_s3(clouds, namespace), "registry_replicas": 2}
    first = deploy(**variables)
    assert first.returncode == 0, first.output
    client = registry_client.from_cluster(cluster, namespace)
    former = set(_pods(cluster, namespace))
    assert len(former) == 2
    start = time.monotonic()
    with SlowPush(client, SIZE, RATE, LAST) as push, Traffic(client) as traffic:
        until("the first tenth of the push", lambda: push.sent > SIZE / 10 or not push.is_running)
        rollout = deploy(**variables, registry_pod_labels={"rollout": "next"})
        assert rollout.returncode == 0, rollout.output
        rolled_out, sent = time.monotonic() - start, push.sent
        pods = _pods(cluster, namespace)
        assert push.is_running, push.problem
        assert all(pods[uid] for uid in former & set(pods)) and len(set(pods) - former) == 2, pods
        assert former & set(pods), "the Pod that takes the push has ended"
        digest = push.finish()
        pushed = time.monotonic() - start
        until("the end of the former Pods", lambda: not former & set(_pods(cluster, namespace)))
        ended = time.monotonic() - start
        until("a round of the other users", lambda: traffic.rounds or traffic.failures)
    print(
        f"rollout complete after {rolled_out:.0f} s, with {sent} of {SIZE} MiB sent; pushed after {pushed:.0f} s; "
        f"former Pods gone after {ended:.0f} s; {traffic.rounds} pushes and pulls of other users"
    )
    assert traffic.failures == []
    api = registry_client.open_api(client)
    try:
        assert api.has_blob(REPOSITORY, digest)
    finally:
        api.close()
    assert deploy(**variables, registry_pod_labels={"rollout": "next"}).changed == 0
