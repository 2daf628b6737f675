# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run in this process that ends right after one of its writes, as with kill -9: nothing that it would do afterwards reaches the API server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.http_transport import Transport
from urllib3.connection import HTTPConnection

# The tests' own requests, and the stand-ins' in other threads, are not the run's.
TESTS_AGENT = "tests"
_ONCE = Transport._once


class Killed(BaseException):
    """The run has ended; no module catches it."""


@dataclass
class Writes:
    """The writes of a run.

    last: the number of the write after which the run ends; None for a run that is only observed. in_flight: the run ends after sending it,
    before its answer has come.
    """

    last: int | None = None
    in_flight: bool = False
    made: list[str] = field(default_factory=list)
    killed: bool = False

    def kill(self) -> None:
        """The run ends here."""
        self.killed = True
        raise Killed(self.made[-1])


@contextmanager
def observed(last: int | None = None, *, in_flight: bool = False) -> Iterator[Writes]:
    """Notes the writes of the modules that run in this context, and ends the run after the write of this number."""
    writes = Writes(last, in_flight)

    def once(
        transport: Transport, method: str, path: str, query: Sequence[tuple[str, str]], *rest: Any, **more: Any
    ) -> Any:
        if transport.user_agent == TESTS_AGENT:
            return _ONCE(transport, method, path, query, *rest, **more)
        if writes.killed:
            # A `finally` of the run: kill -9 leaves it no time.
            raise Killed
        # The Lease says that a run writes; it changes nothing.
        if method == "GET" or ("dryRun", "All") in query or "/leases" in path:
            return _ONCE(transport, method, path, query, *rest, **more)
        writes.made.append(f"{method} {path}")
        ends = len(writes.made) == last
        with _without_answer(writes) if ends and in_flight else nullcontext():
            answer = _ONCE(transport, method, path, query, *rest, **more)
        if ends:
            writes.kill()
        return answer

    with mock.patch.object(Transport, "_once", once):
        yield writes


@contextmanager
def _without_answer(writes: Writes) -> Iterator[None]:
    """Requests of this thread end as soon as they are sent, and close their connection."""
    receive, thread = HTTPConnection.getresponse, threading.get_ident()

    def getresponse(connection: HTTPConnection, *rest: Any, **more: Any) -> Any:
        if threading.get_ident() == thread:
            writes.kill()
        return receive(connection, *rest, **more)

    with mock.patch.object(HTTPConnection, "getresponse", getresponse):
        yield
