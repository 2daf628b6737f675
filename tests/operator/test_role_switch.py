# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A switch of the storage that is intended: the storage lock is lifted for it and set again, also over runs that were killed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import SITE, RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import interruption

OVERLAY = "patch deployments"
# Writes of these are counted: those of the preflight and of Secrets change nothing that serves.
SWITCHED = ("dockerregistries", "deployments")
# Accepted loss recorded, storage lock lifted, storage set, DockerRegistry applied, overlay.
RECORD, UNLOCK, *MIDDLE, LAST = range(1, 6)


# The writes of a preflight would be counted too.
COUNTED = {"registry_preflight": False}


def _s3(role_registry: RoleRegistry, clouds: dict[str, Any]) -> dict[str, Any]:
    return {**lab_clouds.own_s3(clouds, role_registry.namespace), **COUNTED}


def _azure(role_registry: RoleRegistry, clouds: dict[str, Any]) -> dict[str, Any]:
    storage_type = lab_clouds.storage_types(clouds)["azure"]
    parameters = {"rootdirectory": role_registry.namespace}
    return {
        "registry_storage": storage_type.spec,
        "registry_storage_secret": storage_type.secret,
        "registry_driver_parameters": parameters,
        **COUNTED,
    }


@pytest.mark.parametrize("numbers", [(UNLOCK,), pytest.param((RECORD, *MIDDLE, LAST), marks=pytest.mark.long)], ids=str)
def test_switches_and_interrupted_ones(
    numbers: tuple[int, ...], role_registry: RoleRegistry, clouds: dict[str, Any]
) -> None:
    """filesystem, s3, azure, each with the consent to leave the former images behind; then the way back, killed after some of its writes."""
    role_registry.deployed()
    role_registry.push()
    s3, azure = _s3(role_registry, clouds), _azure(role_registry, clouds)
    refused = role_registry.deploy(**s3)
    assert {"images-at-risk", "operator-deletes-volume"} & set(refused.failure.codes())
    role_registry.assert_kept()

    assert role_registry.has_storage_lock()
    role_registry.deployed(**s3, registry_accept_data_loss=role_registry.consent())
    _assert_whole(role_registry, "s3")
    role_registry.push()

    audit = role_registry.audit()
    role_registry.deployed(**azure, registry_accept_data_loss=role_registry.consent())
    _assert_whole(role_registry, "azure")
    on_azure = role_registry.storage_id()
    writes = [f"{item.verb} {item.resource}" for item in audit.writes()]
    # The first write of the DockerRegistry records the accepted loss, and the last one removes the record.
    *_, changed, _removed = (number for number, write in enumerate(writes) if write == "patch dockerregistries")
    assert OVERLAY in writes[:changed], "the storage lock was not lifted before the switch"
    assert OVERLAY in writes[changed:], "the storage lock was not set after the switch"

    # To and fro: each run begins on the other storage. Images in a bucket stay there, whatever is done to the registry.
    directions = ((s3, "s3"), (azure, "azure"))
    for turn, number in enumerate(numbers):
        wanted, driver = directions[turn % 2]
        # The run after the interrupted one has the same consent, although the Deployment may be another one by then.
        variables = {**wanted, "registry_accept_data_loss": role_registry.consent()}
        audit.restart()

        def reached(number: int = number) -> bool:
            return sum(item.resource in SWITCHED for item in audit.changes()) >= number

        killed = interruption.kill_when(
            reached, SITE, kubeconfig=role_registry.kubeconfig, variables=role_registry.variables(**variables)
        )
        assert killed, f"there was no write {number}"
        if number == RECORD:
            # The accepted loss is recorded, and nothing else is changed.
            assert role_registry.has_storage_lock() and role_registry.storage_id() == on_azure
        if number == UNLOCK:
            # Without the storage lock, and complete otherwise: it serves what it served.
            assert not role_registry.has_storage_lock()
            assert "REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE" in role_registry.environment()
            assert role_registry.storage_id() == on_azure
        role_registry.deployed(**variables)
        _assert_whole(role_registry, driver)
        if driver == "s3":
            role_registry.assert_kept()


def _assert_whole(role_registry: RoleRegistry, driver: str) -> None:
    """Ready on that storage with the whole storage lock, and nothing of any other."""
    status = role_registry.status()
    assert (status["state"], status["storage"]) == ("Ready", driver)
    ours = {
        name for name, item in role_registry.environment().items() if item.get("value") or "secretKeyRef" in str(item)
    }
    drivers = {part for part in ("S3", "AZURE", "GCS", "FILESYSTEM") for name in ours if f"STORAGE_{part}_" in name}
    assert drivers == {driver.upper()}
    assert (
        not {"storage-lock-missing", "storage-lock-rejected", "storage-id-changed", "storage-id-drift"}
        & role_registry.warned()
    )
