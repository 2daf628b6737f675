# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small HTTP server whose answers a test sets, for answers that a real API server rarely gives."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": {"a": "b"}}


@dataclass
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Served:
    """The server's address and what it heard."""

    url: str
    heard: list[Heard] = field(default_factory=list)


class Talk:
    """What an answer can do: send a reply, a stream, or break off."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        """Over the connection of one request."""
        self._handler = handler

    def reply(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        """A whole answer; a dictionary goes as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        self._handler.send_response(status)
        for name, value in (headers or {}).items():
            self._handler.send_header(name, value)
        self._handler.send_header("Content-Length", str(len(data)))
        self._handler.end_headers()
        if self._handler.command != "HEAD":
            self._handler.wfile.write(data)

    def raw(self, data: bytes) -> None:
        """These bytes and nothing more, then the end of the connection."""
        self._handler.wfile.write(data)
        self._handler.close_connection = True

    def stream(self, *events: dict[str, Any], cut: bool = False) -> None:
        """A stream of JSON lines in chunks; `cut` breaks it in the middle of a line."""
        self._handler.send_response(200)
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.end_headers()
        for event in events:
            self._chunk(json.dumps(event).encode() + b"\n")
        if cut:
            self._chunk(b'{"type": "MODI')
            self.reset()
        else:
            self._handler.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self._handler.wfile.flush()

    def reset(self) -> None:
        """Breaks the connection off with a reset."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._handler.close_connection = True
        connection.close()


Answer = Callable[[Heard, Talk], None]


@contextlib.contextmanager
def serve(answer: Answer) -> Iterator[Served]:
    """A server on a free port of this machine that gives each request to `answer`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_arguments: Any) -> None:
            """Nothing."""

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            heard = Heard(self.command, self.path, list(self.headers.items()), self.rfile.read(length))
            served.heard.append(heard)
            with contextlib.suppress(OSError):
                answer(heard, Talk(self))

        do_CONNECT = do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

        def finish(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                super().finish()

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: Any) -> None:
            """A test that breaks connections off expects that."""

        def shutdown_request(self, request: Any) -> None:
            with contextlib.suppress(OSError):
                super().shutdown_request(request)

    server = Quiet(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def to(url: str, **params: Any) -> Cluster:
    """A connection to the server of a test."""
    return connect({"host": url, "api_key": "t0ken", **params}, {"HOME": "/nonexistent"})
