# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a request may take and be repeated.

Time-outs of sockets are for one read: a server or proxy that sends a byte from time to time would hold a request without limit. So the connections
of the pool have a deadline for the whole answer.
"""

from __future__ import annotations

import io
import random
import socket
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_RANDOM = random.SystemRandom()


# Called at the first failure of a request; the result gets each failure before the request is repeated.
StartProgress = Callable[[], Say]


def no_progress() -> Say:
    """Repetitions that are not shown."""
    return silent


class Backoff:
    """The pauses before one request is repeated: 0.1 s, doubled, with jitter, up to 5 s; `limit` seconds after the first failure it ends."""

    def __init__(self, limit: float, start_progress: StartProgress = no_progress) -> None:
        self._limit = limit
        self._start_progress = start_progress
        self.reset()

    def reset(self) -> None:
        """The request succeeded: a later failure is a first one."""
        self._next = _FIRST_PAUSE
        self._paused = 0.0
        self._since: float | None = None
        self._progress: Say = silent

    def wait_before_retry(self, failure: str, retry_after: float | None = None) -> bool:
        """Waits before the next attempt, and shows the failure. retry_after: seconds of that header. False, without a wait, if the time is over."""
        now = time.monotonic()
        if self._since is None:
            self._since, self._progress = now, self._start_progress()
        # Pauses are added up as well: a clock that does not advance must not make a loop without an end.
        left = self._limit - max(self._paused, now - self._since)
        if left <= 0:
            return False
        self._progress(failure)
        seconds = min(
            left, self._next * _RANDOM.uniform(0.75, 1.25) if retry_after is None else max(retry_after, _FIRST_PAUSE)
        )
        self._next = min(self._next * 2, _LONGEST_PAUSE)
        self._paused += seconds
        time.sleep(seconds)
        return True


class Deadline:
    """When the requests that are sent from now on have to be answered (time.monotonic()); None for no bound."""

    def __init__(self) -> None:
        self.at: float | None = None


class _BoundedSocket:
    """A connected socket whose reads and writes end at a deadline; everything else is the socket's."""

    def __init__(self, sock: Any, deadline: Deadline) -> None:
        self._socket = sock
        self._deadline = deadline
        self._seconds: float | None = sock.gettimeout()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def settimeout(self, seconds: float | None) -> None:
        """For one read or write."""
        self._seconds = seconds
        self._socket.settimeout(seconds)

    def recv(self, *arguments: Any) -> bytes:
        """As that of a socket."""
        self._bound()
        return bytes(self._socket.recv(*arguments))

    def recv_into(self, *arguments: Any) -> int:
        """As that of a socket."""
        self._bound()
        return int(self._socket.recv_into(*arguments))

    def sendall(self, data: Any) -> None:
        """As that of a socket."""
        self._bound()
        self._socket.sendall(data)

    def makefile(self, *_arguments: Any, **_settings: Any) -> io.BufferedReader:
        """For reading, as http.client needs it. It keeps the socket open until it is closed too."""
        inner: Any = self
        while not isinstance(inner, socket.socket):
            # TLS within the TLS of a proxy is not a socket, but has one.
            inner = inner._socket if isinstance(inner, _BoundedSocket) else inner.socket
        inner._io_refs += 1  # type: ignore[attr-defined]
        reader: Any = socket.SocketIO(self, "r")  # type: ignore[arg-type]
        return io.BufferedReader(reader)

    def _bound(self) -> None:
        at = self._deadline.at
        if at is None:
            self._socket.settimeout(self._seconds)
            return
        left = at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the response was not complete within the time limit")
        self._socket.settimeout(left if self._seconds is None else min(left, self._seconds))


def bound_pool(pool: Any, deadline: Deadline) -> None:
    """Each request over the pool must be answered before the `deadline` that is set when it is sent. pool: a PoolManager of urllib3."""
    pool.pool_classes_by_scheme = {
        scheme: type(known.__name__, (known,), {"ConnectionCls": _bound_connection(known.ConnectionCls, deadline)})
        for scheme, known in pool.pool_classes_by_scheme.items()
    }


def _bound_connection(known: Any, deadline: Deadline) -> Any:
    """The class of connections, with its own deadline for each: another request may be sent while a stream is read."""

    class Bounded(known):
        def __init__(self, *arguments: Any, **settings: Any) -> None:
            self._own = Deadline()
            super().__init__(*arguments, **settings)

        def connect(self) -> None:
            self._own.at = deadline.at
            super().connect()
            connected: Any = self.sock
            self.sock: Any = _BoundedSocket(connected, self._own)

        def _connect_tls_proxy(self, *arguments: Any) -> Any:
            # TLS to the server is read from this one in many parts.
            return _BoundedSocket(super()._connect_tls_proxy(*arguments), self._own)

        def _tunnel(self) -> None:
            # The answer of a proxy to CONNECT. TLS needs the socket itself afterwards, with its own time-out.
            connected: Any = self.sock
            seconds = connected.gettimeout()
            self.sock = _BoundedSocket(connected, self._own)
            super()._tunnel()
            connected.settimeout(seconds)
            self.sock = connected

        def putrequest(self, *arguments: Any, **settings: Any) -> None:
            self._own.at = deadline.at
            super().putrequest(*arguments, **settings)

    return Bounded
