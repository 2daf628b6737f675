# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches one object: a list, then a stream of its changes, which is opened again after a failure."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError

from . import network
from .bounds import Backoff
from .http_transport import Transport

_LONGEST_STREAM = 60
# A stream that ends sooner without an event has failed, whatever it says.
_SHORTEST_STREAM = 0.5


def read_events(response: Any) -> Iterator[dict[str, Any]]:
    """The events of a stream, as they come."""
    buffer = b""
    for chunk in response.stream(8192, decode_content=True):
        buffer += chunk
        *complete, buffer = buffer.split(b"\n")
        for line in complete:
            if line:
                yield json.loads(line)


class _Broken(Exception):
    """A stream gave nothing, or an error."""


@dataclass
class Follower:
    """One object of the collection at `path`, followed by name. State between two streams: version and last object."""

    transport: Transport
    call: Call
    path: str
    name: str
    version: str | None = None
    last: dict[str, Any] | None = None
    backoff: Backoff = field(init=False)

    def __post_init__(self) -> None:
        """Failures of streams count together, those of a request by themselves."""
        self.backoff = Backoff(self.transport.limits.retry, self.transport.start_progress)

    def states(self, deadline: float, tick: float | None = None) -> Iterator[dict[str, Any] | None]:
        """The object now and at each change, None while there is none; ends at `deadline` (time.monotonic()).

        With `tick` (seconds, at least 1) the last state is given again when nothing happened for so long.
        Raises ClusterError if the collection cannot be read, or when the connection stays broken.
        """
        while time.monotonic() < deadline:
            try:
                if self.version is None:
                    yield self._list()
                left = max(1, int(min(deadline - time.monotonic(), _LONGEST_STREAM)))
                happened = False
                for state in self._changes(max(1, min(left, int(tick))) if tick else left):
                    happened = True
                    yield state
                if tick and not happened:
                    yield self.last
            except GeneratorExit:
                raise
            except Exception as problem:  # pylint: disable=broad-except
                self._handle_failure(problem)

    def _query(self) -> list[tuple[str, str]]:
        return [("fieldSelector", f"metadata.name={self.name}")]

    def _list(self) -> dict[str, Any] | None:
        answer = self.transport.json(self.call, "GET", self.path, query=self._query())
        self.version = str(answer.get("metadata", {}).get("resourceVersion", ""))
        items = answer.get("items") or []
        self.last = items[0] if items else None
        return self.last

    def _changes(self, seconds: int) -> Iterator[dict[str, Any] | None]:
        """The changes in one stream of at most `seconds`; forgets the version if it is too old."""
        query = [
            *self._query(),
            ("watch", "true"),
            ("resourceVersion", self.version or "0"),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", str(seconds)),
        ]
        began = time.monotonic()
        response = self.transport.raw(self.call, "GET", self.path, query=query, stream_seconds=seconds + 5.0)
        happened = False
        try:
            for event in read_events(response):
                if event["type"] == "ERROR":
                    # 410 comes as an event of an answer with status 200. Any other error may pass, but not by the version that led to it.
                    self.version = None
                    raise _Broken
                obj = event["object"]
                self.version = str(obj["metadata"]["resourceVersion"])
                happened = True
                self.backoff.reset()
                if event["type"] != "BOOKMARK":
                    self.last = None if event["type"] == "DELETED" else obj
                    yield self.last
        finally:
            response.close()  # A stream read by half never goes back to the pool.
        if time.monotonic() - began >= _SHORTEST_STREAM:
            self.backoff.reset()
        elif not happened:
            raise _Broken

    def _handle_failure(self, problem: Exception) -> None:
        """Pauses before the next attempt, or raises if another attempt cannot succeed."""
        if isinstance(problem, ClusterError):
            if problem.status != 410:
                # The request was repeated before, as far as that can help.
                raise problem
            failure: ClusterError | None = problem
            self.version = None
        else:
            failure = network.error_from_exception(self.call, self.transport.shown, problem)
            if failure is None and not isinstance(problem, (_Broken, ValueError, KeyError)):
                raise problem
        text = "the watch was interrupted repeatedly."
        failure = failure or ClusterError(
            "cluster-unreachable", self.call.path, text, "Check the proxies between this machine and the API server."
        )
        if not self.backoff.wait_before_retry(str(failure)):
            raise failure from None
