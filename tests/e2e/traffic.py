# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users of a running registry: one push and one pull a second through the NodePort, as long as the test lets them."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test
from ansible_collections.kyma.docker_registry.tests.support.registry_client import Client, open_api
from ansible_collections.kyma.docker_registry.tests.support.repeated import Repeated

_PAUSE = 1.0


class Traffic(Repeated):
    """A context: `failures` holds what failed in it, `rounds` how many rounds went well."""

    def __init__(self, client: Client) -> None:
        super().__init__(_PAUSE)
        self.failures: list[str] = []
        self.rounds = 0
        self._client = client

    def step(self) -> None:
        """One push and one pull."""
        api = open_api(self._client)
        try:
            smoke_test.verify_registry(api, "image", repository="team/traffic")
            self.rounds += 1
        except Refusal as problem:
            self.failures.append(str(problem))
        finally:
            api.close()
