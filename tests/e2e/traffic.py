# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users of a running registry: one push and one pull a second through the NodePort, as long as the test lets them."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test
from ansible_collections.kyma.docker_registry.tests.support.push_loop import open_api
from ansible_collections.kyma.docker_registry.tests.support.registry_client import Client

_PAUSE = 1.0
# A test never takes longer; the loop ends by itself.
_LONGEST = 900.0


class Traffic:
    """A context: `failures` holds what failed in it, `rounds` how many rounds went well."""

    def __init__(self, client: Client) -> None:
        self.failures: list[str] = []
        self.rounds = 0
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Traffic:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        deadline = time.monotonic() + _LONGEST
        while not self._stop.wait(_PAUSE) and time.monotonic() < deadline:
            api = open_api(self._client)
            try:
                smoke_test.verify_registry(api, "image", repository="team/traffic")
                self.rounds += 1
            except Refusal as problem:
                self.failures.append(str(problem))
            finally:
                api.close()
