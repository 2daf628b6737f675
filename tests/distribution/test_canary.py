# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary on the registry program: it stays through verifications and collections, and another folder does not list it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.canary import lists_canary, push_canary
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.repository_count import (
    RepositoryCount,
    count_repositories,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import verify_registry
from ansible_collections.kyma.docker_registry.tests.distribution.running import Registry, started

pytestmark = pytest.mark.beside

IGNORED = constants.UNCOUNTED_REPOSITORIES


def _count(registry: Registry, identity: str) -> RepositoryCount:
    with registry.api() as api:
        return count_repositories(api, 100, IGNORED, canary=identity)


@pytest.mark.parametrize("delete", [True, False])
def test_it_stays_and_does_not_count(registry_program: Path, tmp_path: Path, delete: bool) -> None:
    """Through verifications with and without deletion, and a collection of what has no tag; each registry of a storage has its own."""
    with started(registry_program, tmp_path, delete={"enabled": delete}) as registry:
        with registry.api() as api:
            for identity in ("one", "other"):
                verify_registry(api, "image", identity=identity)
                push_canary(api, identity)
        registry.garbage_collect("--delete-untagged")
        with registry.api() as api:
            verify_registry(api, "image", identity="one")
        assert _count(registry, "one") == _count(registry, "other") == RepositoryCount(0, False, ())
        assert not _count(registry, "third").trusted


def test_another_folder(registry_program: Path, tmp_path: Path) -> None:
    """A registry that is started on an empty folder answers that it has no images: without the canary it would be believed."""
    with started(registry_program, tmp_path) as registry, registry.api() as api:
        push_canary(api, "one")
        assert lists_canary(api, "one")
    images = {"filesystem": {"rootdirectory": str(tmp_path / "empty")}}
    with started(registry_program, tmp_path, **images) as registry:
        assert _count(registry, "one") == RepositoryCount(0, False, (), trusted=False)
