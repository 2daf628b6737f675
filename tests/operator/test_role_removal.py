# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The removal of a registry that the operator has made alone, which has no field of the role, while a user pushes."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import consent
from ansible_collections.kyma.docker_registry.tests.support.push_loop import PushLoop, missing
from ansible_collections.kyma.docker_registry.tests.support.waiting import until


def _is_open(registry: RoleRegistry) -> bool:
    template = (registry.deployment() or {"template": {}})["template"]
    labels = (template.get("metadata") or {}).get("labels") or {}
    return constants.READ_ONLY_LABEL.items() <= labels.items()


def test_no_accepted_push_is_deleted(role_registry: RoleRegistry) -> None:
    """What is pushed after the first count stops the removal, which makes the registry writable again; without a push, the registry is removed."""
    role_registry.apply(None)
    until("the operator to deploy", lambda: role_registry.status().get("state") == "Ready", 180)
    before = role_registry.deployment()
    with PushLoop(role_registry.client, lambda: _is_open(role_registry), prefix="removal") as loop:
        run = role_registry.deploy(registry_state="absent")
    assert loop.rejected or loop.accepted, "there was no maintenance window"
    if loop.accepted:
        assert run.returncode != 0 and "images-at-risk" in run.output, run.output
        assert missing(role_registry.client, loop.accepted) == set()
        assert role_registry.deployment() == before
        accepted = consent.fitting(role_registry.cluster, role_registry.namespace)
        run = role_registry.deploy(registry_state="absent", registry_accept_data_loss=accepted)
    assert run.returncode == 0, run.output
    assert role_registry.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, role_registry.namespace) is None
