# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many repositories with images the registry stores; unknown is not empty."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import image_counting
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import repository_count
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


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
        assert callable(arguments[-1]) and arguments[1] == [
            "/bin/registry",
            "garbage-collect",
            "--dry-run",
            "/etc/distribution/config.yml",
        ]
        return self


LISTED = "app: marking manifest sha256:" + "a" * 64

VERIFICATION = LISTED.replace("app", constants.VERIFICATION_REPOSITORY)


CANARY = LISTED.replace("app", constants.CANARY_REPOSITORY)
NOT_LISTED = image_counting.ImageCount(
    False, reason="the registry has repositories without tags, and their manifests could not be listed"
)
WITHOUT_CANARY = image_counting.ImageCount(
    False,
    reason="the registry has repositories without tags, and the list of its manifests does not have its canary image",
)


@pytest.mark.parametrize(
    ("stdout", "code", "has_canary", "image_count"),
    [
        (LISTED, 0, False, image_counting.ImageCount(True, 1)),
        (LISTED, 0, True, image_counting.ImageCount(True, 1)),
        (LISTED, 1, False, image_counting.ImageCount(True, 1)),
        (VERIFICATION, 0, False, image_counting.ImageCount(True)),
        ("", 0, False, image_counting.ImageCount(True)),
        ("", 0, True, WITHOUT_CANARY),
        (VERIFICATION, 0, True, WITHOUT_CANARY),
        (CANARY, 0, True, image_counting.ImageCount(True)),
        ("", 1, False, NOT_LISTED),
        (CANARY, 1, True, NOT_LISTED),
    ],
)
def test_images_without_tags(stdout: str, code: int, has_canary: bool, image_count: image_counting.ImageCount) -> None:
    """Names without tags are looked into; a listing that failed, or that lacks the canary, does not show that there is no image."""
    context = make_context({}, check_mode=False, cluster=_Exec(stdout, code))
    assert image_counting._count_untagged(context, "ns", "pod", has_canary=has_canary) == image_count


class _Registry:
    """Stands for the way to the registry."""

    def __init__(
        self,
        problem: Refusal | None = None,
        *,
        canary: bool = False,
        api: Any = "api",
        storage_id: str = "persistentvolumeclaim/dockerregistry",
    ) -> None:
        self.problem, self.canary, self.api, self.storage_id = problem, canary, api, storage_id

    def __call__(self, _context: Context, _namespace: str, _wait_seconds: float) -> _Registry:
        return self

    def __enter__(self) -> Any:
        if self.problem:
            raise self.problem
        user = SimpleNamespace(identity="a1")
        return SimpleNamespace(api=self.api, pod="pod", user=user, has_canary=self.canary, storage_id=self.storage_id)

    def __exit__(self, *_what: object) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("canary", [True, False])
@pytest.mark.parametrize(
    ("stored", "image_count"),
    [
        (repository_count.RepositoryCount(0, False, ()), image_counting.ImageCount(True)),
        (repository_count.RepositoryCount(2, False, ("empty",)), image_counting.ImageCount(True, 2)),
        (repository_count.RepositoryCount(100, True, ()), image_counting.ImageCount(True, 100, True)),
        (repository_count.RepositoryCount(0, False, ("empty",)), image_counting.ImageCount(True, 1)),
    ],
)
def test_counting(
    monkeypatch: pytest.MonkeyPatch,
    stored: repository_count.RepositoryCount,
    image_count: image_counting.ImageCount,
    canary: bool,
) -> None:
    """Tags first; only without any are manifests listed. The repositories of the verification do not count."""
    requested: list[Any] = []
    monkeypatch.setattr(image_counting, "connect_registry", _Registry(canary=canary))
    monkeypatch.setattr(
        image_counting.repository_count, "count_repositories", lambda *a, **k: requested.append((a, k)) or stored
    )
    context = make_context({}, check_mode=False, cluster=_Exec(LISTED, 0))
    assert image_counting.count_images(context, "ns") == image_count
    (((api,), options),) = requested
    assert (api, options["cap"], options["canary"]) == ("api", image_counting.COUNT_CAP, "a1" if canary else None)
    assert options["ignore"] == {"kyma-docker-registry-verification", "kyma-docker-registry-verification/canary"}


FORBIDDEN = Forbidden("Pod/a", "the user is not allowed to create pods/portforward.", "Give it this right.")
NO_EXEC = Forbidden("Pod/a", "the user is not allowed to create pods/exec.", "Give it this right.")
STORAGE_FAILS = RegistryError("registry-unhealthy", "the registry's storage fails.", "Look.")
NOT_RUNNING = Refusal([error("registry-not-running", "Deployment/dockerregistry", "has no ready Pod.", "Look.")])


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (NOT_RUNNING, "has no ready Pod"),
        (FORBIDDEN, "the user is not allowed to create pods/portforward"),
        (STORAGE_FAILS, "the registry's storage fails"),
    ],
    ids=["not running", "forbidden", "no answer"],
)
def test_a_registry_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch, problem: Refusal, reason: str) -> None:
    """The reason becomes part of the unknown."""
    monkeypatch.setattr(image_counting, "connect_registry", _Registry(problem))
    found = image_counting.count_images(make_context({}, check_mode=False), "ns")
    assert found == image_counting.ImageCount(False, reason=reason) and not found.empty


@pytest.mark.parametrize("page", ["catalog", "tags"])
def test_a_partial_listing(monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    """An error at any page leaves the count unknown, also if no image was found before it."""

    class Api:
        def catalog(self) -> Iterator[str]:
            yield "emptied"
            yield "other"
            raise STORAGE_FAILS

        def tags(self, name: str) -> list[str]:
            if page == "tags" and name == "other":
                raise STORAGE_FAILS
            return []

    monkeypatch.setattr(image_counting, "connect_registry", _Registry(api=Api()))
    context = make_context({}, check_mode=False, cluster=_Exec("", 0))
    found = image_counting.count_images(context, "ns")
    assert found == image_counting.ImageCount(False, reason="the registry's storage fails") and not found.empty


def test_manifests_that_may_not_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right to run the dry run is missing."""

    class Cluster:
        def exec(self, *_arguments: Any) -> Any:
            raise NO_EXEC

    stored = repository_count.RepositoryCount(0, False, ("emptied",))
    monkeypatch.setattr(image_counting, "connect_registry", _Registry())
    monkeypatch.setattr(image_counting.repository_count, "count_repositories", lambda *_a, **_k: stored)
    context = make_context({}, check_mode=False, cluster=Cluster())
    found = image_counting.count_images(context, "ns")
    assert (
        found == image_counting.ImageCount(False, reason="the user is not allowed to create pods/exec")
        and not found.empty
    )


@pytest.mark.parametrize("repositories", [0, 3])
def test_a_registry_that_does_not_list_its_canary(monkeypatch: pytest.MonkeyPatch, repositories: int) -> None:
    """What it lists is not what its storage holds; the finding says where to look, and what to do after a deletion on purpose."""
    stored = repository_count.RepositoryCount(repositories, False, (), trusted=False)
    monkeypatch.setattr(image_counting, "connect_registry", _Registry(canary=True, storage_id="s3/r/b"))
    monkeypatch.setattr(image_counting.repository_count, "count_repositories", lambda *_a, **_k: stored)
    found = image_counting.count_images(make_context({}, check_mode=False), "ns")
    assert not found.known and not found.empty
    assert "canary" in found.describe() and "s3/r/b" in found.describe() and constants.CANARY in found.advice()


def test_an_unknown_count_is_not_empty() -> None:
    """Unknown is not empty."""
    assert (
        image_counting.ImageCount(True).empty
        and not image_counting.ImageCount(False).empty
        and not image_counting.ImageCount(True, 1).empty
    )
    assert "at least 100 repositories" in image_counting.ImageCount(True, 100, True).describe()
    assert "1 repository " in image_counting.ImageCount(True, 1).describe()


@pytest.mark.parametrize("untagged", [(), ("emptied",)])
def test_an_empty_list_of_a_store_without_a_canary(monkeypatch: pytest.MonkeyPatch, untagged: tuple[str, ...]) -> None:
    """An object store can list nothing although images are there. A canary shows that it lists; without one its list is not trusted."""
    registry = _Registry(storage_id="s3/r/b")
    stored = repository_count.RepositoryCount(0, False, untagged)
    monkeypatch.setattr(image_counting, "connect_registry", registry)
    monkeypatch.setattr(image_counting.repository_count, "count_repositories", lambda *_a, **_k: stored)
    context = make_context({}, check_mode=False, cluster=_Exec(CANARY, 0))
    found = image_counting.count_images(context, "ns")
    assert not found.known and "canary image to s3/r/b" in found.reason and "registry_verify: image" in found.remedy
    registry.canary = True
    assert image_counting.count_images(context, "ns") == image_counting.ImageCount(True)


def test_images_that_a_store_without_a_canary_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is listed is there."""
    stored = repository_count.RepositoryCount(2, False, ())
    monkeypatch.setattr(image_counting, "connect_registry", _Registry(storage_id="s3/r/b"))
    monkeypatch.setattr(image_counting.repository_count, "count_repositories", lambda *_a, **_k: stored)
    assert image_counting.count_images(make_context({}, check_mode=False), "ns") == image_counting.ImageCount(True, 2)
