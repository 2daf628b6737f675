# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy between a run and an API server of the tests, which answers as an API server does that is restarted, overloaded or far away.

It speaks TLS with the server's own certificate, so a run sees nothing but another port. Only what goes through it is disturbed.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from ansible_collections.kyma.docker_registry.tests.support.local_server import LocalServer, QuietHandler

# Of any request. "before": the API server never gets it. "after": it has done it, and the answer gets lost.
REQUEST_FAULTS = (
    "reset before",
    "reset after",
    "429 before",
    "500 before",
    "500 after",
    "503 before",
    "cut body",
    "slow body",
    "outage",
)
# Of a watch.
WATCH_FAULTS = ("event 410", "event 500", "status 410", "cut stream", "empty stream", "reset before", "503 before")
# Seconds without a connection, and between two bytes of a slow body.
_OUTAGE = 1.5
_DRIP = 0.05
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "accept-encoding"})
_UPSTREAM_SECONDS = 90


@dataclass
class Faults:
    """Which requests are disturbed, and how often each fault was injected.

    rate: the part of the requests that is disturbed; watches, of which there are few, are disturbed more often.
    seed: of the choices; with several threads their order is not the same again.
    """

    rate: float
    seed: int
    injected: Counter[str] = field(default_factory=Counter)
    ends_outage: float = 0.0

    def __post_init__(self) -> None:
        """The choices, made by one thread at a time."""
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many faults were injected."""
        return self.injected.total()

    def choose(self, watch: bool) -> str:
        """The fault of the next request, '' for none."""
        with self._lock:
            if time.monotonic() < self.ends_outage:
                return "reset before"
            if self._random.random() >= (self.rate**0.25 if watch else self.rate):
                return ""
            fault = self._random.choice(WATCH_FAULTS if watch else REQUEST_FAULTS)
            self.injected[f"watch: {fault}" if watch else fault] += 1
            if fault == "outage":
                self.ends_outage = time.monotonic() + _OUTAGE
                return "reset before"
            return fault


class Proxy:
    """Listens on loopback. faults: may be replaced at any time; None lets everything through."""

    def __init__(self, server: Path) -> None:
        """server: folder of an API server of the tests (api_server.py)."""
        self.faults: Faults | None = None
        self.requests: Counter[str] = Counter()
        document = yaml.safe_load((server / "kubeconfig").read_text(encoding="utf-8"))
        cluster = document["clusters"][0]["cluster"]
        self.upstream = urlsplit(cluster["server"]).netloc
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(server / "certificates/apiserver.crt", server / "certificates/apiserver.key")
        self._server.tls = self._tls
        cluster["server"] = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.kubeconfig = document

    def connect(self) -> http.client.HTTPSConnection:
        """A connection to the API server."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.upstream, context=context, timeout=_UPSTREAM_SECONDS)

    def serving(self) -> AbstractContextManager[None]:
        """Serves until the block ends."""
        return self._server.serving("fault-proxy")


@contextmanager
def proxy(server: Path) -> Iterator[Proxy]:
    """A running proxy before the API server of this folder."""
    made = Proxy(server)
    with made.serving():
        yield made


class _Server(LocalServer):
    proxy: Proxy
    tls: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: a handshake that hangs holds no other connection."""
        request.settimeout(_UPSTREAM_SECONDS)
        with suppress(OSError):
            super().finish_request(self.tls.wrap_socket(request, server_side=True), client_address)


class _Handler(QuietHandler):
    server: _Server

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        watch = "watch=true" in self.path
        proxy_ = self.server.proxy
        proxy_.requests["watch" if watch else self.command] += 1
        fault = proxy_.faults.choose(watch) if proxy_.faults else ""
        try:
            self._answer(fault, body, watch)
        except (OSError, http.client.HTTPException):
            self._reset()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

    def _answer(self, fault: str, body: bytes, watch: bool) -> None:
        if fault.endswith("before") or fault == "status 410":
            self._refuse(fault)
        elif fault.startswith("event"):
            code = int(fault.split()[1])
            self._stream([json.dumps({"type": "ERROR", "object": _status(code)}).encode() + b"\n"])
        elif fault == "empty stream":
            self._stream([])
        else:
            self._forward(fault, body, watch)

    def _refuse(self, fault: str) -> None:
        if fault == "reset before":
            self._reset()
            return
        code = next(int(word) for word in fault.split() if word.isdigit())
        self._send(code, json.dumps(_status(code)).encode(), {"Retry-After": "0"} if code == 429 else {})

    def _forward(self, fault: str, body: bytes, watch: bool) -> None:
        upstream = self.server.proxy.connect()
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            answer = upstream.getresponse()
            if watch and answer.status == http.client.OK:
                self._stream(iter(lambda: answer.read1(64 * 1024), b""), cut=fault == "cut stream")
                return
            self._pass_on(fault, answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            upstream.close()

    def _pass_on(self, fault: str, status: int, content: bytes, headers: dict[str, str]) -> None:
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        if fault == "reset after":
            self._reset()
        elif fault == "500 after":
            self._send(500, json.dumps(_status(500)).encode(), {})
        elif fault == "cut body":
            self._begin(status, {**kept, "Content-Length": str(len(content))})
            self.wfile.write(content[: len(content) // 2])
            self._reset()
        elif fault == "slow body":
            self._begin(status, {**kept, "Content-Length": str(len(content))})
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                time.sleep(_DRIP)
        else:
            self._send(status, content, kept)

    def _stream(self, parts: Any, cut: bool = False) -> None:
        self._begin(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
        for part in parts:
            data = part[: len(part) // 2] if cut else part
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            if cut:
                self._reset()
                return
        self.wfile.write(b"0\r\n\r\n")

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self._begin(status, {"Content-Type": "application/json", **headers, "Content-Length": str(len(content))})
        self.wfile.write(content)

    def _reset(self) -> None:
        """The client sees "connection reset by peer", as after a kill of the API server."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


def _status(code: int) -> dict[str, Any]:
    reasons = {410: "Expired", 429: "TooManyRequests", 503: "ServiceUnavailable"}
    message = f"made by the fault proxy: etcdserver: {code}"
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reasons.get(code, "InternalError"),
        "code": code,
    }
