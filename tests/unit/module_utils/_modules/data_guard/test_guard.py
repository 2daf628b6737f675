# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard's judgement: what is there, what is wanted, what was accepted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import guard
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError

CLAIM = "persistentvolumeclaim/dockerregistry"
OTHER = "persistentvolumeclaim/other"


def _deployment(volumes: list[dict[str, Any]] | None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}, "spec": {"template": {"spec": {"volumes": volumes}}}}


MOUNTED = _deployment([{"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}])


@pytest.mark.parametrize(
    ("image_count", "text", "empty"),
    [
        (guard.ImageCount(True), "0 repositories with images", True),
        (guard.ImageCount(True, 1), "1 repository with images", False),
        (guard.ImageCount(True, 2), "2 repositories with images", False),
        (guard.ImageCount(True, 100, True), "at least 100 repositories with images", False),
        (guard.ImageCount(False, why="it sleeps"), "unknown content (it sleeps)", False),
        (guard.ImageCount(False, 0, why=""), "unknown content ()", False),
    ],
)
def test_image_count(image_count: guard.ImageCount, text: str, empty: bool) -> None:
    """What could not be asked is never empty."""
    assert (image_count.text(), image_count.empty) == (text, empty)


@pytest.mark.parametrize(
    ("claim", "storage_id"),
    [
        (None, None),
        ({"metadata": {"name": "dockerregistry"}}, None),
        ({"metadata": {"name": "dockerregistry"}, "status": None}, None),
        ({"metadata": {"name": "dockerregistry"}, "status": {"phase": "Pending"}}, None),
        ({"metadata": {"name": "dockerregistry"}, "status": {"phase": "Bound"}}, CLAIM),
    ],
)
def test_abandoned_claim(claim: dict[str, Any] | None, storage_id: str | None) -> None:
    """Only a claim that has had a volume can hold images."""
    assert guard.abandoned_claim(claim) == storage_id


def _judge(
    monkeypatch: pytest.MonkeyPatch, image_count: guard.ImageCount | None, **values: Any
) -> tuple[list[str], RegistryError | Refusal | None]:
    """Codes of the findings; `image_count` is what the registry answers; None if it must not be asked."""

    def count_images(_context: Context, namespace: str) -> guard.ImageCount:
        assert image_count is not None and namespace == "ns"
        return image_count

    monkeypatch.setattr(guard, "count_images", count_images)
    given: dict[str, Any] = {
        "wanted": CLAIM,
        "deployment": MOUNTED,
        "left": None,
        "accept": "",
        "path": "storage",
        **values,
    }
    try:
        found = guard.guard_images(Context({}, check_mode=False), namespace="ns", **given)
    except Refusal as refusal:
        return [item.code for item in refusal.findings], refusal
    return [item.code for item in found], None


def test_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked where the images stay where they are, or where there are none."""
    assert _judge(monkeypatch, None) == ([], None)
    assert _judge(monkeypatch, None, deployment=None) == ([], None)
    assert _judge(monkeypatch, None, deployment=None, left=CLAIM) == ([], None)


def test_empty_registry_may_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was asked and has nothing."""
    assert _judge(monkeypatch, guard.ImageCount(True), wanted=OTHER) == ([], None)


@pytest.mark.parametrize("image_count", [guard.ImageCount(True, 3), guard.ImageCount(False, why="it sleeps")])
@pytest.mark.parametrize("accept", ["", OTHER, "true", CLAIM.upper(), CLAIM + " "])
def test_images_stop_the_change(monkeypatch: pytest.MonkeyPatch, image_count: guard.ImageCount, accept: str) -> None:
    """Images, or what nobody could ask; only the storage ID itself would accept the loss."""
    codes, refusal = _judge(monkeypatch, image_count, wanted=OTHER, accept=accept)
    assert codes == ["images-at-risk"] and refusal is not None
    text = str(refusal)
    assert image_count.text() in text and f"registry_accept_data_loss: '{CLAIM}'" in text and OTHER in text
    assert text.startswith("storage: ")


@pytest.mark.parametrize("image_count", [guard.ImageCount(True, 3), guard.ImageCount(False, why="it sleeps")])
def test_accepted_loss(monkeypatch: pytest.MonkeyPatch, image_count: guard.ImageCount) -> None:
    """By name: a warning that says what was lost."""
    assert _judge(monkeypatch, image_count, wanted=OTHER, accept=CLAIM) == (["data-loss-accepted"], None)


def test_left_claim_counts_as_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No registry serves it, so nobody is asked."""
    codes, refusal = _judge(monkeypatch, None, deployment=None, left=CLAIM, wanted=OTHER)
    assert codes == ["images-at-risk"] and "no registry serves it" in str(refusal)
    assert _judge(monkeypatch, None, deployment=None, left=CLAIM, wanted=OTHER, accept=CLAIM)[0] == [
        "data-loss-accepted"
    ]


def test_running_deployment_beats_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Deployment tells which one is in use."""
    assert _judge(monkeypatch, None, left=OTHER) == ([], None)


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
        (LISTED, 0, guard.ImageCount(True, 1)),
        (LISTED, 1, guard.ImageCount(True, 1)),
        (VERIFICATION, 0, guard.ImageCount(True)),
        ("", 0, guard.ImageCount(True)),
        (
            "",
            1,
            guard.ImageCount(False, why="repositories without tags are there and their manifests could not be listed"),
        ),
    ],
)
def test_images_without_tags(
    monkeypatch: pytest.MonkeyPatch, stdout: str, code: int, image_count: guard.ImageCount
) -> None:
    """Names without tags are looked into; a listing that failed does not show that there is nothing."""
    context = Context({}, check_mode=False, _cluster=_Exec(stdout, code))  # type: ignore[arg-type]
    assert guard._count_untagged(context, "ns", "pod") == image_count


class _Registry:
    """Stands for the way to the registry."""

    def __init__(self, problem: Refusal | None = None) -> None:
        self.problem = problem

    def __call__(self, _context: Context, _namespace: str) -> _Registry:
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
        (inventory.RepositoryCount(0, False, ()), guard.ImageCount(True)),
        (inventory.RepositoryCount(2, False, ("empty",)), guard.ImageCount(True, 2)),
        (inventory.RepositoryCount(100, True, ()), guard.ImageCount(True, 100, True)),
        (inventory.RepositoryCount(0, False, ("empty",)), guard.ImageCount(True, 1)),
    ],
)
def test_look(
    monkeypatch: pytest.MonkeyPatch, stored: inventory.RepositoryCount, image_count: guard.ImageCount
) -> None:
    """Tags first; only without any are manifests listed. The verification's repository does not count."""
    requested: list[Any] = []
    monkeypatch.setattr(guard, "connect_registry", _Registry())
    monkeypatch.setattr(guard.inventory, "count_repositories", lambda *a, **k: requested.append((a, k)) or stored)
    context = Context({}, check_mode=False, _cluster=_Exec(LISTED, 0))  # type: ignore[arg-type]
    assert guard.count_images(context, "ns") == image_count
    (((api,), options),) = requested
    assert (api, options["cap"], options["ignore"]) == ("api", guard.COUNT_CAP, {constants.VERIFICATION_REPOSITORY})


def test_look_at_a_silent_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason becomes part of the unknown."""
    problem = RegistryError("registry-unhealthy", "the registry's storage fails.", "Look.")
    monkeypatch.setattr(guard, "connect_registry", _Registry(problem))
    assert guard.count_images(Context({}, check_mode=False), "ns") == guard.ImageCount(
        False, why="the registry's storage fails"
    )


@pytest.mark.parametrize(
    ("image_count", "codes"), [(guard.ImageCount(True), []), (guard.ImageCount(True, 1), ["images-at-risk"])]
)
def test_an_interrupted_switch(
    monkeypatch: pytest.MonkeyPatch, image_count: guard.ImageCount, codes: list[str]
) -> None:
    """A run that ended before it named the folder in the bucket is completed, unless images were pushed to the bucket's root since then."""
    deployment = _deployment([], {constants.STORAGE_ID: "s3/r/b"})
    found, _problem = _judge(monkeypatch, image_count, wanted="s3/r/b/folder", deployment=deployment)
    assert found == codes


def test_image_count_says_what_it_knows() -> None:
    """Unknown is not empty."""
    assert guard.ImageCount(True).empty and not guard.ImageCount(False).empty and not guard.ImageCount(True, 1).empty
    assert "at least 100 repositories" in guard.ImageCount(True, 100, True).text()
    assert "1 repository " in guard.ImageCount(True, 1).text()
