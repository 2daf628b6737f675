# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user on a slow line who pushes one large layer, as docker does: in a single request whose length is not announced."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from types import TracebackType

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.tests.support.registry_client import Client

MIB = 2**20
REPOSITORY = "team/slow"
# Seconds. A slow end is not a cut transfer.
_TIMEOUT = 300.0
_TRICKLE = 0.5


class SlowPush:
    """A context. sent: MiB that are on their way; digest: of the layer, when it is pushed."""

    def __init__(self, client: Client, size: int, rate: float, last: int = 1) -> None:
        """size, last: in MiB, rate: in MiB per second. The last ones flow at a trickle until release() is called."""
        self.sent = 0
        self.digest = ""
        self.problem: BaseException | None = None
        self._client = client
        self._size, self._rate, self._last = size, rate, last
        self._released, self._aborted = threading.Event(), threading.Event()
        self._hash = hashlib.sha256()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SlowPush:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._aborted.set()
        self._released.set()
        self._thread.join(_TIMEOUT)

    @property
    def is_running(self) -> bool:
        """Whether it is neither complete nor cut."""
        return self._thread.is_alive()

    def release(self) -> None:
        """Lets the rest flow at the full rate."""
        self._released.set()

    def finish(self) -> str:
        """Waits for the end. The digest of the layer, which the registry has; raises what has cut the push."""
        self.release()
        self._thread.join(_TIMEOUT)
        if self.problem is not None:
            raise AssertionError(f"the push was cut after {self.sent} of {self._size} MiB") from self.problem
        assert self.digest, f"the push still runs, after {self.sent} of {self._size} MiB"
        return self.digest

    def _run(self) -> None:
        try:
            with closing(self._api()) as api:
                location = api.begin_upload(REPOSITORY)
            location = self._write(location)
            digest = f"sha256:{self._hash.hexdigest()}"
            # The Pod that took the content has closed its connection: like every client, this one uses the next Pod.
            with closing(self._api()) as api:
                api.finish_upload(location, digest)
                assert api.has_blob(REPOSITORY, digest)
            self.digest = digest
        except Exception as problem:
            self.problem = problem

    @property
    def _place(self) -> tuple[str, int]:
        host, _colon, port = self._client.address.rpartition(":")
        return host, int(port)

    def _api(self) -> RegistryApi:
        return RegistryApi(
            open_connection=lambda: socket.create_connection(self._place, 10),
            username=self._client.username,
            password=self._client.password,
            timeout=_TIMEOUT,
        )

    def _write(self, location: str) -> str:
        login = base64.b64encode(f"{self._client.username}:{self._client.password}".encode()).decode("ascii")
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/octet-stream"}
        with closing(http.client.HTTPConnection(*self._place, timeout=_TIMEOUT)) as connection:
            connection.request("PATCH", location, body=self._content(), headers=headers, encode_chunked=True)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 202, f"status {answer.status}"
            there = answer.headers["Location"]
        return there[there.index("/v2/") :]

    def _content(self) -> Iterator[bytes]:
        base = os.urandom(MIB)
        due = time.monotonic()
        for number in range(self._size):
            if self._aborted.is_set():
                raise InterruptedError("the test has failed")
            block = number.to_bytes(8, "big") + base[8:]
            self._hash.update(block)
            yield from self._trickled(block) if number >= self._size - self._last else (block,)
            self.sent = number + 1
            due = max(due + 1 / self._rate, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))

    def _trickled(self, block: bytes) -> Iterator[bytes]:
        """The block in pieces as long as the rest is kept back."""
        piece = 1024
        while len(block) > piece and not self._released.wait(_TRICKLE):
            yield block[:piece]
            block = block[piece:]
        yield block
