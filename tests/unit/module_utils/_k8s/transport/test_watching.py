# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching one object through everything that breaks a stream."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import bounds
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    Answer,
    Heard,
    Talk,
    serve,
)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds.time, "sleep", lambda _seconds: None)


def pod(version: int) -> dict[str, Any]:
    """An object of this version."""
    return {"metadata": {"name": "p", "resourceVersion": str(version)}}


def states(answer: Answer, count: int, tick: float | None = None) -> tuple[list[Any], list[Heard]]:
    """The first states that a watch gives, as versions, and what the server heard."""
    with serve(answer) as server:
        cluster = connect({"host": server.url}, {"HOME": "/nonexistent"})
        watch = cluster.watch("Pod", "p", "n", time.monotonic() + 20, tick)
        found = [next(watch) for _ in range(count)]
        watch.close()  # type: ignore[attr-defined]
    return [state and state["metadata"]["resourceVersion"] for state in found], server.heard


def watched(heard: Heard) -> bool:
    """True for the stream, false for the list."""
    return "watch=true" in heard.path


def test_list_then_changes_across_streams() -> None:
    """Every stream begins where the last one ended, a bookmark counts, deletion is None."""

    def answer(heard: Heard, talk: Talk) -> None:
        if not watched(heard):
            talk.reply(200, {"metadata": {"resourceVersion": "1"}, "items": [pod(1)]})
        elif "resourceVersion=1&" in heard.path:
            talk.stream({"type": "MODIFIED", "object": pod(2)}, {"type": "BOOKMARK", "object": pod(7)})
        elif "resourceVersion=7&" in heard.path:
            talk.stream({"type": "DELETED", "object": pod(8)}, {"type": "ADDED", "object": pod(9)})

    found, heard = states(answer, 4)
    assert found == ["1", "2", None, "9"]
    assert "fieldSelector=metadata.name%3Dp" in heard[0].path
    assert "allowWatchBookmarks=true" in heard[1].path


@pytest.mark.parametrize("how", ["event", "status"])
def test_an_expired_version_lists_again(how: str) -> None:
    """As an event of a good answer, and as an answer."""

    def answer(heard: Heard, talk: Talk) -> None:
        lists = [each for each in server_heard if not watched(each)]
        server_heard.append(heard)
        if not watched(heard):
            version = 1 if not lists else 5
            talk.reply(200, {"metadata": {"resourceVersion": str(version)}, "items": [pod(version)]})
        elif how == "event":
            talk.stream({"type": "ERROR", "object": {"code": 410}})
        else:
            talk.reply(410, {"reason": "Expired"})

    server_heard: list[Heard] = []
    found, _heard = states(answer, 2)
    assert found == ["1", "5"]


def test_cut_streams_lose_nothing() -> None:
    """A connection that breaks in the middle of a line, again and again."""

    def answer(heard: Heard, talk: Talk) -> None:
        if not watched(heard):
            talk.reply(200, {"metadata": {"resourceVersion": "1"}, "items": []})
            return
        version = int(heard.path.split("resourceVersion=")[1].split("&")[0])
        talk.stream({"type": "MODIFIED", "object": pod(version + 1)}, cut=True)

    found, _heard = states(answer, 8)
    assert found == [None, "2", "3", "4", "5", "6", "7", "8"]


def test_a_tick_gives_the_last_state_again() -> None:
    """Without any event, the caller still wakes up."""

    def answer(heard: Heard, talk: Talk) -> None:
        if watched(heard):
            ended.wait(0.6)
            talk.stream()
        else:
            talk.reply(200, {"metadata": {"resourceVersion": "1"}, "items": [pod(1)]})

    ended = threading.Event()
    found, heard = states(answer, 3, tick=1)
    assert found == ["1", "1", "1"]
    assert "timeoutSeconds=1" in heard[1].path


@pytest.mark.parametrize("status", [401, 403, 404])
def test_hopeless_answers_end_it(status: int) -> None:
    """No point in asking again."""
    with pytest.raises(ClusterError) as caught:
        states(lambda _heard, talk: talk.reply(status), 1)
    assert caught.value.status == status


def test_a_connection_that_stays_broken_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries."""

    def answer(heard: Heard, talk: Talk) -> None:
        if watched(heard):
            talk.reset()
        else:
            talk.reply(200, {"metadata": {"resourceVersion": "1"}, "items": []})

    with pytest.raises(ClusterError) as caught:
        states(answer, 2)
    assert caught.value.code == "cluster-unreachable"


@pytest.mark.parametrize("how", ["error 410", "error 500", "nothing"])
def test_a_watch_that_gives_nothing_is_no_hot_loop(how: str) -> None:
    """Streams that end at once with an error or without an event, although lists succeed: pauses grow, and it ends."""

    def answer(heard: Heard, talk: Talk) -> None:
        if not watched(heard):
            talk.reply(200, {"metadata": {"resourceVersion": "1"}, "items": [pod(1)]})
        elif how == "nothing":
            talk.stream()
        else:
            talk.stream({"type": "ERROR", "object": {"code": int(how.split()[1])}})

    heard: list[Heard] = []
    with serve(answer) as server:
        cluster = connect({"host": server.url}, {"HOME": "/nonexistent"})
        with pytest.raises(ClusterError) as caught:
            list(cluster.watch("Pod", "p", "n", time.monotonic() + 20))
        heard = server.heard
    assert caught.value.code == "cluster-unreachable"
    assert 5 <= sum(map(watched, heard)) <= 20


def test_the_deadline_ends_it() -> None:
    """Without an exception."""
    with serve(lambda _heard, talk: talk.reply(200, {"metadata": {}, "items": []})) as server:
        cluster = connect({"host": server.url}, {"HOME": "/nonexistent"})
        assert list(cluster.watch("Pod", "p", "n", time.monotonic() - 1)) == []
