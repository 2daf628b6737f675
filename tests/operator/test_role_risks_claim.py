# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on a claim of the user: the storage lock does not stop a change to another claim."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import objects
from ansible_collections.kyma.docker_registry.tests.support.waiting import until


@pytest.mark.long
def test_info_reports_another_claim(role_registry: RoleRegistry) -> None:
    """No storage lock stops another claim: registry_info reports it, and the next run uses the former claim again."""
    for name in ("existing-pvc", "other-pvc"):
        role_registry.cluster.create(objects.claim(name, role_registry.namespace))
    variables = {"registry_storage": {"pvc": {"name": "existing-pvc"}}}
    role_registry.deployed(**variables)
    role_registry.push()
    pods = role_registry.pods()
    role_registry.change({"pvc": {"name": "other-pvc"}})
    until("another Pod", lambda: role_registry.pods() - pods)
    assert {"storage-id-changed", "storage-id-drift"} <= role_registry.warned()
    role_registry.deployed(**variables)
    assert role_registry.storage_id() == "persistentvolumeclaim/existing-pvc"
    assert not {"storage-id-changed", "storage-id-drift", "storage-lock-missing"} & role_registry.warned()
    role_registry.assert_kept()
