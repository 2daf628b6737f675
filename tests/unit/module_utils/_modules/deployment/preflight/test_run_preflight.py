# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lost connection to the preflight Pod is not a failure of the store."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight import (
    run_preflight,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import registry_failure
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import error_from_exception
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

LOST = error_from_exception("GET", "/v2/", ConnectionResetError())
CUT = error_from_exception("GET", "/v2/", http.client.IncompleteRead(b""))
LATE = error_from_exception("GET", "/v2/", TimeoutError())
# What the registry logs if it lost its client, or if the store does not answer.
LOG = 'level=error msg="response completed with error" err.detail="RequestError: send request failed caused by: Get x: context canceled"'


class _Cluster:
    """The preflight Pod, with the state of its containers and the log of each."""

    def __init__(self, state: str) -> None:
        statuses = [{"name": name, "state": {state: {}}} for name in ("docker-registry", "root")]
        self.pod = {"status": {"containerStatuses": statuses}}

    def get(self, *_place: str) -> Any:
        return self.pod

    def pod_log(self, *_place: str, **_options: Any) -> str:
        return LOG


def _test(monkeypatch: pytest.MonkeyPatch, *answers: Exception | None, state: str = "running") -> tuple[int, str]:
    """Number of attempts, and the code of what was raised, for the answers to them; the last answer is repeated."""
    attempts: list[int] = []

    @contextmanager
    def connect(*_arguments: Any) -> Iterator[Any]:
        attempts.append(1)
        yield SimpleNamespace()

    def attempt(_api: Any) -> None:
        answer = answers[min(len(attempts), len(answers)) - 1]
        if answer is not None:
            raise answer

    monkeypatch.setattr(run_preflight, "_connect", connect)
    monkeypatch.setattr(run_preflight, "_WRITE_IF_WRITABLE", ("docker-registry", 5000, attempt))
    monkeypatch.setattr(registry_failure, "_LOG_SECONDS", 0.0)
    monkeypatch.setattr(run_preflight.time, "sleep", lambda _seconds: None)
    context = make_context({}, check_mode=True, cluster=_Cluster(state))
    preflight: Any = SimpleNamespace(namespace="ns", path="registry_storage", store=SimpleNamespace(claim="c"))
    try:
        run_preflight._test(context, preflight, ("u", "p"))
    except Refusal as refusal:
        (found,) = refusal.findings
        return len(attempts), found.code
    return len(attempts), ""


@pytest.mark.parametrize("problem", [LOST, CUT], ids=["reset", "cut"])
def test_an_attempt_whose_connection_was_lost_is_repeated(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one can succeed."""
    assert _test(monkeypatch, problem, problem, None) == (3, "")


def test_a_connection_that_is_lost_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not reported as the cause of the store, although the registry logs one for a lost client."""
    attempts, code = _test(monkeypatch, LOST)
    assert attempts > 2 and code == "preflight-connection-lost"


def test_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection stays, so one attempt is enough, and the log has the cause."""
    attempts, code = _test(monkeypatch, LATE)
    assert attempts == 1 and code.startswith("store-")


def test_a_registry_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It closes the connection too; the log of the container has the cause."""
    attempts, code = _test(monkeypatch, LOST, state="terminated")
    assert attempts == 1 and code.startswith("store-")


@pytest.mark.parametrize("state", ["running", "waiting"])
def test_a_node_that_cannot_connect(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """The API server passes that on as 500. If the container has ended, its log has the cause; a container that runs is asked again."""
    refused = ClusterError("cluster-server-error", "Pod", "HTTP 500.", "Try again.", 500)
    attempts, code = _test(monkeypatch, refused, state=state)
    if state == "running":
        assert attempts > 2 and code == "cluster-server-error"
        assert _test(monkeypatch, refused, None) == (2, "")
        denied = ClusterError("cluster-forbidden", "Pod", "HTTP 403.", "Ask.", 403)
        assert _test(monkeypatch, denied) == (1, "cluster-forbidden")
    else:
        assert attempts == 1 and code.startswith("store-")
