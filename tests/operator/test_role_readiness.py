# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that do not work end a run early with their cause, though the operator says Ready; keys are rotated."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds

LONG = 180


def _key() -> dict[str, str]:
    mark = uuid.uuid4().hex
    return lab_clouds.s3_key(f"KYMA{mark[:16].upper()}", mark[:24])


def test_wrong_keys_and_new_ones(role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """A wrong key is reported by its cause, not by a time-out, and the former one is restored; a good one rolls the Pod."""
    variables = lab_clouds.own_s3(clouds, role_registry.namespace)
    first, second = _key(), _key()
    wrong = {**first, "secretKey": "w" * 24}

    failed = role_registry.deploy(**{**variables, "registry_storage_secret": wrong, "registry_wait_timeout": LONG})
    assert failed.returncode != 0
    # A run that waits until the end says operator-timeout.
    assert failed.failure.codes() == ["store-credentials"], failed.output

    role_registry.deployed(**{**variables, "registry_storage_secret": first})
    role_registry.push()
    pods = role_registry.pods()
    role_registry.deployed(**{**variables, "registry_storage_secret": second})
    assert role_registry.pods() and not role_registry.pods() & pods
    role_registry.assert_kept()

    behind = {"registry_storage_secret": wrong, "registry_wait_timeout": LONG, "registry_preflight": False}
    failed = role_registry.deploy(**{**variables, **behind})
    assert failed.failure.codes() == ["store-credentials"], failed.output
    assert "[storage-secret-restored]" in failed.failures[-1].result["msg"], failed.output
    role_registry.assert_kept()
    # The next run removes the record of the restored state.
    role_registry.deployed(**{**variables, "registry_storage_secret": second})
    role_registry.unchanged(**{**variables, "registry_storage_secret": second})


def test_preflight(role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """Keys that the store rejects, wrong ones and some that were encoded twice, end the run before the operator replaces a Pod."""
    variables = lab_clouds.own_s3(clouds, role_registry.namespace)
    first, second = _key(), _key()
    made = role_registry.deployed(**{**variables, "registry_storage_secret": first})
    assert made.of("Run the preflight").result["preflight_run"] is False, "the operator's Deployment has the image"
    role_registry.push()
    role_registry.unchanged(**{**variables, "registry_storage_secret": first})
    pods, generation = role_registry.pods(), role_registry.whole()["metadata"]["generation"]

    twice = {name: base64.b64encode(value.encode()).decode() for name, value in second.items()}
    for keys in ({**second, "secretKey": "w" * 24}, twice):
        failed = role_registry.deploy(**{**variables, "registry_storage_secret": keys})
        assert failed.returncode != 0, failed.output
        assert not {task.task for task in failed.tasks if "Write the storage Secret" in task.task}, failed.output
        assert (role_registry.pods(), role_registry.whole()["metadata"]["generation"]) == (pods, generation)
        for kind in ("Pod", "ConfigMap", "Secret", "NetworkPolicy"):
            assert role_registry.cluster.get(kind, "dockerregistry-preflight", role_registry.namespace) is None
    role_registry.assert_kept()

    rotated = role_registry.deployed(**{**variables, "registry_storage_secret": second})
    assert rotated.of("Run the preflight").result["preflight_run"]
    assert not role_registry.pods() & pods
    role_registry.assert_kept()
    role_registry.unchanged(**{**variables, "registry_storage_secret": second})
