# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode and info: without any one right of operator.yml and info.yml a run ends with the missing right, or reports it.

The operator's Deployments are those that were recorded; nothing reconciles here. tests/operator has one that does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import (
    SOFT as IN_EITHER_MODE,
)
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import (
    Do,
    Result,
    Stage,
    Story,
    assert_all_suffice,
    assert_named,
    assert_one_stream_is_asked_for,
    codes,
    everything,
    free_lease,
    late_secret,
    own_claim,
    ready_pod,
    streams,
    verification,
)
from ansible_collections.kyma.docker_registry.tests.support import consent, objects, operator_cases, rights
from ansible_collections.kyma.docker_registry.tests.support.rights import Right

RIGHTS = rights.rights("operator")


def _deployment(namespace: str) -> dict[str, Any]:
    """The operator's Deployment of the registry, as it was recorded for the default volume."""
    recorded = operator_cases.CASES["default"].live_deployment()
    place = {"name": constants.REGISTRY, "namespace": namespace, "labels": recorded["metadata"]["labels"]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place, "spec": recorded["spec"]}


def _first_run(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    mode = {"mode": "operator"}
    stage.cluster.create(objects.claim(constants.DEFAULT_CLAIM, namespace, size="20Gi"))
    stage.cluster.create(_deployment(namespace))
    yield do("docker_registry_storage", state="validated")
    yield do("registry_secret", registry_password="of-this-test", **mode)
    with stage.taking(namespace):
        written = do("docker_registry_storage")
    yield written
    account = [item for item in everything(namespace) if item["kind"] == "ServiceAccount"]
    yield do("registry_deployment", storage={}, objects=account, wait_timeout=1, **mode)


def _no_claim(_stage: Stage, _namespace: str, do: Do) -> Iterator[Result]:
    """A validation of the default volume before the operator has created its claim."""
    yield do("docker_registry_storage", state="validated", mode="operator")


def _new_keys(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    given = {"purpose": "s3", "secret_name": "store"}
    values = STORAGE_SECRETS["s3"]
    other = {**values, "secretKey": values["secretKey"].upper()}
    stage.as_user("", namespace)("registry_secret", secret_source={"values": values}, **given)
    yield do("registry_secret", secret_source={"values": other}, **given)
    yield do("registry_secret", state="confirmed", **given)


def _removal(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    with stage.taking(namespace):
        written = stage.as_user("", namespace)("docker_registry_storage")
    assert not codes(written), written
    finalized = {"metadata": {"finalizers": [FINALIZER]}}
    merge = "application/merge-patch+json"
    stage.cluster.patch("DockerRegistry", constants.CR_NAME, namespace, finalized, content_type=merge)
    try:
        yield do("registry_deployment", state="absent")
        yield do(
            "docker_registry_storage",
            state="absent",
            accept_data_loss=consent.fitting(stage.cluster, namespace),
            wait_timeout=1,
        )
        yield do("registry_secret", state="absent")
    finally:
        # The operator serves one registry.
        free = {"metadata": {"finalizers": None}}
        stage.cluster.patch("DockerRegistry", constants.CR_NAME, namespace, free, content_type=merge)


# What each of them ends with where no right is missing: nothing runs here.
STORIES: dict[Story, list[str]] = {
    _first_run: ["rollout-timeout"],
    own_claim: [],
    _no_claim: [],
    late_secret: ["secret-missing"],
    free_lease: [],
    _new_keys: [],
    verification: ["cluster-not-found"],
    _removal: ["cr-not-gone"],
}
OTHERS: dict[str, Story] = {
    "Role secrets watch": late_secret,
    "Role leases get": free_lease,
    "Role leases patch": free_lease,
    "Role secrets delete": _new_keys,
    "Role secrets list": _removal,
    "Role configmaps list": _removal,
    "ClusterRole storageclasses get": own_claim,
    "ClusterRole storageclasses list": _no_claim,
    **dict.fromkeys(
        (f"Role {name} get" for name in ("configmaps", "services", "networkpolicies", "poddisruptionbudgets")),
        _removal,
    ),
    **dict.fromkeys((f"Role dockerregistries {verb}" for verb in ("watch", "delete")), _removal),
}
SOFT = {**IN_EITHER_MODE, "Role dockerregistries list": "the ClusterRole has it too; for those who have the Role alone"}
HARD = [right for right in RIGHTS if str(right) not in SOFT]

INFO = rights.rights("info")
# What of info.yml is for a part of what is reported: without it that part says why it is missing.
PARTS = {
    "ClusterRole deployments list": "mode",
    # Nothing else is reported about the Lease than that an interrupted run has left it.
    "Role leases get": "lease",
    # And nothing else is read from the record of a migration.
    "Role configmaps get": "lease",
    "Role pods list": "images",
    "Role replicasets list": "images",
}
# Of which one is asked for, or none if nothing answers.
OF_STREAMS = {f"Role pods/{name} {verb}" for name in ("portforward", "exec") for verb in ("get", "create")}


# A served registry of one of them would be a second one to another.
pytestmark = [pytest.mark.beside, pytest.mark.usefixtures("turn")]


@pytest.fixture(scope="module")
def users(stage: Stage) -> dict[Right | None, str]:
    """An operator, and a user for each right, who has all others; None: who has all."""

    def prepare(_names: Iterable[str]) -> None:
        stage.add_class()
        stage.define()
        for name in ("kyma-system", "docker-registry"):
            stage.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        stage.operator()

    return stage.users("operator", [None, *streams(RIGHTS), *HARD], prepare)


def test_with_all_of_them(stage: Stage, users: dict[Right | None, str]) -> None:
    """Every story comes to its end."""
    assert_all_suffice(stage, users[None], "operator", STORIES)


@pytest.mark.parametrize("right", HARD, ids=str)
def test_without_one(right: Right, stage: Stage, users: dict[Right | None, str]) -> None:
    """One finding, which names verb and resource."""
    assert_named(stage, users[right], right, OTHERS.get(str(right), _first_run))


@pytest.fixture(scope="module")
def readers(stage: Stage, users: dict[Right | None, str]) -> dict[Right | None, str]:
    """The same for info.yml, each with a registry to look at."""
    assert users

    def prepare(names_: Iterable[str]) -> None:
        for name in names_:
            stage.cluster.create(_deployment(name))
            with stage.taking(name):
                for module in ("registry_secret", "docker_registry_storage"):
                    made = stage.as_user("", name)(module)
                    assert not codes(made), made
            ready_pod(stage, name)

    return stage.users("info", [None, *INFO], prepare)


@pytest.mark.parametrize("right", [None, *INFO], ids=str)
def test_info(right: Right | None, stage: Stage, readers: dict[Right | None, str]) -> None:
    """The whole, or a finding that names the right, or the whole but one part."""
    user = readers[right]
    seen = stage.as_user(user, user)("registry_info", count_images=True)
    if right is None or str(right) in OF_STREAMS:
        assert not codes(seen) and seen["mode"] == "operator", seen
        assert (
            "is not allowed" not in seen["images"]["why"]
            or f"is not allowed to {right.verb} {right.resource}" in seen["images"]["why"]
        )
    elif PARTS.get(str(right)) == "mode":
        assert not codes(seen) and seen["mode"] is None
    elif PARTS.get(str(right)) == "lease":
        assert not codes(seen) and seen["mode"] == "operator"
    elif PARTS.get(str(right)) == "images":
        assert not codes(seen) and not seen["images"]["known"]
        assert f"is not allowed to {right.verb} {right.resource}" in seen["images"]["why"]
    else:
        assert rights.named(seen, right), seen


def test_port_forward(stage: Stage, users: dict[Right | None, str]) -> None:
    """One of both verbs is asked for, and named if it is missing."""
    assert_one_stream_is_asked_for(stage, users, RIGHTS)


def test_every_exception_is_a_right() -> None:
    """None of them is left from another time."""
    assert len(HARD) + len(SOFT) == len(RIGHTS)
    assert OTHERS.keys() <= {str(right) for right in RIGHTS}
    assert PARTS.keys() | OF_STREAMS <= {str(right) for right in INFO}
