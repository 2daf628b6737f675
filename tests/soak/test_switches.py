# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users push while a registry is switched through all seven storage types and back: no accepted push is missing."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE
from ansible_collections.kyma.docker_registry.tests.support import objects, playbook, registry_client, switching
from ansible_collections.kyma.docker_registry.tests.support.push_loop import missing

# Volumes and stores beside each other and in turn, so that each pair of strategies is met in both directions.
ORDER = ("filesystem", "pvc", "s3", "azure", "gcs", "btp-objectstore-aws", "btp-objectstore-gcp")


def test_all_storage_types_and_back(cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """What was accepted is served, or it is in the storage that was left with consent, and served again after the way back."""
    cluster.create(objects.claim(switching.CLAIM, namespace))
    storages = switching.storages(clouds, namespace)
    assert set(storages) == set(ORDER)

    def deploy(**variables: Any) -> playbook.Run:
        known = {"registry_namespace": namespace, "registry_wait_timeout": 120, **variables}
        return playbook.run(SITE, kubeconfig=kubeconfig, variables=known)

    assert deploy(**storages[ORDER[0]]).returncode == 0
    left: dict[str, dict[str, str]] = {name: {} for name in ORDER}
    served = rejected = 0
    former = ORDER[0]
    for number, name in enumerate((*ORDER[1:], *ORDER[-2::-1])):
        pushes = switching.switch(deploy, cluster, namespace, storages[name], f"{number}-{name}-")
        print(f"{former} to {name}: {len(pushes.left)} left, {pushes.served} served, {pushes.rejected} rejected")
        assert pushes.left and pushes.served and pushes.rejected
        left[former].update(pushes.left)
        served, rejected = served + pushes.served, rejected + pushes.rejected
        assert missing(registry_client.from_cluster(cluster, namespace), left[name]) == set()
        former = name
    print(f"{sum(map(len, left.values()))} pushes left with consent, {served} served, {rejected} rejected")
    assert deploy(**storages[former]).changed == 0
