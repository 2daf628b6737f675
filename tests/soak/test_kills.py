# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that are killed after their first, a middle and their last write, with Pods: the registry restarts, and the next run completes the change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import switching
from ansible_collections.kyma.docker_registry.tests.support.killed_role import Registry

# Name: storage before (None without a registry), storage after, other variables after.
OPERATIONS: dict[str, tuple[str | None, str, dict[str, Any]]] = {
    "first deployment": (None, "filesystem", {}),
    "environment": ("filesystem", "filesystem", {"registry_env": {"REGISTRY_LOG_LEVEL": "debug"}}),
    "rotation": ("s3", "s3", {"registry_password": "kyma-other-pass-word"}),
    "volume to store": ("filesystem", "s3", {}),
    "store to volume": ("s3", "filesystem", {}),
    "store to store": ("azure", "gcs", {}),
    "removal": ("filesystem", "filesystem", {"registry_state": "absent"}),
}


@pytest.fixture
def registry(cluster: Cluster, kubeconfig: str, namespace: str) -> Registry:
    """The registry of the test's namespace, without a preflight, which does not change anything."""
    common = {
        "registry_redirect": False,
        "registry_preflight": False,
        "registry_password": "kyma-former-pass-word",
    }
    return Registry(cluster, kubeconfig, namespace, common)


@pytest.mark.parametrize("name", OPERATIONS)
def test_killed_operation(name: str, registry: Registry, clouds: dict[str, Any]) -> None:
    """To and fro on one registry: each turn is killed after another of its writes."""
    before, after, more = OPERATIONS[name]
    storages = switching.storages(clouds, registry.namespace)
    wanted = {**storages[after], **more}
    former = {"registry_state": "absent"} if before is None else storages[before]
    registry.run(former)
    if before is not None:
        registry.push()
    # The first time it also creates objects that stay, such as the storage Secret.
    registry.run(wanted)
    registry.run(former)
    last = registry.count(wanted)
    for number in (1, (last + 1) // 2, last):
        registry.run(former)
        registry.assert_serves()
        # Objects of former revisions that are left or not make one write more or less.
        write = registry.kill(wanted, number, may_end=number == last)
        print(f"{name}: killed after write {number} of {last}, {write}")
        registry.assert_restarts()
        registry.run(wanted)
        registry.assert_serves()
        registry.assert_complete(wanted)
    registry.run(former)
    registry.assert_serves()
