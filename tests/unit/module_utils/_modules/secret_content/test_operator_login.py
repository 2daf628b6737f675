# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User and password of a registry that an operator deploys: when clients get them, and what the Pods are started with."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content import operator_login
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.registry_user import (
    RegistryUser,
    resolve_registry_user,
)
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

FORMER, CHANGED = "a-former-password-of-the-registry", "a-changed-password-of-the-registry"
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": constants.REGISTRY, "namespace": "ns"},
    "spec": {"ports": [{"port": constants.API_PORT, "nodePort": 32137}]},
}
KEY = ("Secret", constants.CREDENTIALS_SECRET)


@pytest.fixture(name="server")
def _server() -> Server:
    """Clients have the former password; the private Secret has the changed one."""
    server = Server()
    former = resolve_registry_user("ns", 32137, None, None, None, FORMER)
    private, public = former.private_object(), former.public_object()
    for item in (public, _changed(public, private).private_object(), SERVICE):
        server.cluster().apply(item, live=None)
    server.writes.clear()
    return server


def _changed(public: ObjectDict, private: ObjectDict) -> RegistryUser:
    return resolve_registry_user("ns", 32137, public, private, None, CHANGED)


def _wanted(server: Server) -> str:
    private = server.objects["Secret", constants.PRIVATE_SECRET]
    return _changed(server.objects[KEY], private).login_fingerprint()


def _context(server: Server, *, check_mode: bool = False) -> Context:
    params: dict[str, Any] = {"namespace": "ns"}
    return make_context(params, check_mode, cluster=server.cluster())


def test_it_is_published(server: Server) -> None:
    """Once, and the values are hidden."""
    wanted, context = _wanted(server), _context(server)
    assert not operator_login.published_login_mark(context, wanted)
    version = server.objects[KEY]["metadata"]["resourceVersion"]
    planned = operator_login.publish_login(_context(server, check_mode=True), wanted)
    assert server.writes == [] and planned == operator_login.read_login_mark(context, wanted) == f"{wanted}-{version}"
    assert operator_login.publish_login(context, wanted) == planned
    assert secret_text(server.objects[KEY], "password") == CHANGED
    assert operator_login.published_login_mark(context, wanted)
    assert [item["after_header"] for item in context.changes] == ["Secret/dockerregistry-config"]
    assert CHANGED not in str(context.changes)
    writes = list(server.writes)
    assert operator_login.publish_login(context, wanted) == planned
    assert server.writes == writes


def test_a_password_that_was_replaced_meanwhile(server: Server) -> None:
    """By the operator or a user: Pods that were started since accept that one, so the template changes again."""
    wanted, context = _wanted(server), _context(server)
    first = operator_login.publish_login(context, wanted)
    other = resolve_registry_user("ns", 32137, None, None, None, FORMER).public_object()
    server.cluster().apply(other, live=server.objects[KEY], force=True)
    second = operator_login.publish_login(context, wanted)
    assert first != second and second.startswith(f"{wanted}-")
    assert secret_text(server.objects[KEY], "password") == CHANGED
    assert operator_login.read_login_mark(context, wanted) == second


@pytest.mark.parametrize("write", [1, 2])
def test_a_kill_after_a_write(server: Server, monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    """The next run has another mark than the Pods."""
    wanted, context = _wanted(server), _context(server)
    before = operator_login.read_login_mark(_context(server), "other")
    step = ("patch", "apply")[write - 1]
    sent = getattr(context.cluster, step)

    def kill(*arguments: Any, **options: Any) -> None:
        sent(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(context.cluster, step, kill)
    with pytest.raises(KeyboardInterrupt):
        operator_login.publish_login(context, wanted)
    mark = operator_login.publish_login(_context(server), wanted)
    assert (
        before == "other"
        and mark.startswith(f"{wanted}-")
        and operator_login.published_login_mark(_context(server), wanted)
    )


@pytest.mark.parametrize("written", [1, 2])
def test_a_run_without_a_password_after_a_kill(server: Server, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    """Pods have to accept what clients have: the changed password once it was written for them, else the former one, as the Pods do."""
    wanted, context = _wanted(server), _context(server)
    step = ("patch", "apply")[written - 1]
    sent = getattr(context.cluster, step)

    def kill(*arguments: Any, **options: Any) -> None:
        sent(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(context.cluster, step, kill)
    with pytest.raises(KeyboardInterrupt):
        operator_login.publish_login(context, wanted)
    writes = list(server.writes)
    marks = [
        read(_context(server), "")
        for read in (
            operator_login.read_login_mark,
            operator_login.publish_login,
            operator_login.published_login_mark,
        )
    ]
    expected = operator_login.read_login_mark(_context(server), wanted) if written == 2 else ""
    assert marks == [expected] * 3 and server.writes == writes


@pytest.mark.parametrize("fingerprint", ["", "of-another-run"])
def test_another_user_is_not_published(server: Server, fingerprint: str) -> None:
    """What the private Secret has without this run can be outdated."""
    operator_login.publish_login(_context(server), fingerprint)
    assert server.writes == [] and not operator_login.published_login_mark(_context(server), fingerprint)


def test_secrets_that_do_not_exist(server: Server) -> None:
    """Then nothing is known and nothing is written."""
    wanted = _wanted(server)
    del server.objects["Secret", constants.PRIVATE_SECRET]
    operator_login.publish_login(_context(server), wanted)
    assert server.writes == [] and not operator_login.published_login_mark(_context(server), wanted)
