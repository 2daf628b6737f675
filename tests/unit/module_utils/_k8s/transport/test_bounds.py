# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long requests are repeated, and how long an answer may take."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    CONFIG_MAP,
    Heard,
    Talk,
    serve,
    to,
)

pytestmark = pytest.mark.usefixtures("slept")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["get", "create"])
def test_a_busy_server_is_asked_again(status: int, method: str) -> None:
    """For at most the time that is given, with pauses that grow."""

    def ask(cluster: Cluster) -> Any:
        return cluster.get("ConfigMap", "c", "n") if method == "get" else cluster.create(CONFIG_MAP)

    with serve(lambda _heard, talk: talk.reply(status if len(server.heard) < 8 else 200, CONFIG_MAP)) as server:
        assert ask(to(server.url)) == CONFIG_MAP
    assert len(server.heard) == 8
    with serve(lambda _heard, talk: talk.reply(status)) as server, pytest.raises(ClusterError) as caught:
        ask(to(server.url, retry_timeout=3))
    assert caught.value.status == status and 4 <= len(server.heard) <= 7
    with serve(lambda _heard, talk: talk.reply(status)) as server, pytest.raises(ClusterError):
        ask(to(server.url, retry_timeout=0))
    assert len(server.heard) == 1


def test_pauses(slept: list[float]) -> None:
    """From a tenth of a second up to 5 s, at most 30 s in sum; what the server asks for counts more."""
    with serve(lambda _heard, talk: talk.reply(503)) as server, pytest.raises(ClusterError):
        to(server.url).list("Pod")
    assert 0.05 <= slept[0] <= 0.15 and 3.75 <= max(slept) <= 6.25 and 29 <= sum(slept) <= 30.01
    assert 10 <= len(slept) <= 15
    slept.clear()
    answers = iter([(429, "2"), (503, "0"), (503, "3600")])

    def answer(_heard: Heard, talk: Talk) -> None:
        status, seconds = next(answers, (200, ""))
        talk.reply(status, {"items": []}, {"Retry-After": seconds})

    with serve(answer) as server:
        to(server.url).list("Pod")
    assert slept[:2] == [2.0, 0.1] and sum(slept) == pytest.approx(30.0, abs=0.5)


def test_a_retry_is_reported() -> None:
    """So that a wait for the API server can be shown: one wait for each request that fails, and only if it is repeated."""
    said: list[str] = []
    calls: list[None] = []

    def start_progress() -> Say:
        calls.append(None)
        return said.append

    with serve(lambda _heard, talk: talk.reply(503 if len(server.heard) < 3 else 200, {"items": []})) as server:
        cluster = to(server.url)
        cluster.show_repetitions(start_progress)
        for _request in range(2):
            cluster.list("Pod")
    assert len(said) == 2 and "HTTP 503" in said[0] and len(calls) == 1
    said.clear()
    with serve(lambda _heard, talk: talk.reply(500)) as server:
        cluster = to(server.url)
        cluster.show_repetitions(start_progress)
        assert cluster.pod_log("n", "p", "c") == "" and len(server.heard) == 1
    assert said == []


def test_a_repetition_of_a_write_is_announced() -> None:
    """Repetitions can take longer than the Lease: a run that has lost it does not write any more."""
    announced: list[str] = []

    def announce(kind: str) -> None:
        announced.append(kind)
        if len(announced) == 3:
            raise ValueError("the Lease is lost")

    with serve(lambda _heard, talk: talk.reply(503)) as server:
        cluster = to(server.url)
        cluster.before_write = announce
        with pytest.raises(ValueError, match="lost"):
            cluster.create(CONFIG_MAP)
        assert announced == ["ConfigMap"] * 3 and len(server.heard) == 2
        with pytest.raises(ClusterError):
            cluster.create(CONFIG_MAP, dry_run=True)
        assert len(announced) == 3


@pytest.mark.parametrize("part", ["header", "body"])
def test_an_answer_that_drips(part: str) -> None:
    """Each byte comes in time, the answer does not: the request still ends at the limit."""

    def answer(_heard: Heard, talk: Talk) -> None:
        if part == "body":
            talk.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _number in range(100):
            talk.raw(b"H" if part == "header" else b"{")
            over.wait(0.1)

    over = threading.Event()
    with serve(answer) as server:
        began = time.monotonic()
        with pytest.raises(ClusterError) as caught:
            to(server.url, request_timeout=1, connect_timeout=1, retry_timeout=0).get("Pod", "p", "n")
        passed = time.monotonic() - began
        over.set()
    assert caught.value.code == "cluster-timeout" and passed < 4


@pytest.mark.parametrize("request_kind", ["object", "stream"])
def test_a_proxy_that_drips(request_kind: str) -> None:
    """The time limit includes the answer of the proxy to CONNECT."""

    def answer(_heard: Heard, talk: Talk) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"a" * 100:
            talk.raw(bytes([byte]))
            over.wait(0.1)

    over = threading.Event()
    limits = {"request_timeout": 1, "connect_timeout": 1, "retry_timeout": 0}
    with serve(answer) as server:
        cluster = to("https://api.invalid", proxy=server.url, **limits)
        began = time.monotonic()
        with pytest.raises(ClusterError) as caught, cluster.port_forward("n", "p", 1) as opened:
            cluster.get("Pod", "p", "n") if request_kind == "object" else opened()
        passed = time.monotonic() - began
        over.set()
    expected = "cluster-timeout" if request_kind == "object" else "cluster-unreachable"
    assert caught.value.code == expected and passed < 4
