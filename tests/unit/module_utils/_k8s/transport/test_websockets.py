# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Handshakes of websockets: their answers, repetitions and limits, and the proxy they use."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import ssl
import time
from types import SimpleNamespace
from typing import Any

import pytest
import websocket
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import Talk, serve


def test_what_the_api_server_says_to_a_stream() -> None:
    """Its status becomes the finding; credentials go with the handshake."""
    with serve(lambda _heard, talk: talk.reply(403, {"message": 'User "u" cannot create'})) as server:
        cluster = connect({"host": server.url, "api_key": "t", "impersonate_user": "eve"}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 5000) as opened, pytest.raises(ClusterError) as caught:
            opened()
    (heard,) = server.heard
    assert (caught.value.code, caught.value.status) == ("cluster-forbidden", 403)
    assert heard.path == "/api/v1/namespaces/n/pods/p/portforward?ports=5000"
    assert heard.header("Authorization") == ["Bearer t"]
    assert heard.header("Impersonate-User") == ["eve"]
    assert heard.header("Sec-WebSocket-Protocol") == ["v4.channel.k8s.io"]
    assert heard.header("Origin") == []


@pytest.mark.parametrize("status", [302, 500, 200])
def test_odd_handshakes(status: int) -> None:
    """Redirections, and servers that know no websockets."""
    headers = {"Location": "http://127.0.0.1:1"}
    with serve(lambda _heard, talk: talk.reply(status, b"no", headers)) as server:
        cluster = connect({"host": server.url}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError):
            opened()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_for_a_stream(status: int) -> None:
    """It has not begun what it was asked for."""
    with serve(lambda _heard, talk: talk.reply(status if len(server.heard) < 3 else 403)) as server:
        cluster = connect({"host": server.url}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError) as caught:
            opened()
    assert (len(server.heard), caught.value.status) == (3, 403)


def _lost(heard: int, how: str, talk: Talk) -> None:
    if heard >= 3:
        talk.reply(403)
    elif how == "reset":
        talk.reset()
    elif how == "closed":
        talk.raw(b"")
    elif how == "cut":
        talk.raw(b"HTTP/1.1 101 Switching")
    else:
        time.sleep(1.5)


@pytest.mark.parametrize("how", ["reset", "closed", "cut", "late"])
def test_a_handshake_without_an_answer_is_repeated(how: str) -> None:
    """However the connection is lost. 403 is an answer."""
    with serve(lambda _heard, talk: _lost(len(server.heard), how, talk)) as server:
        cluster = connect({"host": server.url, "connect_timeout": 1}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError) as caught:
            opened()
    assert (len(server.heard), caught.value.status) == (3, 403)


def test_a_handshake_that_is_answered_byte_by_byte() -> None:
    """Each byte comes in time, the end never."""

    def answer(_heard: Any, talk: Talk) -> None:
        with contextlib.suppress(OSError):
            for byte in b"HTTP/1.1 101 Switching Protocols\r\n" + b"a" * 100:
                talk.raw(bytes([byte]))
                time.sleep(0.2)

    start = time.monotonic()
    with serve(answer) as server:
        limits = {"connect_timeout": 1, "request_timeout": 1, "retry_timeout": 0}
        cluster = connect({"host": server.url, **limits}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError, match="cluster-unreachable"):
            opened()
        assert time.monotonic() - start < 10


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH])
def test_an_unreachable_network(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not reported as a file of a certificate."""

    def fail(_self: Any, _url: str, **_options: Any) -> None:
        raise OSError(number, "unreachable")

    monkeypatch.setattr(websocket.WebSocket, "connect", fail)
    cluster = connect({"host": "https://cluster", "retry_timeout": 0}, {"HOME": "/x"})
    with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError) as caught:
        opened()
    assert (caught.value.code, caught.value.findings[0].path) == ("cluster-unreachable", "host")


UNANSWERED = [
    OSError(errno.ENETUNREACH, "Network is unreachable"),
    TimeoutError("timed out"),
    websocket.WebSocketTimeoutException("timed out"),
    websocket.WebSocketConnectionClosedException("Connection to remote host was lost."),
    websocket.WebSocketProxyException("failed CONNECT via proxy status: 503"),
    websocket.WebSocketAddressException("[Errno -3] Temporary failure in name resolution"),
]
FINAL = [
    ssl.SSLCertVerificationError("certificate verify failed"),
    websocket.WebSocketAddressException("[Errno -2] Name or service not known"),
    websocket.WebSocketException("Invalid WebSocket Header"),
    *(websocket.WebSocketProxyException(f"failed CONNECT via proxy status: {status}") for status in (401, 403, 407)),
    websocket.WebSocketBadStatusException("Handshake status %s %s", 500, "no"),
    FileNotFoundError(errno.ENOENT, "No such file"),
]


@pytest.mark.usefixtures("slept")
@pytest.mark.parametrize("problem", [*UNANSWERED, *FINAL], ids=repr)
def test_which_handshakes_are_repeated(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were not answered, if another attempt can succeed."""
    attempts: list[str] = []

    def fail(_self: Any, url: str, **_options: Any) -> None:
        attempts.append(url)
        if len(attempts) < 3:
            raise problem

    monkeypatch.setattr(websocket.WebSocket, "connect", fail)
    cluster = connect({"host": "https://cluster"}, {"HOME": "/x"})
    with cluster.port_forward("n", "p", 1) as opened:
        if problem in UNANSWERED:
            opened()
        else:
            with pytest.raises(ClusterError):
                opened()
    assert len(attempts) == (3 if problem in UNANSWERED else 1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://nothing.invalid"])
def test_no_server(url: str) -> None:
    """A finding."""
    cluster = connect({"host": url, "retry_timeout": 0}, {"HOME": "/x"})
    with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError) as caught:
        opened()
    assert caught.value.code == "cluster-unreachable"


def test_a_proxy_of_the_environment_is_not_asked_where_no_proxy_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams go the way of the other requests."""
    with (
        serve(lambda _heard, talk: talk.reply(500)) as proxy,
        serve(lambda _heard, talk: talk.reply(404, {"message": "the server's"})) as server,
    ):
        monkeypatch.setenv("http_proxy", proxy.url)
        cluster = connect({"host": server.url, "no_proxy": "127.0.0.1"}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError, match="the server's"):
            opened()
    assert proxy.heard == []


def test_the_proxys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host, port, user; from its address or from the headers."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(websocket.WebSocket, "connect", lambda _self, _url, **options: seen.append(options))
    for params in (
        {"proxy": "http://u:p@proxy:3128"},
        {"proxy": "http://proxy:3128", "proxy_headers": {"proxy_basic_auth": "u:p"}},
        {"proxy": "http://proxy:3128", "no_proxy": "cluster"},
    ):
        cluster = connect({"host": "https://cluster", **params}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened:
            opened()
    assert [options["http_proxy_host"] for options in seen] == ["proxy", "proxy", "none.invalid"]
    assert seen[2]["http_no_proxy"] == ["*"]
    assert [options.get("http_proxy_auth") for options in seen] == [("u", "p"), ("u", "p"), None]


def test_a_proxy_with_tls() -> None:
    """The library knows none: it would send the password of the proxy without TLS."""
    with serve(lambda _heard, talk: talk.reply(200)) as proxy:
        address = proxy.url.replace("http://", "https://user:pass-of-the-proxy@")
        cluster = connect({"host": "https://cluster.invalid", "proxy": address, "retry_timeout": 0}, {"HOME": "/x"})
        with cluster.port_forward("n", "p", 1) as opened, pytest.raises(ClusterError) as caught:
            opened()
    assert proxy.heard == []
    (finding,) = caught.value.findings
    assert (finding.code, finding.path) == ("cluster-unreachable", "proxy") and "TLS" in finding.message


def test_a_socks_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams use it as the other requests do, and do not connect directly. The library needs another one for that."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(websocket.WebSocket, "connect", lambda _self, _url, **options: seen.append(options))
    cluster = connect({"host": "https://cluster"}, {"HOME": "/x"})
    address = "socks5h://user:pass-of-the-proxy@proxy"
    monkeypatch.setattr(cluster._transport.configuration, "proxy", address)
    monkeypatch.setattr(cluster._transport, "pool", SimpleNamespace(proxy=None, proxy_url=address))
    for found in (None, "found"):
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name, found=found: found)
        with cluster.port_forward("n", "p", 1) as opened, contextlib.ExitStack() as stack:
            if found is None:
                stack.enter_context(pytest.raises(ClusterError, match="cluster-library"))
            opened()
    (options,) = seen
    assert (options["proxy_type"], options["http_proxy_host"], options["http_proxy_port"]) == ("socks5h", "proxy", 1080)
    assert options["http_proxy_auth"] == ("user", "pass-of-the-proxy") and options["http_proxy_timeout"] == 10
