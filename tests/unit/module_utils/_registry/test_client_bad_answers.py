# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no registry gives: each one becomes a RegistryError with a fitting code, quickly, and nothing else escapes."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import client as api_module
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import Heard, Talk
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.fake_registry import (
    FakeRegistry,
    failing,
    talking,
)

DIGEST = "sha256:" + "a" * 64


def _raw(data: bytes) -> Callable[[Heard, Talk], None]:
    return lambda _heard, talk: talk.raw(data)


def _body(data: bytes) -> Callable[[Heard, Talk], None]:
    return lambda _heard, talk: talk.reply(200, data)


def _error(answer: Callable[[Heard, Talk], None], act: Callable[[RegistryApi], object]) -> RegistryError:
    with talking(answer) as (api, _served), pytest.raises(RegistryError) as caught:
        act(api)
    return caught.value


BROKEN_HEADS = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "registry-not-answering"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", "registry-not-answering"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "registry-not-answering"),
    (b"", "registry-not-answering"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "registry-protocol"),
    (b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 70000 + b"\r\n\r\n", "registry-not-answering"),
    (b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n", "registry-not-answering"),
    (b"HTTP/1.1 abc OK\r\n\r\n", "registry-protocol"),
    (b"HTTP/1.1 99 OK\r\n\r\n", "registry-protocol"),
]


@pytest.mark.parametrize(("answer", "code"), BROKEN_HEADS)
def test_broken_answers(answer: bytes, code: str) -> None:
    """Truncated, endless or foreign answers."""
    assert _error(_raw(answer), lambda api: api.ping()).code == code


def test_an_answer_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the answer does not."""
    monkeypatch.setattr(api_module, "LONGEST_ANSWER", 0.3)

    def answer(_heard: Heard, talk: Talk) -> None:
        talk.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        for _number in range(1000):
            talk.raw(b"{")
            over.wait(0.02)

    def act(api: RegistryApi) -> None:
        try:
            api.ping()
        finally:
            over.set()

    over = threading.Event()
    began = time.monotonic()
    assert _error(answer, act).code == "registry-not-answering"
    assert time.monotonic() - began < 10


def test_after_a_broken_answer_the_client_goes_on() -> None:
    """The connection is given up and the next request takes a fresh one."""
    registry = FakeRegistry()
    registry.faults["GET /v2/$"] = _raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    with talking(registry) as (api, _served):
        with pytest.raises(RegistryError):
            api.ping()
        registry.faults.clear()
        api.ping()


def test_silence_ends_after_the_timeout() -> None:
    """A registry that accepts the request and does not answer."""
    released = threading.Event()
    # Were it awaited to its end, that would be another error than the time-out.
    with talking(lambda _heard, _talk: released.wait(60) and None, timeout=0.1) as (api, _served):
        with pytest.raises(RegistryError) as caught:
            api.ping()
        released.set()
    assert caught.value.code == "registry-not-answering" and "TimeoutError" in str(caught.value)


def test_nobody_listens() -> None:
    """A refused connection is reported by its type."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = RegistryApi(
        open_connection=lambda: socket.create_connection(("127.0.0.1", port), 2), username="u", password="p"
    )
    with pytest.raises(RegistryError) as caught:
        api.ping()
    assert caught.value.code == "registry-not-answering" and caught.value.status is None
    assert "ConnectionRefusedError" in str(caught.value)


@pytest.mark.parametrize("chunked", [False, True])
def test_huge_answers_are_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch, chunked: bool) -> None:
    """More than the bound is an error, announced or not; the bound itself is not."""
    monkeypatch.setattr(api_module, "LARGEST_ANSWER", 2 * 1024**2)

    def answer(size: int) -> Callable[[Heard, Talk], None]:
        head = b"HTTP/1.1 200 OK\r\n"
        if chunked:
            return _raw(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n")
        return _raw(head + b"\r\n" + b"x" * size)

    problem = _error(answer(2 * 1024**2 + 1), lambda api: api.blob("app", DIGEST))
    assert problem.code == "registry-protocol" and "larger than 2 MiB" in str(problem)
    with talking(answer(2 * 1024**2)) as (api, _served):
        assert len(api.blob("app", DIGEST)) == 2 * 1024**2


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://[broken",
        "mailto:somebody",
        "http://127.0.0.1",
        "/v2/with space",
        "/v2/\u00e9",
        "/v2/up?x=\u00e9",
        "http://host/v2/a\tb c",
    ],
)
def test_wrong_locations(location: str) -> None:
    """A location that cannot be asked is reported as such before anything is sent there."""
    answer = failing(202, headers={"Location": location} if location else {})
    registry = FakeRegistry(faults={"POST ": answer})
    with talking(registry) as (api, served), pytest.raises(RegistryError) as caught:
        api.write_upload(api.begin_upload("app"), b"chunk")
    assert caught.value.code == "registry-protocol"
    assert [item.method for item in served.heard] == ["POST"]


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/up/1?s=1", "/up/1?s=1"),
        ("http://evil.example/up/1?s=1", "/up/1?s=1"),
        ("//evil.example/up/1", "/up/1"),
        ("next?s=1", "/v2/app/blobs/uploads/next?s=1"),
        ("?s=1", "/v2/app/blobs/uploads/?s=1"),
        ("/up/1#fragment", "/up/1"),
    ],
)
def test_locations_stay_here(location: str, path: str) -> None:
    """Absolute or relative: only path and query count."""
    with talking(failing(202, headers={"Location": location})) as (api, _served):
        assert api.begin_upload("app") == path


@pytest.mark.parametrize("value", ["", "0", "0-", "0-x", "1-5", "0-" + "9" * 5000, "0-\u00b2"])
def test_wrong_ranges(value: str) -> None:
    """An upload without a usable range."""
    answer = failing(204, headers={"Range": value} if value else {})
    assert _error(answer, lambda api: api.upload_size("/up/1")).code == "registry-protocol"


@pytest.mark.parametrize(("value", "size"), [("0-0", 0), ("0-1", 2), ("0-911", 912), ("bytes=0-911", 912)])
def test_ranges(value: str, size: int) -> None:
    """The last byte's number; 0-0 stands for nothing."""
    with talking(failing(204, headers={"Range": value})) as (api, _served):
        assert api.upload_size("/up/1") == size


BAD_LISTS = [
    b"",
    b"null",
    b"[]",
    b"7",
    b"{}",
    b"<html>",
    b'{"repositories": {}}',
    b'{"repositories": [1]}',
    b"[" * 100000,
]
BAD_LISTS += [b'{"repositories": "abc"}', b"\xff\xfe", b'{"repositories": ["a", null]}']


@pytest.mark.parametrize("body", BAD_LISTS, ids=range(len(BAD_LISTS)))
def test_bad_lists(body: bytes) -> None:
    """A truncated body is an error."""
    assert _error(_body(body), lambda api: list(api.catalog())).code == "registry-protocol"
    assert (
        _error(_body(body.replace(b"repositories", b"tags")), lambda api: api.tags("app")).code == "registry-protocol"
    )


def _page(heard: Heard, talk: Talk, names: list[str]) -> None:
    link = {"Link": f'</v2/_catalog?last={len(heard.path)}&n={heard.path}>; rel="next"'}
    talk.reply(200, {"repositories": names}, link)


@pytest.mark.parametrize("names", [[], ["app"]])
def test_endless_catalog(names: list[str]) -> None:
    """Pages that go on forever under ever new addresses, without a new name."""
    with talking(lambda heard, talk: _page(heard, talk, names)) as (api, served):
        with pytest.raises(RegistryError) as caught:
            list(api.catalog())
        assert caught.value.code == "registry-protocol"
        assert len(served.heard) == len(names) + 1


def test_catalog_that_turns_round() -> None:
    """The second page names the first as its next."""

    def answer(heard: Heard, talk: Talk) -> None:
        first = "last" not in heard.path
        following = "/v2/_catalog?n=100&last=a" if first else "/v2/_catalog?n=100"
        talk.reply(200, {"repositories": ["a" if first else "b"]}, {"Link": f'<{following}>; rel="next"'})

    with talking(answer) as (api, served), pytest.raises(RegistryError):
        list(api.catalog())
    assert len(served.heard) == 3


@pytest.mark.parametrize("link", ["<//[>; rel=next", "</v2/\u00e9>; rel=next", "<mailto:x>; rel=next"])
def test_catalog_with_a_wrong_link(link: str) -> None:
    """A next page that is not an address."""

    def answer(_heard: Any, talk: Any) -> None:
        talk.reply(200, {"repositories": ["a"]}, {"Link": link})

    assert _error(answer, lambda api: list(api.catalog())).code == "registry-protocol"


@pytest.mark.parametrize("link", ['</v2/_catalog?n=1>; rel="last"', "nonsense", "</x>"])
def test_other_links_end_the_catalog(link: str) -> None:
    """Only a next page is a next page."""
    with talking(lambda _heard, talk: talk.reply(200, {"repositories": ["a"]}, {"Link": link})) as (api, served):
        assert list(api.catalog()) == ["a"]
        assert len(served.heard) == 1


def test_doubled_names_count_once() -> None:
    """A name that two pages hold is given once."""
    body = json.dumps({"repositories": ["a", "a", "b"]}).encode()
    with talking(_body(body)) as (api, _served):
        assert list(api.catalog()) == ["a", "b"]
