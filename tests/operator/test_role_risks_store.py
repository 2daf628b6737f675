# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images in an object store: an operator that falls back to an emptyDir is rejected, another bucket is reported."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry, sampled
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import consent
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

DRIVER_LOCK = "may not be specified when `value` is not empty"
SECRET = "s3-storage"
AZURE_BINDING = {"account_name": "kymalab", "container_name": "one", "sas_token": "sv=2024", "region": "westeurope"}

# Fields of spec.storage.s3, or another spec.storage; and the code of the finding.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "misspelt Secret": ({"s3": {"secretName": "s3-storag"}}, "secret-missing"),
    "Secret without a key": ({"s3": {"secretName": "s3-half"}}, "secret-missing-key"),
    "another bucket": ({"s3": {"bucket": "kyma-lab-two"}}, "images-at-risk"),
    "the default volume": ({}, "images-at-risk"),
    "binding to Azure": ({"btpObjectStore": {"secretName": "btp-azure"}}, "btp-azure"),
}
# A merge patch of spec.storage. All of them put the operator back to its chart's default, the filesystem.
BY_HAND: dict[str, Any] = {
    "misspelt Secret": {"s3": {"secretName": "typo"}},
    "no storage": None,
    "deletion alone": {"s3": None, "deleteEnabled": True},
    "two backends": {"azure": {"secretName": "azure-storage"}},
    "binding to Azure": {"s3": None, "btpObjectStore": {"secretName": "btp-azure"}},
    "a claim": {"s3": None, "pvc": {"name": "no-such-claim"}},
}


@pytest.fixture(scope="module")
def kept(shared_role_registry: RoleRegistry, clouds: dict[str, Any]) -> Iterator[RoleRegistry]:
    """A registry on S3 with an image."""
    shared_role_registry.secret("s3-half", {"accessKey": "AKIAEXAMPLE"})
    shared_role_registry.secret("btp-azure", AZURE_BINDING)
    shared_role_registry.deployed(**_good(shared_role_registry, clouds))
    shared_role_registry.push()
    yield shared_role_registry


def _good(role_registry: RoleRegistry, clouds: dict[str, Any]) -> dict[str, Any]:
    return lab_clouds.own_s3(clouds, role_registry.namespace)


def _wanted(role_registry: RoleRegistry, clouds: dict[str, Any], storage: dict[str, Any]) -> dict[str, Any]:
    """Good variables with another storage, whose Secret is the user's affair."""
    good = _good(role_registry, clouds)
    if "s3" in storage:
        storage = {"s3": {**good["registry_storage"]["s3"], **storage["s3"]}}
    else:
        del good["registry_driver_parameters"]
    del good["registry_storage_secret"]
    return {**good, "registry_storage": storage}


@pytest.mark.parametrize("case", sampled(REFUSED, "misspelt Secret", "another bucket"))
def test_the_role_refuses(case: str, kept: RoleRegistry, clouds: dict[str, Any]) -> None:
    """One finding, no write, the same Pod serves the image."""
    storage, code = REFUSED[case]
    before, pods, audit = copy.deepcopy(kept.cr()["spec"]), kept.pods(), kept.audit()
    run = kept.deploy(**_wanted(kept, clouds, storage))
    assert run.returncode != 0
    assert code in run.failure.codes(), run.output
    assert "Validate" in run.failure.task
    assert audit.writes() == []
    assert (kept.cr()["spec"], kept.pods()) == (before, pods)
    kept.assert_kept()


@pytest.mark.parametrize("case", sampled(BY_HAND, "misspelt Secret", "no storage", "a claim"))
def test_the_storage_lock_refuses(case: str, kept: RoleRegistry) -> None:
    """The operator's apply fails, the same Pod serves the image, and info reports it. After the former state is restored, the registry is Ready."""
    before, pods = kept.storage(), kept.pods()
    kept.change(BY_HAND[case])
    try:
        kept.await_refusal(DRIVER_LOCK)
        assert "storage-lock-rejected" in kept.warned()
        assert kept.pods() == pods
        kept.assert_kept()
    finally:
        kept.change({**dict.fromkeys(kept.storage() or {}), **before})
    kept.await_state("Ready")
    assert kept.pods() == pods


def test_a_vanished_secret(kept: RoleRegistry, clouds: dict[str, Any]) -> None:
    """The user's Secret is deleted while the operator runs: the registry continues, and is Ready after the Secret is created again."""
    pods = kept.pods()
    values = _good(kept, clouds)["registry_storage_secret"]
    found = kept.cluster.get("Secret", SECRET, kept.namespace)
    assert found is not None
    kept.cluster.delete("Secret", SECRET, kept.namespace, uid=found["metadata"]["uid"])
    _logging(kept, {"level": "debug"})
    kept.await_refusal(DRIVER_LOCK)
    assert {"storage-lock-rejected", "operator-secret-missing"} <= kept.warned()
    assert kept.pods() == pods
    kept.assert_kept()
    _logging(kept, None)
    kept.secret(SECRET, values)
    kept.await_state("Ready")
    assert kept.pods() == pods


def test_info_reports_another_bucket(kept: RoleRegistry, clouds: dict[str, Any]) -> None:
    """No storage lock stops another bucket of the same store: registry_info reports it, and the next run uses the former bucket again.

    It needs consent: no canary image shows that the registry lists what is in the other bucket.
    """
    pods = kept.pods()
    kept.change({"s3": {"bucket": "kyma-lab-two"}})
    until("another Pod", lambda: kept.pods() - pods)
    assert {"storage-id-changed", "storage-id-drift"} <= kept.warned()
    rejected = kept.deploy(**_good(kept, clouds))
    accepted = consent.offered(rejected.failure.result)
    assert rejected.failure.codes() == ["images-at-risk"] and "kyma-lab-two" in accepted
    kept.deployed(**_good(kept, clouds), registry_accept_data_loss=accepted)
    assert not {"storage-id-changed", "storage-id-drift", "storage-lock-missing"} & kept.warned()
    kept.assert_kept()


def test_info_reports_a_missing_key(kept: RoleRegistry, clouds: dict[str, Any]) -> None:
    """No storage lock stops a Secret that lost a key: registry_info reports it, and the next run restores it."""
    kept.secret(SECRET, {"accessKey": "AKIAEXAMPLE"})
    until("the operator to leave the keys out", lambda: "REGISTRY_STORAGE_S3_SECRETKEY" not in kept.environment())
    assert "operator-secret-key-missing" in kept.warned()
    kept.deployed(**_good(kept, clouds))
    assert "operator-secret-key-missing" not in kept.warned()
    kept.assert_kept()


def _logging(role_registry: RoleRegistry, logging: dict[str, str] | None) -> None:
    """Make the operator look again: it watches the DockerRegistry, and not that a Secret is deleted."""
    role_registry.by_hand({"spec": {"logging": logging}})
