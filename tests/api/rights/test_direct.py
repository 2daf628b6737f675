# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Direct mode: without any one right of direct.yml something ends with the finding that names it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import (
    S3,
    SOFT,
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
    streams,
    verification,
)
from ansible_collections.kyma.docker_registry.tests.support import consent, rights
from ansible_collections.kyma.docker_registry.tests.support.rights import Right

pytestmark = pytest.mark.beside
RIGHTS = rights.rights("direct")


def _first_run(_stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    yield do("docker_registry_storage", state="validated")
    yield do("registry_secret")
    yield do("docker_registry_storage")
    yield do("registry_deployment", storage={}, objects=everything(namespace), wait_timeout=1)


def _preflight(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    """After one that was interrupted: what that has left is removed first, with the same rights as at the end of each preflight."""
    stage.as_user("", namespace)("registry_secret")
    place = {"name": constants.PREFLIGHT, "namespace": namespace, "labels": dict(constants.MANAGED_BY)}
    container = {"name": constants.CONTAINER, "image": "none"}
    stage.cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": place, "spec": {"containers": [container]}})
    policy = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}
    group = "networking.k8s.io/v1"
    stage.cluster.create({"apiVersion": group, "kind": "NetworkPolicy", "metadata": place, "spec": policy})
    values = {"secret_source": {"values": STORAGE_SECRETS["s3"]}}
    yield do(
        "registry_deployment",
        state="preflight",
        storage=S3,
        objects=everything(namespace),
        wait_timeout=1,
        **values,
    )


def _removal(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    admin = stage.as_user("", namespace)
    for result in itertools.islice(_first_run(stage, namespace, admin), 3):
        assert not codes(result), result
    admin("registry_deployment", storage={}, objects=everything(namespace), wait=False)
    yield do("registry_deployment", state="absent", accept_data_loss=consent.fitting(stage.cluster, namespace))
    yield do("docker_registry_storage", state="absent")
    yield do("registry_secret", state="absent")


# What each of them ends with where no right is missing: nothing runs here.
STORIES: dict[Story, list[str]] = {
    _first_run: ["rollout-timeout"],
    own_claim: [],
    late_secret: ["secret-missing"],
    free_lease: [],
    _preflight: ["preflight-timeout"],
    verification: ["cluster-not-found"],
    _removal: [],
}
# Rights that another story than the first run ends without.
OTHERS: dict[str, Story] = {
    "storageclasses get": own_claim,
    "secrets watch": late_secret,
    "leases get": free_lease,
    "leases patch": free_lease,
    "secrets list": _removal,
    "configmaps list": _removal,
    **dict.fromkeys((f"pods {verb}" for verb in ("get", "watch", "create", "delete")), _preflight),
}
HARD = [right for right in RIGHTS if str(right) not in SOFT]


def _story(right: Right) -> Story:
    named = f"{right.resource} {right.verb}"
    return OTHERS.get(named, _removal if right.verb == "delete" else _first_run)


@pytest.fixture(scope="module")
def users(stage: Stage) -> dict[Right | None, str]:
    """A user for each right, who has all others; None: who has all."""

    def prepare(_names: Iterable[str]) -> None:
        stage.add_class()
        stage.define()

    return stage.users("direct", [None, *streams(RIGHTS), *HARD], prepare)


def test_with_all_of_them(stage: Stage, users: dict[Right | None, str]) -> None:
    """Every story comes to its end."""
    assert_all_suffice(stage, users[None], "direct", STORIES)


@pytest.mark.parametrize("right", HARD, ids=str)
def test_without_one(right: Right, stage: Stage, users: dict[Right | None, str]) -> None:
    """One finding, which names verb and resource."""
    assert_named(stage, users[right], right, _story(right))


def test_port_forward(stage: Stage, users: dict[Right | None, str]) -> None:
    """One of both verbs is asked for, and named if it is missing."""
    assert_one_stream_is_asked_for(stage, users, RIGHTS)


def test_every_exception_is_a_right() -> None:
    """None of them is left from another time."""
    assert len(HARD) + len(SOFT) == len(RIGHTS)
    assert OTHERS.keys() <= {f"{right.resource} {right.verb}" for right in RIGHTS}
