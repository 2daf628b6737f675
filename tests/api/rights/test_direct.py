# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Direct mode: without any one right of direct.yml something ends with the finding that names it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.base import claim_holder
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import (
    CLASS,
    Do,
    Result,
    Stage,
    codes,
    everything,
    first_forbidden,
    ready_pod,
    told,
)
from ansible_collections.kyma.docker_registry.tests.api.scenes import STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.support import objects, rights
from ansible_collections.kyma.docker_registry.tests.support.rights import Right

RIGHTS = rights.rights("direct")
S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "store"}}
Story = Callable[[Stage, str, Do], Iterator[Result]]


def _first_run(_stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    yield do("docker_registry_storage", state="validated")
    yield do("registry_secret")
    yield do("docker_registry_storage")
    yield do("registry_deployment", storage={}, objects=everything(namespace), wait_timeout=1)


def _own_claim(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    stage.cluster.create(objects.claim("mine", namespace, CLASS))
    yield do("docker_registry_storage", state="validated", storage={"pvc": {"name": "mine"}})


def _late_secret(_stage: Stage, _namespace: str, do: Do) -> Iterator[Result]:
    yield do("docker_registry_storage", state="validated", storage=S3, wait_timeout=1)


def _trial(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    stage.as_user("", namespace)("registry_secret")
    values = {"secret_source": {"values": STORAGE_SECRETS["s3"]}}
    yield do(
        "registry_deployment",
        state="preflight",
        storage=S3,
        objects=everything(namespace),
        wait_timeout=1,
        **values,
    )


def _proof(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    stage.as_user("", namespace)("registry_secret")
    ready_pod(stage, namespace)
    yield do("registry_probe", level="reachable", wait_timeout=0)


def _removal(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    admin = stage.as_user("", namespace)
    for result in itertools.islice(_first_run(stage, namespace, admin), 3):
        assert not codes(result), result
    admin("registry_deployment", storage={}, objects=everything(namespace), wait=False)
    yield do("registry_deployment", state="absent", accept_data_loss=claim_holder("dockerregistry"))
    yield do("docker_registry_storage", state="absent")
    yield do("registry_secret", state="absent")


# What each of them ends with where no right is missing: nothing runs here.
STORIES: dict[Story, list[str]] = {
    _first_run: ["rollout-timeout"],
    _own_claim: [],
    _late_secret: ["secret-missing"],
    _trial: ["candidate-timeout"],
    _proof: ["cluster-not-found"],
    _removal: [],
}
# Rights that another story than the first run ends without.
OTHERS: dict[str, Story] = {
    "storageclasses get": _own_claim,
    "secrets watch": _late_secret,
    "secrets list": _removal,
    **dict.fromkeys((f"pods {verb}" for verb in ("get", "watch", "create", "delete")), _trial),
}
# Rights that no run ends without, and what does happen.
SOFT = {
    "Role deployments list": "the ClusterRole has it too; for those who have the Role alone",
    "Role pods/log get": "the finding about a Pod that fails lacks its last words",
    "Role events list": "the same lacks the events",
    "Role pods/portforward get": "API servers before 1.35 ask for it, later ones for create: test_port_forward",
    "Role pods/portforward create": "the same",
    "Role pods/exec get": "the guard takes the registry for full: tests/e2e/test_rbac.py",
    "Role pods/exec create": "the same",
}
HARD = [right for right in RIGHTS if str(right) not in SOFT]
STREAMS = [right for right in RIGHTS if right.resource == "pods/portforward"]


def _story(right: Right) -> Story:
    named = f"{right.resource} {right.verb}"
    return OTHERS.get(named, _removal if right.verb == "delete" else _first_run)


@pytest.fixture(scope="module")
def users(stage: Stage) -> dict[Right | None, str]:
    """A user for each right, who has all others; None: who has all."""
    stage.add_class()
    stage.define()
    return stage.users("direct", [None, *STREAMS, *HARD])


def test_with_all_of_them(stage: Stage, users: dict[Right | None, str]) -> None:
    """Every story comes to its end."""
    for story, expected in STORIES.items():
        namespace = stage.namespace()
        stage.give(users[None], namespace, "direct", "Role")
        assert told(story(stage, namespace, stage.as_user(users[None], namespace))) == expected, story


@pytest.mark.parametrize("right", HARD, ids=str)
def test_without_one(right: Right, stage: Stage, users: dict[Right | None, str]) -> None:
    """One finding, which names verb and resource."""
    user = users[right]
    found = first_forbidden(_story(right)(stage, user, stage.as_user(user, user)))
    assert found is not None, "nothing asked for it"
    assert rights.named(found, right), found["msg"]


def test_port_forward(stage: Stage, users: dict[Right | None, str]) -> None:
    """One of both verbs is asked for, and named where it is missing."""
    asked = set()
    for right in STREAMS:
        user = users[right]
        found = first_forbidden(_proof(stage, user, stage.as_user(user, user)))
        assert found is None or rights.named(found, right), found
        asked |= {right.verb} if found else set()
    assert len(asked) == 1, asked


def test_every_exception_is_a_right() -> None:
    """None of them is left from another time."""
    assert len(HARD) + len(SOFT) == len(RIGHTS)
    assert OTHERS.keys() <= {f"{right.resource} {right.verb}" for right in RIGHTS}
