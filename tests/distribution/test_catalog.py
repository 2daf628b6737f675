# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog of a registry whose pages can panic, and the read of its store that needs no catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.tests.distribution.running import started

pytestmark = pytest.mark.beside

# The second name begins with the first, and its next part sorts before `_manifests`.
PANIC = ("bab", "bab/00-x", "zulu")


@contextmanager
def _api(
    program: Path, folder: Path, names: tuple[str, ...], environment: Mapping[str, str] | None = None
) -> Iterator[RegistryApi]:
    for name in names:
        (folder / "images/docker/registry/v2/repositories" / name / "_manifests/tags").mkdir(parents=True)
    with started(program, folder, environment) as registry, registry.api() as api:
        yield api


def test_a_page_that_panics_is_read_with_another_size(registry_program: Path, tmp_path: Path) -> None:
    """The registry closes the connection at n=1; the client continues, and every name is there."""
    with _api(registry_program, tmp_path, PANIC) as api:
        with pytest.raises(RegistryError) as caught:
            api.call("GET", "/v2/_catalog?n=1", expect=(200,))
        assert caught.value.closed
        assert sorted(api.catalog(page=1)) == sorted(PANIC)


def test_a_page_of_the_default_size(registry_program: Path, tmp_path: Path) -> None:
    """More names than the pages of other clients hold come in one page."""
    names = tuple(sorted(f"team-{number:03}/app" for number in range(250)))
    with _api(registry_program, tmp_path, names) as api:
        assert sorted(api.catalog()) == list(names)


@pytest.mark.parametrize("most", [1, 7, 100])
def test_a_registry_that_gives_fewer_names(registry_program: Path, tmp_path: Path, most: int) -> None:
    """registry_env may set catalog.maxentries: a page of more names is rejected, and the data guard would not know what is stored."""
    names = tuple(sorted(f"team-{number:03}/app" for number in range(130)))
    with _api(registry_program, tmp_path, names, {"REGISTRY_CATALOG_MAXENTRIES": str(most)}) as api:
        assert sorted(api.catalog()) == list(names)


def test_the_store_is_read_without_a_catalog(registry_program: Path, tmp_path: Path) -> None:
    """A store that cannot be read fails the read; an empty one does not."""
    with _api(registry_program, tmp_path, ()) as api:
        api.read_store()
        root = tmp_path / "images/docker/registry/v2/repositories"
        root.parent.mkdir(parents=True)
        root.write_text("not a folder", encoding="utf-8")
        with pytest.raises(RegistryError):
            api.read_store()
