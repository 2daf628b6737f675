# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many repositories with images the registry stores; unknown is not empty."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import image_counting
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError


@pytest.mark.parametrize(
    ("image_count", "text", "empty"),
    [
        (image_counting.ImageCount(True), "0 repositories with images", True),
        (image_counting.ImageCount(True, 1), "1 repository with images", False),
        (image_counting.ImageCount(True, 2), "2 repositories with images", False),
        (image_counting.ImageCount(True, 100, True), "at least 100 repositories with images", False),
        (image_counting.ImageCount(False, reason="it sleeps"), "unknown content (it sleeps)", False),
        (image_counting.ImageCount(False, 0, reason=""), "unknown content ()", False),
    ],
)
def test_image_count(image_count: image_counting.ImageCount, text: str, empty: bool) -> None:
    """What could not be asked is never empty."""
    assert (image_count.describe(), image_count.empty) == (text, empty)


class _Exec:
    """A cluster whose Pod answers one command."""

    def __init__(self, stdout: str, code: int) -> None:
        self.stdout, self.code = stdout, code

    def exec(self, *arguments: Any) -> _Exec:
        assert arguments[3] == ["/bin/registry", "garbage-collect", "--dry-run", "/etc/distribution/config.yml"]
        return self


LISTED = "app: marking manifest sha256:" + "a" * 64

VERIFICATION = LISTED.replace("app", constants.VERIFICATION_REPOSITORY)


@pytest.mark.parametrize(
    ("stdout", "code", "image_count"),
    [
        (LISTED, 0, image_counting.ImageCount(True, 1)),
        (LISTED, 1, image_counting.ImageCount(True, 1)),
        (VERIFICATION, 0, image_counting.ImageCount(True)),
        ("", 0, image_counting.ImageCount(True)),
        (
            "",
            1,
            image_counting.ImageCount(
                False, reason="repositories without tags are there and their manifests could not be listed"
            ),
        ),
    ],
)
def test_images_without_tags(
    monkeypatch: pytest.MonkeyPatch, stdout: str, code: int, image_count: image_counting.ImageCount
) -> None:
    """Names without tags are looked into; a listing that failed is not a verification of emptiness."""
    context = Context({}, check_mode=False, _cluster=_Exec(stdout, code))  # type: ignore[arg-type]
    assert image_counting._count_untagged(context, "ns", "pod") == image_count


class _Registry:
    """Stands for the way to the registry."""

    def __init__(self, problem: Refusal | None = None) -> None:
        self.problem = problem

    def __call__(self, _context: Context, _namespace: str, _wait_seconds: float) -> _Registry:
        return self

    def __enter__(self) -> Any:
        if self.problem:
            raise self.problem
        return SimpleNamespace(api="api", pod="pod")

    def __exit__(self, *_what: object) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("stored", "image_count"),
    [
        (inventory.RepositoryCount(0, False, ()), image_counting.ImageCount(True)),
        (inventory.RepositoryCount(2, False, ("empty",)), image_counting.ImageCount(True, 2)),
        (inventory.RepositoryCount(100, True, ()), image_counting.ImageCount(True, 100, True)),
        (inventory.RepositoryCount(0, False, ("empty",)), image_counting.ImageCount(True, 1)),
    ],
)
def test_counting(
    monkeypatch: pytest.MonkeyPatch, stored: inventory.RepositoryCount, image_count: image_counting.ImageCount
) -> None:
    """Tags first; only without any are manifests listed. The verification's repository does not count."""
    requested: list[Any] = []
    monkeypatch.setattr(image_counting, "connect_registry", _Registry())
    monkeypatch.setattr(
        image_counting.inventory, "count_repositories", lambda *a, **k: requested.append((a, k)) or stored
    )
    context = Context({}, check_mode=False, _cluster=_Exec(LISTED, 0))  # type: ignore[arg-type]
    assert image_counting.count_images(context, "ns") == image_count
    (((api,), options),) = requested
    assert (api, options["cap"], options["ignore"]) == (
        "api",
        image_counting.COUNT_CAP,
        {constants.VERIFICATION_REPOSITORY},
    )


def test_counting_of_a_silent_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason becomes part of the unknown."""
    problem = RegistryError("registry-unhealthy", "the registry's storage fails.", "Look.")
    monkeypatch.setattr(image_counting, "connect_registry", _Registry(problem))
    assert image_counting.count_images(Context({}, check_mode=False), "ns") == image_counting.ImageCount(
        False, reason="the registry's storage fails"
    )


def test_an_unknown_count_is_not_empty() -> None:
    """Unknown is not empty."""
    assert (
        image_counting.ImageCount(True).empty
        and not image_counting.ImageCount(False).empty
        and not image_counting.ImageCount(True, 1).empty
    )
    assert "at least 100 repositories" in image_counting.ImageCount(True, 100, True).describe()
    assert "1 repository " in image_counting.ImageCount(True, 1).describe()
