# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task under the Lease: it starts again after it has taken it, and its result shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import context as contexts
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import identity_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import Outcome
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.run_state import check_lease
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.execution.lease_server import Server


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def _execute(
    server: Server, monkeypatch: pytest.MonkeyPatch, body: Callable[[Context], None], **params: Any
) -> Outcome:
    monkeypatch.setattr(contexts, "connect", lambda _params: server)
    check_mode = params.pop("check_mode", False)
    return run_body(body, {"namespace": "ns", **params}, check_mode=check_mode)


def test_a_task_starts_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it read before it had the Lease may be outdated. Its namespace is created once, and findings of the first attempt do not count."""
    read: list[str] = []

    def body(context: Context) -> None:
        if not read:
            context.cluster.create({"kind": "Namespace"})
            context.change("Namespace/ns", {}, {"x": 1})
        read.append(identity_of(server.lease))
        context.cluster.create({"kind": "Secret"})
        context.change("Secret/a", {}, {"x": 1})

    result = _execute(server, monkeypatch, body).result
    assert read[0] == "" and read[1] and len(read) == 2
    assert result["changes"] == ["Namespace/ns created", "Secret/a created"] and result["lease_taken"] is True
    assert server.requests == ["Namespace", "create", "Secret", "delete"] and result["cluster"]


def test_a_task_that_fails(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own Lease is released, that of its run is not; the result says that it was taken."""

    def body(context: Context) -> None:
        context.cluster.create({"kind": "Secret"})
        raise ClusterError("cluster-timeout", "Secret", "timed out")

    result = _execute(server, monkeypatch, body).result
    assert result["failed"] and result["lease_taken"] and server.lease is None
    assert _execute(server, monkeypatch, body, lease={"identity": "run", "timeout": 1}).result["failed"]
    assert identity_of(server.lease) == "run"


def test_namespace_of_the_registry(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be another one than that of the options."""
    places: list[str] = []

    def body(context: Context) -> None:
        context.namespace = "pasted-space"
        context.cluster.create({"kind": "Secret"})
        places.append((server.lease or {})["metadata"]["namespace"])

    assert "failed" not in _execute(server, monkeypatch, body).result
    assert places == ["pasted-space"]


def test_check_mode(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing announces a write, and a wait does not renew."""

    def body(context: Context) -> None:
        context.cluster.create({"kind": "Secret"})
        context.awaiting("anything", 1)("state")

    result = _execute(server, monkeypatch, body, check_mode=True, lease={"identity": "run", "timeout": 1}).result
    assert server.requests == ["Secret"] and "lease_taken" not in result


def test_held_by_another_run(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task fails and has written nothing."""
    server.held_by("other")
    # Each look finds it renewed.
    server.concurrently = lambda _verb: server.held_by("other")

    def body(context: Context) -> None:
        context.cluster.create({"kind": "Secret"})

    result = _execute(server, monkeypatch, body, lease={"identity": None, "timeout": 0}).result
    assert [item["code"] for item in result["findings"]] == ["lease-held"]
    assert "other" in result["msg"] and "Secret" not in server.requests and "lease_taken" not in result


class _Killed(BaseException):
    """Ends the process, as a signal does: nothing of the run is done after it."""


@pytest.mark.parametrize(
    "lease", [{}, {"lease": {"identity": "run", "timeout": 1}}], ids=["a task alone", "a task of a run"]
)
def test_a_task_that_is_killed(server: Server, monkeypatch: pytest.MonkeyPatch, lease: dict[str, Any]) -> None:
    """Whatever it has written: it holds its Lease, which registry_info reports until another run takes it over."""

    def killed(context: Context) -> None:
        context.cluster.create({"kind": "Secret"})
        raise _Killed

    with pytest.raises(_Killed):
        _execute(server, monkeypatch, killed, **lease)
    assert server.lease is not None
    later = datetime.now(timezone.utc) + timedelta(minutes=6)
    (found,) = check_lease(server.lease, later)
    assert found.code == "lease-abandoned"
