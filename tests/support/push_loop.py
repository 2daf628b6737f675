# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user who pushes one image after another through the NodePort, and remembers which ones the registry has accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import push_image
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.verification_image import build_image
from ansible_collections.kyma.docker_registry.tests.support import waiting
from ansible_collections.kyma.docker_registry.tests.support.registry_client import Client, open_api
from ansible_collections.kyma.docker_registry.tests.support.repeated import Repeated

REPOSITORY = "team/loop"
_PAUSE = 0.1

# The digest of no image.
_NO_IMAGE = f"sha256:{'0' * 64}"


class PushLoop(Repeated):
    """A context. accepted: tag to digest of each image whose push the registry has acknowledged. rejected: codes of the other pushes."""

    def __init__(self, client: Client, begin: Callable[[], object] = lambda: True, *, prefix: str = "v") -> None:
        """begin: nothing is pushed until it is true. prefix: of the tags; an image's content depends on its tag."""
        super().__init__(_PAUSE)
        self.accepted: dict[str, str] = {}
        self.rejected: list[str] = []
        self._client = client
        self._begin = begin
        self._prefix = prefix
        self._number = 0

    def step(self) -> None:
        """Pushes another image."""
        if not self._number and not self._begin():
            return
        self._number += 1
        tag = f"{self._prefix}{self._number}"
        image = build_image(f"{self._client.address}-{tag}")
        api = open_api(self._client)
        try:
            push_image(api, REPOSITORY, tag, image)
            self.accepted[tag] = image.digest
        except Refusal as problem:
            self.rejected.append(problem.findings[0].code)
        finally:
            api.close()


def missing(client: Client, accepted: Mapping[str, str]) -> set[str]:
    """Tags of accepted pushes whose image the registry does not serve. accepted: tag to digest.

    The Service refuses connections until kube-proxy knows the new Pod: that is waited for.
    """
    with closing(open_api(client)) as api:
        waiting.until("an answer through the Service", lambda: _answers(api))
        return {tag for tag, digest in accepted.items() if not _serves(api, digest)}


def _answers(api: RegistryApi) -> bool:
    try:
        _serves(api, _NO_IMAGE)
    except AssertionError:
        return False
    return True


def _serves(api: RegistryApi, digest: str) -> bool:
    try:
        api.manifest(REPOSITORY, digest)
    except RegistryError as problem:
        assert problem.status == 404, problem
        return False
    return True
