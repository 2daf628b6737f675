# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Following one object: a list, then a stream of its changes, again after whatever breaks the stream."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster import network
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.errors import Call, ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.transport import Transport

_LONGEST_STREAM = 60
_ATTEMPTS = 6
_HOPELESS = frozenset({401, 403, 404})


def lines(response: Any) -> Iterator[dict[str, Any]]:
    """The events of a stream, as they come."""
    buffer = b""
    for chunk in response.stream(8192, decode_content=True):
        buffer += chunk
        *complete, buffer = buffer.split(b"\n")
        for line in complete:
            if line:
                yield json.loads(line)


def follow(
    transport: Transport, call: Call, path: str, name: str, deadline: float, tick: float | None
) -> Iterator[dict[str, Any] | None]:
    """The object of this name in the collection at `path`: now and at each change, None while there is none.

    Ends at `deadline` (time.monotonic()). With `tick` (seconds, at least 1) the last state is given again when nothing
    happened for so long. Raises ClusterError where the collection cannot be read, or when the connection stays broken.
    """
    selector = ("fieldSelector", f"metadata.name={name}")
    version: str | None = None
    last: dict[str, Any] | None = None
    failures = 0
    while time.monotonic() < deadline:
        try:
            if version is None:
                answer = transport.json(call, "GET", path, query=[selector])
                version = str(answer.get("metadata", {}).get("resourceVersion", ""))
                items = answer.get("items") or []
                last = items[0] if items else None
                failures = 0
                yield last
            left = max(1, int(min(deadline - time.monotonic(), _LONGEST_STREAM)))
            seconds = max(1, min(left, int(tick))) if tick else left
            happened = False
            for event in _stream(transport, call, path, selector, version, seconds):
                failures = 0
                obj = event.get("object") or {}
                if event.get("type") == "ERROR":
                    version = None  # Mostly 410: the version is too old, so list again.
                    break
                version = str(obj["metadata"]["resourceVersion"])
                if event.get("type") != "BOOKMARK":
                    happened = True
                    last = None if event.get("type") == "DELETED" else obj
                    yield last
            if tick and not happened and version is not None:
                yield last
        except ClusterError as problem:
            if problem.status == 410:
                version = None
                continue
            failures += 1
            if problem.status in _HOPELESS or problem.code == "cluster-tls" or failures >= _ATTEMPTS:
                raise
            time.sleep(min(0.2 * 2**failures, 5.0))
        except Exception as problem:  # pylint: disable=broad-except
            failure = network.explain(call, transport.shown, problem)
            if failure is None and not isinstance(problem, (ValueError, KeyError)):
                raise
            failures += 1
            if failures >= _ATTEMPTS:
                raise (
                    failure
                    or ClusterError(
                        "cluster-unreachable", call.path, "the watch breaks again and again.", "Check proxies."
                    )
                ) from None
            time.sleep(min(0.2 * 2**failures, 5.0))


def _stream(
    transport: Transport, call: Call, path: str, selector: tuple[str, str], version: str, seconds: int
) -> Iterator[dict[str, Any]]:
    query = [
        selector,
        ("watch", "true"),
        ("resourceVersion", version),
        ("allowWatchBookmarks", "true"),
        ("timeoutSeconds", str(seconds)),
    ]
    response = transport.raw(call, "GET", path, query=query, stream=True, read_seconds=seconds + 5.0)
    try:
        yield from lines(response)
    finally:
        response.close()  # A stream read by half never goes back to the pool.
