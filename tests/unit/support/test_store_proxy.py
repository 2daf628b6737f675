# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy before a store passes everything on as it came, and gives each wrong answer once."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from ansible_collections.kyma.docker_registry.tests.support.store_proxy import StoreProxy, proxy
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import Heard, Talk, serve

_heard: list[Heard] = []


def _store(heard: Heard, talk: Talk) -> None:
    _heard.append(heard)
    talk.reply(200, b"content", {"ETag": "x"})


@pytest.fixture(name="front")
def _front() -> Iterator[StoreProxy]:
    _heard.clear()
    with serve(_store) as served, proxy("127.0.0.1", served.url) as made:
        yield made


def _ask(front: StoreProxy, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(front.endpoint).netloc, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_passed_on(front: StoreProxy) -> None:
    """Method, path, body and the Host that was signed."""
    assert _ask(front, "PUT", "/bucket/a%20b?x=1&y=", b"body", Authorization="signature") == (200, b"content")
    (heard,) = _heard
    assert (heard.method, heard.path, heard.body) == ("PUT", "/bucket/a%20b?x=1&y=", b"body")
    assert heard.header("host") == [urlsplit(front.endpoint).netloc] and heard.header("authorization") == ["signature"]
    assert front.injected == []


def test_an_object_that_is_hidden_once(front: StoreProxy) -> None:
    """Not by a write, a list, or a request for another object."""
    front.hide_object("/repositories/odd/")
    for method, path in (
        ("PUT", "/b/repositories/odd/link"),
        ("GET", "/b/repositories/r/link"),
        ("GET", "/b?list-type=2&prefix=repositories/odd/"),
    ):
        assert _ask(front, method, path, b"" if method == "PUT" else None)[0] == 200
    status, body = _ask(front, "GET", "/b/repositories/odd/link")
    assert status == 404 and b"NoSuchKey" in body
    assert _ask(front, "GET", "/b/repositories/odd/link") == (200, b"content")
    assert front.injected == ["GET /b/repositories/odd/link"]


def test_a_list_that_is_empty_once(front: StoreProxy) -> None:
    """With the prefix that was asked for."""
    front.hide_list("/odd/_manifests/tags/")
    path = "/b?delimiter=%2F&list-type=2&prefix=root%2Frepositories%2Fodd%2F_manifests%2Ftags%2F"
    assert _ask(front, "GET", "/b/root/odd/_manifests/tags/") == (200, b"content")
    status, body = _ask(front, "GET", path)
    assert (
        status == 200
        and b"<KeyCount>0</KeyCount>" in body
        and b"<Prefix>root/repositories/odd/_manifests/tags/<" in body
    )
    assert _ask(front, "GET", path) == (200, b"content") and len(front.injected) == 1
