# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry stores, as its API lists it."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import CANARY_REPOSITORY
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import repository_count
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.fake_registry import (
    FakeRegistry,
    failing,
    talking,
)

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
TAGS: dict[str, dict[str, str]] = {"app": {"1": A}, "empty": {}, "other": {"1": A, "2": B}, "verification": {"1": A}}


@pytest.mark.parametrize(
    ("tags", "cap", "ignore", "expected"),
    [
        ({}, 100, set(), repository_count.RepositoryCount(0, False, ())),
        (TAGS, 100, set(), repository_count.RepositoryCount(3, False, ("empty",))),
        (TAGS, 100, {"verification"}, repository_count.RepositoryCount(2, False, ("empty",))),
        (TAGS, 100, {"verification", "empty"}, repository_count.RepositoryCount(2, False, ())),
        (TAGS, 3, set(), repository_count.RepositoryCount(3, True, ("empty",))),
        (TAGS, 1, set(), repository_count.RepositoryCount(1, True, ())),
        (TAGS, 4, set(), repository_count.RepositoryCount(3, False, ("empty",))),
        ({"empty": {}}, 1, set(), repository_count.RepositoryCount(0, False, ("empty",))),
        ({"verification": {"1": A}}, 1, {"verification"}, repository_count.RepositoryCount(0, False, ())),
    ],
)
@pytest.mark.parametrize("page", [1, 100])
def test_stored(
    tags: dict[str, dict[str, str]], cap: int, ignore: set[str], expected: repository_count.RepositoryCount, page: int
) -> None:
    """Counted over pages, up to the cap; empty repositories are not counted."""
    with talking(FakeRegistry(tags=tags, page=page)) as (api, _served):
        assert repository_count.count_repositories(api, cap, ignore) == expected


def test_progress() -> None:
    """A registry with many repositories takes its time; each one is reported."""
    reported: list[str] = []
    with talking(FakeRegistry(tags=TAGS)) as (api, _served):
        repository_count.count_repositories(api, 100, {"verification"}, reported.append)
    assert reported == [
        "0 with images, 0 without a tag",
        "1 with images, 0 without a tag",
        "1 with images, 1 without a tag",
    ]


def test_a_count_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of emptied repositories with a slow registry: no count, and the reason."""
    monkeypatch.setattr(repository_count, "LONGEST_COUNT", 0.0)
    tags: dict[str, dict[str, str]] = {f"empty-{number:03}": {} for number in range(50)}
    with talking(FakeRegistry(tags=tags)) as (api, served), pytest.raises(RegistryError) as caught:
        repository_count.count_repositories(api, 100)
    assert caught.value.code == "registry-count-timeout" and len(served.heard) < 10


def test_no_question_beyond_the_cap() -> None:
    """A full registry costs no more than the cap."""
    tags = {f"app-{number:03}": {"1": A} for number in range(50)}
    with talking(FakeRegistry(tags=tags, page=10)) as (api, served):
        repository_count.count_repositories(api, 5)
        assert len(served.heard) == 6


def test_ignored_repositories_are_not_asked() -> None:
    """Their tags do not matter."""
    with talking(FakeRegistry(tags={"verification": {"1": A}})) as (api, served):
        repository_count.count_repositories(api, 5, {"verification"})
        assert len(served.heard) == 1


@pytest.mark.parametrize("fault", ["_catalog", "other/tags", "empty/tags"])
def test_half_an_answer_is_none(fault: str) -> None:
    """One question without an answer, and nothing is known."""
    registry = FakeRegistry(tags=TAGS, faults={fault: failing(500)})
    with talking(registry) as (api, _served), pytest.raises(RegistryError):
        repository_count.count_repositories(api, 100)


@pytest.mark.parametrize(
    ("tags", "trusted"),
    [
        ({}, False),
        ({"app": {"1": A}}, False),
        ({CANARY_REPOSITORY: {}}, False),
        ({CANARY_REPOSITORY: {"canary-b2": A}}, False),
        ({CANARY_REPOSITORY: {"canary-a1": A, "canary-b2": A}}, True),
    ],
    ids=["nothing", "others", "emptied", "another registry's", "listed"],
)
def test_the_canary(tags: dict[str, dict[str, str]], trusted: bool) -> None:
    """A list without it is not trusted. Before it is pushed it is not looked for."""
    with talking(FakeRegistry(tags=tags)) as (api, _served):
        assert repository_count.count_repositories(api, 100, {CANARY_REPOSITORY}, canary="a1").trusted is trusted
        assert repository_count.count_repositories(api, 100, {CANARY_REPOSITORY}).trusted


def test_the_canary_behind_the_cap() -> None:
    """Enough images are listed to reject the change."""
    with talking(FakeRegistry(tags=TAGS)) as (api, _served):
        assert repository_count.count_repositories(api, 1, canary="a1").trusted
