# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy between a registry and the lab's S3 without TLS, which answers once that an object, or everything below a prefix, does not exist.

Requests are passed on with the Host that the client has signed. Objects are held in memory: this is for small images.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.kyma.docker_registry.tests.support.local_server import LocalServer, QuietHandler

_SECONDS = 60
_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "expect"})
_MISSING = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>made by the store proxy</Message></Error>'
_EMPTY = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Prefix>{}</Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"
)


class StoreProxy:
    """endpoint: its address. injected: the requests that got a wrong answer."""

    def __init__(self, address: str, upstream: str) -> None:
        """address: of the lab, where Pods reach it. upstream: of the store, with its scheme."""
        self.upstream = urlsplit(upstream).netloc
        self.injected: list[str] = []
        self._server = _Server((address, 0), _Handler)
        self._server.proxy = self
        self._lock = threading.Lock()
        self._fault: tuple[str, str] | None = None

    @property
    def endpoint(self) -> str:
        """With the scheme."""
        return f"http://{self._server.server_address[0]!s}:{self._server.server_address[1]}"

    def hide_object(self, part: str) -> None:
        """The next request that reads an object whose key contains this text gets a 404."""
        self._arm("object", part)

    def hide_list(self, part: str) -> None:
        """The next list of a prefix that contains this text is empty."""
        self._arm("list", part)

    def _arm(self, kind: str, part: str) -> None:
        with self._lock:
            self._fault = (kind, part)

    def answer(self, method: str, path: str) -> tuple[int, bytes] | None:
        """The wrong answer for this request, None to pass it on."""
        parts = urlsplit(path)
        prefix = parse_qs(parts.query).get("prefix", [""])[0]
        is_list = "list-type" in parse_qs(parts.query) or "prefix=" in parts.query
        kind, text = ("list", prefix) if is_list else ("object", unquote(parts.path))
        with self._lock:
            if method not in ("GET", "HEAD") or self._fault is None:
                return None
            wanted, part = self._fault
            if wanted != kind or part not in text:
                return None
            self._fault = None
            self.injected.append(f"{method} {path}")
        return (200, _EMPTY.format(prefix).encode()) if kind == "list" else (404, _MISSING)

    def serving(self) -> AbstractContextManager[None]:
        """Serves until the block ends."""
        return self._server.serving("store-proxy")


@contextmanager
def proxy(address: str, upstream: str) -> Iterator[StoreProxy]:
    """A running proxy."""
    made = StoreProxy(address, upstream)
    with made.serving():
        yield made


class _Server(LocalServer):
    proxy: StoreProxy


class _Handler(QuietHandler):
    timeout = _SECONDS
    server: _Server

    def _any(self) -> None:
        body = self._read_body()
        wrong = self.server.proxy.answer(self.command, self.path)
        if wrong is not None:
            self._send(wrong[0], wrong[1], [("Content-Type", "application/xml")])
            return
        upstream = http.client.HTTPConnection(self.server.proxy.upstream, timeout=_SECONDS)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in (*_HOP, "content-length"):
                    upstream.putheader(name, value)
            if body or self.command in ("PUT", "POST"):
                upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body or None)
            answer = upstream.getresponse()
            self._send(answer.status, answer.read(), answer.getheaders())
        finally:
            upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

    def _read_body(self) -> bytes:
        if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue
        return b"".join(parts)

    def _send(self, status: int, content: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response_only(status)
        length = str(len(content))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in (*_HOP, "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
