# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification on a registry whose blobs a garbage collection, or another verification, has deleted before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import (
    Verification,
    verify_registry,
)
from ansible_collections.kyma.docker_registry.tests.distribution.running import Registry, started

pytestmark = pytest.mark.beside

CACHE = {"blobdescriptor": "inmemory"}


def _verify(registry: Registry, identity: str = "one") -> Verification:
    with registry.api() as api:
        return verify_registry(api, "image", identity=identity)


@pytest.mark.parametrize("delete", [True, False])
@pytest.mark.parametrize("flags", [(), ("--delete-untagged",)])
def test_after_a_garbage_collection(
    registry_program: Path, tmp_path: Path, delete: bool, flags: tuple[str, ...]
) -> None:
    """The registry remembers the deleted blobs in its cache; the verification still passes, and reports the cache if it had an effect."""
    with started(registry_program, tmp_path, cache=CACHE, delete={"enabled": delete}) as registry:
        first = _verify(registry)
        registry.garbage_collect(*flags)
        second = _verify(registry)
    assert not first.stale_cache and second.removed is delete


def test_a_stale_cache_is_reported(registry_program: Path, tmp_path: Path) -> None:
    """The image of a registry without deletion is the same in each run; a collection with deletion elsewhere takes its blobs away."""
    with started(registry_program, tmp_path, cache=CACHE) as registry:
        tag = _verify(registry).tag
        link = tmp_path / "images/docker/registry/v2/repositories/kyma-docker-registry-verification/_manifests"
        assert (link / "tags" / tag).is_dir()
        for file in sorted(link.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        registry.garbage_collect()
        second = _verify(registry)
    assert second.stale_cache


def test_two_registries_on_one_root(registry_program: Path, tmp_path: Path) -> None:
    """Their verifications, with deletion on, do not disturb each other."""
    with (
        started(registry_program, tmp_path, cache=CACHE, delete={"enabled": True}) as one,
        started(registry_program, tmp_path, cache=CACHE, delete={"enabled": True}) as other,
        ThreadPoolExecutor(4) as pool,
    ):
        runs = [pool.submit(_verify, *arguments) for arguments in [(one, "one"), (other, "other"), (one, "one")] * 8]
        assert all(run.result().removed for run in runs)


def test_one_image_stays_the_same(registry_program: Path, tmp_path: Path) -> None:
    """Without deletion the second verification of a registry adds nothing; another registry's is another image."""
    with started(registry_program, tmp_path, cache=CACHE) as registry:
        first, second, other = _verify(registry), _verify(registry), _verify(registry, "other")
    assert (first.digest, first.tag) == (second.digest, second.tag) and other.tag != first.tag
    assert second.pushed < first.pushed and not first.removed
