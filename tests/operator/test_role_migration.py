# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migrations to and from the operator's own volume: it adopts the claim with the images, and the way back is open after it has deleted the claim."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import is_operator_owned
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import DEFAULT_STORAGE_ID, RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

_MIGRATE = playbook.REPOSITORY / "playbooks/migrate.yml"
_VOLUME = "PersistentVolume"


def _migrate(role_registry: RoleRegistry, **variables: Any) -> playbook.Run:
    """The copies go through the API server, so that no other image is needed."""
    known = role_registry.variables(registry_copy_mode="controller", **variables)
    run = playbook.run(_MIGRATE, kubeconfig=role_registry.kubeconfig, variables=known)
    assert run.returncode == 0, run.output
    return run


def _claim(role_registry: RoleRegistry) -> dict[str, Any] | None:
    return role_registry.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, role_registry.namespace)


@pytest.mark.long
def test_to_the_operators_volume_and_back(role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """From a bucket to the volume, to the bucket again in another folder, and back to the volume that was kept."""
    cluster, bucket = role_registry.cluster, lab_clouds.own_s3(clouds, role_registry.namespace)
    role_registry.deployed(**bucket)
    role_registry.push()

    _migrate(role_registry)
    claim = _claim(role_registry)
    assert claim is not None and is_operator_owned(claim)
    assert role_registry.storage() is None and role_registry.storage_id() == DEFAULT_STORAGE_ID
    role_registry.assert_kept()
    role_registry.unchanged()

    name = str(claim["spec"]["volumeName"])
    parameters = {**bucket["registry_driver_parameters"], "rootdirectory": f"{role_registry.namespace}-again"}
    target = {**bucket, "registry_driver_parameters": parameters}
    run = _migrate(role_registry, **target)
    assert f"{_VOLUME}/{name} holds the images" in str(run.of("Compare the tags").result["findings"])
    role_registry.assert_kept()
    until("the operator to delete its claim", lambda: _claim(role_registry) is None)
    volume = cluster.get(_VOLUME, name)
    assert volume is not None and volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"

    aborted = _migrate(role_registry, registry_migration_state="aborted", **target)
    assert "source-volume-bound" in aborted.of("Copy the images").codes("info")
    returned = _claim(role_registry)
    assert returned is not None and returned["spec"]["volumeName"] == name and returned["status"]["phase"] == "Bound"
    role_registry.deployed(registry_accept_data_loss=role_registry.consent())
    assert role_registry.storage_id() == DEFAULT_STORAGE_ID
    role_registry.assert_kept()
    assert (_claim(role_registry) or {})["metadata"]["uid"] == returned["metadata"]["uid"]
    # The lab would keep it.
    patch = {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}
    cluster.patch(_VOLUME, name, None, patch, content_type=MERGE_PATCH)
