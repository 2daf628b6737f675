# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the Secrets of the registry's user differ from what is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.copies import Copies
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.registry_user import (
    resolve_registry_user,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_state import (
    UserOptions,
    UserState,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.node_port import NodePortChoice
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

PASSWORD = "a-long-password-of-the-registry-user"
OPTIONS = UserOptions("direct", None, None, ())
PORT = NodePortChoice(32137, True)


def _applied(item: ObjectDict) -> ObjectDict:
    return Server().cluster().apply(item, live=None).after


@pytest.fixture(name="state")
def _state() -> UserState:
    """As a run has left it, with one copy."""
    user = resolve_registry_user("ns", 32137, None, None, None, PASSWORD)
    copies = Copies({"apps": _applied(user.copy_object("apps"))}, [])
    return UserState("ns", _applied(user.public_object()), _applied(user.private_object()), copies, PORT)


def _differs(state: UserState, **options: Any) -> bool:
    wanted = replace(OPTIONS, **options)
    user, described = state.resolve(make_context({}, False), wanted, state.choice.port)
    assert PASSWORD not in str(described) and described["node_port"] == state.choice.port
    return state.differs(user, wanted.mode)


def test_nothing_differs(state: UserState) -> None:
    """The password that is there, left out or given."""
    assert not _differs(state) and not _differs(state, password=PASSWORD) and not _differs(state, username="registry")


@pytest.mark.parametrize(
    "options",
    [{"password": "another-password-of-the-registry"}, {"username": "another-user"}],
    ids=["password", "name"],
)
def test_another_user(state: UserState, options: dict[str, Any]) -> None:
    """Every Secret changes."""
    assert _differs(state, **options)


def test_another_state(state: UserState) -> None:
    """A port that is not reserved yet or has changed, a copy that is absent, outdated or no longer wanted, a Secret without its keys."""
    copy = state.copies.targets["apps"]
    assert copy is not None
    assert _differs(replace(state, choice=NodePortChoice(32137, False)))
    assert _differs(replace(state, choice=NodePortChoice(32138, True)))
    assert _differs(replace(state, copies=Copies({"apps": None}, [])))
    assert _differs(replace(state, copies=Copies({"apps": {**copy, "data": {}}}, [])))
    assert _differs(replace(state, copies=Copies({}, [copy])))
    assert state.private is not None
    assert _differs(replace(state, private={**state.private, "data": {}}))


def test_the_fingerprint_of_the_login(state: UserState) -> None:
    """It changes with the name and the password, not with the port. A run that gives neither of them has none."""

    def found(port: int = 32137, **options: Any) -> str:
        _user, described = state.resolve(make_context({}, False), replace(OPTIONS, **options), port)
        fingerprint: str = described["login_fingerprint"]
        return fingerprint

    first = found(password=PASSWORD)
    assert first and found() == ""
    assert found(32138, password=PASSWORD) == found(username="registry") == first
    assert len({first, found(password="another-password-of-the-registry"), found(username="another-user")}) == 3


def test_who_writes_them() -> None:
    """An operator does, unless the user gives a password or wants copies."""
    assert OPTIONS.needed and not replace(OPTIONS, mode="operator").needed
    assert replace(OPTIONS, mode="operator", password=PASSWORD).needed
    assert replace(OPTIONS, mode="operator", pull_secret_namespaces=("apps",)).needed
