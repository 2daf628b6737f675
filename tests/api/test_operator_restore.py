# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that fails in operator mode restores the former spec.storage, credentials and overlay."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import annotations_of, secret_text
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.api.operator_registry import OTHER_CLAIM, OperatorRegistry
from ansible_collections.kyma.docker_registry.tests.support import kills

pytestmark = pytest.mark.nodeless

PVC = {"registry_storage": {"pvc": {"name": OTHER_CLAIM}}}
PROXY = {"registry_env": {"HTTPS_PROXY": "http://proxy.example:3128"}}


def _s3(key: str, bucket: str = "images") -> dict[str, Any]:
    """A backslash in the key, so that the operator gets the collection's Secret."""
    storage = {"s3": {"bucket": bucket, "region": "eu-central-1", "secretName": "store-secret"}}
    secret = {"accessKey": "KYMACANARYJ5ND81LEPW", "secretKey": key}
    return {"registry_storage": storage, "registry_storage_secret": secret, "registry_preflight": False}


PLAIN = "KymaGood9Jc4Vb7Wq1Xs"
GOOD, BAD = "kyma/good\\9Jc4Vb7Wq1Xs", "kyma/bad\\+9Jc4Vb7Wq1Xs"


@pytest.fixture
def registry(nodeless_server: Path) -> Iterator[OperatorRegistry]:
    """A namespace with the operator."""
    with OperatorRegistry(nodeless_server).running() as made:
        yield made


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "environment": ({}, PROXY, "proxy.example"),
    "volume to store": (PVC, _s3(GOOD), "REGISTRY_STORAGE_S3_REGION"),
    "store to volume": (_s3(GOOD), PVC, f'"claimName": "{OTHER_CLAIM}"'),
    "default volume to store": ({}, _s3(GOOD), "REGISTRY_STORAGE_S3_REGION"),
    "store to store": (_s3(GOOD), _s3(BAD, "more-images"), "more-images"),
}


LONG = ("volume to store", "default volume to store", "store to volume")


@pytest.mark.parametrize(
    "name", ["environment", "store to store", *(pytest.param(name, marks=pytest.mark.long) for name in LONG)]
)
def test_pods_that_crash(registry: OperatorRegistry, name: str) -> None:
    """The former state is in use again, with its storage lock, and not read-only; a run with the former variables writes nothing."""
    before, after, crash_on = CASES[name]
    registry.run(**before)
    former = registry.state()
    registry.crash_on = {crash_on}
    message = registry.fails(**after)
    assert "[deployment-restored]" in message and "crash" in message, message
    assert registry.state() == former
    assert registry.has_storage_lock() and not registry.is_read_only()
    assert annotations_of(registry.deployment())[constants.RESTORED_AFTER] == "rollout-crashloop"
    registry.run(**before)
    registry.unchanged(**before)
    assert constants.RESTORED_AFTER not in annotations_of(registry.deployment())


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        pytest.param(GOOD, BAD, id="with a Secret for the operator"),
        pytest.param(PLAIN, f"{PLAIN}bad", id="with the user's Secret", marks=pytest.mark.long),
    ],
)
def test_keys_that_the_store_rejects(registry: OperatorRegistry, good: str, bad: str) -> None:
    """The storage Secret and the Secret for the operator have the former values again, also after an interrupted run; verified ones stay."""
    registry.run(**_s3(good))
    former = registry.state()
    registry.bad_keys = {"bad"}
    for number in (None, 3):
        with kills.observed(number), suppress(kills.Killed):
            message = registry.fails(**_s3(bad))
            assert "[storage-secret-restored]" in message and "[deployment-restored]" in message, message
        registry.expire_lease()
    message = registry.fails(**_s3(bad))
    assert "[storage-secret-restored]" in message and "[deployment-restored]" in message, message
    assert registry.state() == former
    assert secret_text(registry.get("Secret", "store-secret"), "secretKey") == good
    assert registry.get("Secret", constants.PREVIOUS_OPERATOR_SECRET) is None
    registry.run(**_s3(good))
    registry.unchanged(**_s3(good))

    # Verified with another change that fails later: the new keys stay.
    registry.bad_keys = set()
    registry.run(**_s3(bad))
    assert registry.get("Secret", constants.PREVIOUS_OPERATOR_SECRET) is None
    later = registry.state()
    registry.crash_on = {"proxy.example"}
    message = registry.fails(**_s3(bad), **PROXY)
    assert "[deployment-restored]" in message, message
    assert registry.state() == later


@pytest.mark.long
def test_an_operator_that_does_not_switch(registry: OperatorRegistry) -> None:
    """It stopped before it read the new spec.storage: the registry is writable again. Without registry_rollback it stays as it failed."""
    registry.run()
    former = registry.state()
    registry.stop_operator()
    switch = {**PVC, "registry_wait_timeout": 12}
    message = registry.fails(**switch, registry_rollback=False)
    assert "operator-timeout" in message or "not ready after 12 s" in message, message
    assert registry.is_read_only() and registry.state() != former
    message = registry.fails(**switch)
    assert "[deployment-restored]" in message, message
    assert registry.state() == former and not registry.is_read_only()
    registry.run()
    registry.unchanged()


@pytest.mark.long
def test_a_way_back_that_is_interrupted(registry: OperatorRegistry) -> None:
    """The next run continues with it, and the one after it, with the former variables, has nothing to do."""
    before, after, crash_on = CASES["store to volume"]
    registry.run(**before)
    former = registry.state()
    registry.crash_on = {crash_on}
    registry.fails(**after, registry_rollback=False)
    with kills.observed(1) as writes, suppress(kills.Killed):
        registry.fails(**after)
    assert writes.killed
    _assert_restored_by_another_run(registry, after, former)
    registry.run(**before)
    registry.unchanged(**before)


@pytest.mark.long
@pytest.mark.parametrize("name", ["store to volume", "environment"])
def test_every_write_of_a_run_that_fails(registry: OperatorRegistry, name: str) -> None:
    """Killed after any of its writes, on the way there or back: the next run restores the former state."""
    before, after, crash_on = CASES[name]
    registry.run(**before)
    former = registry.state()
    registry.crash_on = {crash_on}
    for number in itertools.count(1):
        with kills.observed(number) as writes, suppress(kills.Killed):
            registry.fails(**after)
        if not writes.killed:
            break
        _assert_restored_by_another_run(registry, after, former)
    assert number > 3


def _assert_restored_by_another_run(
    registry: OperatorRegistry, variables: dict[str, Any], former: dict[str, Any]
) -> None:
    """With the variables that fail."""
    registry.expire_lease()
    message = registry.fails(**variables)
    assert "[deployment-restored]" in message, message
    assert registry.state() == former and not registry.is_read_only()


def test_a_registry_of_the_operator_alone(registry: OperatorRegistry) -> None:
    """The first run of the role fails: the registry is as the operator made it. It is not read as one that the role has verified."""
    registry.create_registry({"pvc": {"name": OTHER_CLAIM}})
    former = registry.state()
    registry.crash_on = {"proxy.example"}
    message = registry.fails(**PVC, **PROXY)
    assert "[deployment-restored]" in message, message
    after = registry.state()
    assert {key: after[key] for key in ("storage", "env", "volumes")} == {
        key: former[key] for key in ("storage", "env", "volumes")
    }
    registry.run(**PVC)
    registry.unchanged(**PVC)


def test_a_secret_for_two_stores(registry: OperatorRegistry) -> None:
    """The operator reads the storage Secret at once, so other keys for another store need another Secret; nothing is written."""
    registry.run(**_s3(PLAIN))
    with kills.observed() as writes:
        message = registry.fails(**_s3(f"{PLAIN}other", "more-images"))
    assert "[storage-secret-in-use]" in message and writes.made == [], (message, writes.made)


def test_an_operator_that_does_not_react(registry: OperatorRegistry) -> None:
    """To a new DockerRegistry: it and the storage Secret are deleted again. To one that exists: nothing is written."""
    registry.stop_operator()
    variables = {**_s3(GOOD), "registry_wait_timeout": 2}
    assert "[operator-not-reacting]" in registry.fails(**variables)
    for kind, name in (
        ("DockerRegistry", "default"),
        ("Secret", "store-secret"),
        ("Secret", constants.OPERATOR_SECRET),
    ):
        assert registry.get(kind, name) is None, f"{kind}/{name} was left behind"
    registry.create_cr({"pvc": {"name": OTHER_CLAIM}})
    with kills.observed() as writes:
        message = registry.fails(**variables)
    assert "[operator-not-reacting]" in message and writes.made == [], (message, writes.made)


def test_a_parameter_that_the_operator_cannot_have(registry: OperatorRegistry) -> None:
    """Rejected before anything is written, so no Secret and no maintenance window is left."""
    registry.run()
    variables = {
        "registry_storage": {"azure": {"secretName": "azure"}},
        "registry_storage_secret": STORAGE_SECRETS["azure"],
    }
    with kills.observed() as writes:
        message = registry.fails(**variables, registry_driver_parameters={"max_retries": 3})
    assert "[operator-parameter-no-variable]" in message and writes.made == [], (message, writes.made)
