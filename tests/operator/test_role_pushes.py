# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users push while a registry of the operator is switched through all storage types: no accepted push is missing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import objects, switching
from ansible_collections.kyma.docker_registry.tests.support.push_loop import missing

# The operator deletes the claim of the default volume when it is left, so that there is no way back to its images.
ORDER = ("s3", "pvc", "azure", "gcs", "btp-objectstore-aws", "btp-objectstore-gcp", "pvc", "s3", "filesystem")


@pytest.mark.long
def test_pushes_during_switches(role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """What was accepted is served, or it is in the storage that was left with consent, and served again after the way back."""
    role_registry.cluster.create(objects.claim(switching.CLAIM, role_registry.namespace))
    storages = switching.storages(clouds, role_registry.namespace)
    role_registry.deployed()
    left: dict[str, dict[str, str]] = {name: {} for name in storages}
    former = "filesystem"
    for number, name in enumerate(ORDER):
        pushes = switching.switch(
            role_registry.deploy, role_registry.cluster, role_registry.namespace, storages[name], f"{number}-{name}-"
        )
        print(f"{former} to {name}: {len(pushes.left)} left, {pushes.served} served, {pushes.rejected} rejected")
        assert pushes.left and pushes.served and pushes.rejected
        left[former].update(pushes.left)
        if name != "filesystem":
            assert missing(role_registry.client, left[name]) == set()
        former = name
    role_registry.unchanged(**storages[former])
