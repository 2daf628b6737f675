# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on a volume of the operator: the role rejects changes that would remove them, and the storage lock rejects those that another client makes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import (
    DEFAULT_STORAGE_ID,
    RoleRegistry,
    sampled,
)
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import playbook

S3 = {"bucket": "kyma-lab-one", "region": "eu-central-1", "secretName": "s3-storage"}
AZURE = {"secretName": "azure-storage"}
VOLUME_LOCK = "may not specify more than 1 volume type"
DRIVER_LOCK = "may not be specified when `value` is not empty"

# spec.storage, and the code of the finding.
REFUSED: dict[str, tuple[Any, str]] = {
    "unknown backend": ({"s4": S3}, "storage-unknown-field"),
    "unknown field": ({"s3": {**S3, "acl": "private"}}, "storage-unknown-field"),
    "two backends": ({"s3": S3, "azure": AZURE}, "storage-two-backends"),
    "another backend": ({"s3": S3}, "operator-deletes-volume"),
    "a claim that is not there": ({"pvc": {"name": "no-such-claim"}}, "pvc-missing"),
    "the operator's own claim": ({"pvc": {"name": "dockerregistry"}}, "operator-own-claim"),
}
# spec.storage as a client writes it into the DockerRegistry, and what the API server says to the operator.
BY_HAND: dict[str, tuple[Any, str]] = {
    "empty": ({}, VOLUME_LOCK),
    "deletion alone": ({"deleteEnabled": True}, VOLUME_LOCK),
    "unknown backend": ({"s4": S3}, VOLUME_LOCK),
    "missing Secret": ({"azure": {"secretName": "typo"}}, VOLUME_LOCK),
    "binding to Azure": ({"btpObjectStore": {"secretName": "btp-azure"}}, VOLUME_LOCK),
    "another backend": ({"s3": S3}, DRIVER_LOCK),
}


@pytest.fixture(scope="module")
def kept(shared_role_registry: RoleRegistry, clouds: dict[str, Any]) -> Iterator[RoleRegistry]:
    """A registry on the default volume with an image, and good Secrets of other backends beside it."""
    storage_types = lab_clouds.storage_types(clouds)
    shared_role_registry.secret("s3-storage", storage_types["s3"].secret)
    shared_role_registry.secret("azure-storage", storage_types["azure"].secret)
    binding = {"account_name": "kymalab", "container_name": "one", "sas_token": "sv=2024", "region": "westeurope"}
    shared_role_registry.secret("btp-azure", binding)
    shared_role_registry.deployed()
    shared_role_registry.push()
    yield shared_role_registry


def _assert_untouched(role_registry: RoleRegistry, before: dict[str, Any], pods: set[str]) -> None:
    assert role_registry.cr()["spec"] == before["spec"]
    assert role_registry.pods() == pods
    assert "dockerregistry" in role_registry.names("PersistentVolumeClaim")
    role_registry.assert_kept()


@pytest.mark.parametrize("case", sampled(REFUSED, "unknown backend", "another backend", "the operator's own claim"))
def test_the_role_refuses(case: str, kept: RoleRegistry) -> None:
    """One finding, no write, the same Pod serves the image."""
    storage, code = REFUSED[case]
    before, pods, audit = copy.deepcopy(kept.cr()), kept.pods(), kept.audit()
    run = kept.deploy(registry_storage=storage)
    assert run.returncode != 0
    assert code in run.failure.codes(), run.output
    assert "Validate" in run.failure.task
    assert audit.writes() == []
    _assert_untouched(kept, before, pods)


def test_the_role_keeps_what_is_removed(kept: RoleRegistry) -> None:
    """The operator would delete the volume with the DockerRegistry. The role rejects the removal, and info has warned before."""
    before, pods, audit = copy.deepcopy(kept.cr()), kept.pods(), kept.audit()
    assert "operator-deletion-takes-volume" in kept.warned()
    run = kept.deploy(registry_state="absent")
    assert run.failure.codes() == ["images-at-risk"]
    assert DEFAULT_STORAGE_ID in run.failure.result["msg"]
    assert audit.writes() == []
    _assert_untouched(kept, before, pods)


def test_empty_storage_is_the_default_volume(kept: RoleRegistry) -> None:
    """`storage: {}`, which moves the operator to an emptyDir, is never sent."""
    kept.unchanged(registry_storage={})
    assert kept.storage() is None


@pytest.mark.parametrize(
    ("module", "arguments"), [("docker_registry_storage", {"state": "validated"}), ("registry_info", {})]
)
def test_nothing_is_listed_twice(module: str, arguments: dict[str, Any], kept: RoleRegistry) -> None:
    """One look at each thing serves the whole task."""
    audit = kept.audit()
    wanted = {"namespace": kept.namespace, **arguments}
    result, output = playbook.module(module, wanted, kubeconfig=kept.kubeconfig, execution="action")
    assert not result.failed, output
    listed = [item.uri for item in audit.requests() if item.verb == "list" and item.namespace]
    assert any("/persistentvolumeclaims?" in uri for uri in listed)
    assert sorted(listed) == sorted(set(listed))


@pytest.mark.parametrize("case", sampled(BY_HAND, "deletion alone", "missing Secret", "another backend"))
def test_the_storage_lock_refuses(case: str, kept: RoleRegistry) -> None:
    """The operator's apply fails, the same Pod serves the image, and info reports it. After the former state is restored, the registry is Ready."""
    storage, words = BY_HAND[case]
    pods = kept.pods()
    kept.change(storage)
    try:
        kept.await_refusal(words)
        assert "storage-lock-rejected" in kept.warned()
        assert kept.pods() == pods
        assert "dockerregistry" in kept.names("PersistentVolumeClaim")
        kept.assert_kept()
    finally:
        kept.change(None)
    kept.await_state("Ready")
    assert kept.pods() == pods


def test_two_backends_by_hand(kept: RoleRegistry) -> None:
    """The operator keeps its default volume without the role, in a new Pod, and reports it."""
    kept.change({"s3": S3, "azure": AZURE})
    try:
        kept.await_state("Warning")
        assert "operator-two-backends" in kept.warned()
        assert kept.has_storage_lock()
        kept.assert_kept()
    finally:
        kept.change(None)
    kept.await_state("Ready")
    kept.assert_kept()


@pytest.mark.parametrize("case", ["empty", "another backend"])
def test_the_role_puts_it_right(case: str, kept: RoleRegistry) -> None:
    """What a client did by hand is undone by the next run, without a restart."""
    storage, words = BY_HAND[case]
    pods = kept.pods()
    kept.change(storage)
    kept.await_refusal(words)
    kept.deployed()
    assert kept.storage() is None
    assert kept.status()["state"] == "Ready"
    assert kept.pods() == pods
    kept.assert_kept()
