# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification against a registry over a real socket: what it leaves, what it reports, and that each failing step fails it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test, verification_image
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import Heard, Talk
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.fake_registry import (
    FakeRegistry,
    Fault,
    failing,
    talking,
)

# With deletion the image is a new one each time; the tests fix what is random in it.
FRESH = "00"
IMAGE = verification_image.build_image(f"{verification_image.SEED}-{FRESH}")
FIXED = verification_image.build_image()
REPOSITORY = "kyma-docker-registry-verification"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing random."""
    monkeypatch.setattr(smoke_test.secrets, "token_hex", lambda _count: FRESH)


def _verify(registry: FakeRegistry, level: str, **options: Any) -> tuple[smoke_test.Verification, list[str]]:
    with talking(registry) as (api, served):
        result = smoke_test.verify_registry(api, level, **options)
        return result, [f"{item.method} {item.path.partition('?')[0]}" for item in served.heard]


def test_reachable_asks_once() -> None:
    """One request, nothing is stored."""
    registry = FakeRegistry()
    result, requested = _verify(registry, "reachable")
    assert requested == ["GET /v2/"] and registry == FakeRegistry()
    assert result == smoke_test.Verification(
        "reachable", REPOSITORY, ("the registry responds and accepts the credentials",)
    )


def test_write_leaves_nothing() -> None:
    """An upload is begun, written, measured and cancelled."""
    registry = FakeRegistry()
    result, requested = _verify(registry, "write")
    upload = f"/v2/{REPOSITORY}/blobs/uploads/"
    assert requested == [
        "GET /v2/",
        f"POST {upload}",
        *(f"{method} {upload}upload-1" for method in ("PATCH", "GET", "DELETE")),
    ]
    assert not registry.uploads and not registry.blobs and not registry.tags
    assert result.level == "write" and len(result.steps) == 2 and result.digest == "" and not result.removed


def test_image_is_pushed_pulled_and_removed() -> None:
    """Everything goes over the wire both ways; afterwards no manifest and no tag is there."""
    registry = FakeRegistry()
    result, requested = _verify(registry, "image")
    assert result.digest == IMAGE.digest and result.tag == "verification-00" and result.removed
    assert result.pushed == IMAGE.size and result.steps[-1] == "deleted it"
    assert not registry.manifests and registry.tags == {REPOSITORY: {}} and not registry.uploads
    assert {digest for _name, digest in registry.blobs} == set(IMAGE.blobs)
    base = f"/v2/{REPOSITORY}"
    for reference in ("verification-00", IMAGE.digest, IMAGE.manifest_digest):
        assert f"GET {base}/manifests/{reference}" in requested
    for digest in IMAGE.blobs:
        assert f"GET {base}/blobs/{digest}" in requested


def test_second_verification_pushes_manifests_only() -> None:
    """Blobs that are there already are not sent again."""
    registry = FakeRegistry()
    _verify(registry, "image")
    uploads = registry.started_uploads
    result, _asked = _verify(registry, "image")
    assert registry.started_uploads == uploads == 3
    assert result.pushed == len(IMAGE.manifest) + len(IMAGE.index) and result.removed


def test_deletion_disabled() -> None:
    """No failure, and it is reported."""
    registry = FakeRegistry(delete_enabled=False)
    result, _asked = _verify(registry, "image")
    assert not result.removed and result.steps[-1] == "kept it, because deletion is off"
    assert registry.tags[REPOSITORY] == {"verification": FIXED.digest}


@pytest.mark.parametrize("deletion", [True, False])
def test_a_registry_that_loses_what_it_has_accepted(deletion: bool) -> None:
    """Again with content that its cache cannot know; a second loss is the failure."""

    def lost_once(heard: Heard, talk: Talk) -> None:
        del registry.faults["GET .*/manifests/verification"]
        failing(404, "MANIFEST_UNKNOWN")(heard, talk)

    registry = FakeRegistry(delete_enabled=deletion, faults={"GET .*/manifests/verification": lost_once})
    result, _requested = _verify(registry, "image")
    assert result.stale_cache and result.tag == "verification-00" and result.removed is deletion
    registry.faults["GET .*/manifests/verification"] = failing(404, "MANIFEST_UNKNOWN")
    with talking(registry) as (api, _served), pytest.raises(RegistryError, match="MANIFEST_UNKNOWN"):
        smoke_test.verify_registry(api, "image")


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("PATCH .*/blobs/uploads/", failing(404, "BLOB_UPLOAD_UNKNOWN")),
        ("GET .*/manifests/verification", failing(404)),
        ("PUT .*/manifests/verification", failing(400, "MANIFEST_INVALID")),
    ],
    ids=["upload of another replica", "a proxy", "rejected"],
)
def test_another_failure_is_no_loss(place: str, answer: Fault) -> None:
    """It is the failure at once: the cache has no part in it, and a second attempt could hide it."""

    def once(heard: Heard, talk: Talk) -> None:
        del registry.faults[place]
        answer(heard, talk)

    registry = FakeRegistry(faults={place: once})
    with talking(registry) as (api, _served), pytest.raises(RegistryError):
        smoke_test.verify_registry(api, "image")


def test_identities() -> None:
    """Registries that share a store have different images and tags; each one's stays the same without deletion."""
    registry = FakeRegistry(delete_enabled=False)
    found = [_verify(registry, "image", identity=identity)[0] for identity in ("a1", "b2", "a1")]
    assert [item.tag for item in found] == ["verification-a1", "verification-b2", "verification-a1"]
    assert found[0].digest == found[2].digest != found[1].digest


def test_unknown_level() -> None:
    """Before anything is asked."""
    with talking(FakeRegistry()) as (api, served), pytest.raises(ValueError, match="not a verification level"):
        smoke_test.verify_registry(api, "none")
    assert served.heard == []


@pytest.mark.parametrize("level", smoke_test.LEVELS)
def test_unreachable(level: str) -> None:
    """Every level begins with the question whether it answers."""
    registry = FakeRegistry(faults={"GET /v2/$": failing(503)})
    with talking(registry) as (api, served), pytest.raises(RegistryError) as caught:
        smoke_test.verify_registry(api, level)
    assert caught.value.code == "registry-unhealthy" and len(served.heard) == 1


@pytest.mark.parametrize("step", ["POST ", "PATCH ", "GET .*/uploads/", "DELETE "])
def test_each_step_of_write_can_fail(step: str) -> None:
    """And what was begun is cancelled, where the registry lets it."""
    registry = FakeRegistry(faults={step: failing(500, "UNKNOWN")})
    with talking(registry) as (api, _served), pytest.raises(RegistryError, match="UNKNOWN"):
        smoke_test.verify_registry(api, "write")
    assert bool(registry.uploads) == (step == "DELETE ")


def test_lost_bytes_of_an_upload() -> None:
    """A registry that says 202 and keeps half."""

    def forgetful(_heard: Heard, talk: Talk) -> None:
        talk.reply(204, b"", {"Range": "0-99"})

    registry = FakeRegistry(faults={"GET .*/uploads/": forgetful})
    with talking(registry) as (api, _served), pytest.raises(RegistryError, match="has 100") as caught:
        smoke_test.verify_registry(api, "write")
    assert caught.value.code == "verification-content-differs" and not registry.uploads


STEPS_OF_IMAGE = [
    "HEAD .*/blobs/",
    "POST .*/uploads/",
    "PATCH .*/uploads/",
    "PUT .*/uploads/",
    f"PUT .*/manifests/{IMAGE.manifest_digest}",
    "PUT .*/manifests/verification",
    "GET .*/manifests/verification",
    f"GET .*/manifests/{IMAGE.digest}",
    f"GET .*/manifests/{IMAGE.manifest_digest}",
    "GET .*/blobs/sha256",
    f"DELETE .*/manifests/{IMAGE.digest}",
    f"DELETE .*/manifests/{IMAGE.manifest_digest}",
]


@pytest.mark.parametrize("step", STEPS_OF_IMAGE)
def test_each_step_of_image_can_fail(step: str) -> None:
    """No step's failure is overlooked."""
    registry = FakeRegistry(faults={step: failing(500, "STORE_BROKEN")})
    with talking(registry) as (api, _served), pytest.raises(RegistryError) as caught:
        smoke_test.verify_registry(api, "image")
    assert caught.value.code == "registry-refused" and caught.value.status == 500


PULLS = [
    "GET .*/manifests/verification",
    *(f"GET .*/manifests/{digest}" for digest in (IMAGE.digest, IMAGE.manifest_digest)),
    *(f"GET .*/blobs/{digest}" for digest in IMAGE.blobs),
]


@pytest.mark.parametrize("pull", PULLS)
def test_each_byte_is_compared(pull: str) -> None:
    """Other content under a tag, a digest or a blob is reported, with what it was."""
    registry = FakeRegistry(faults={pull: lambda _heard, talk: talk.reply(200, b"other bytes")})
    with talking(registry) as (api, _served), pytest.raises(RegistryError) as caught:
        smoke_test.verify_registry(api, "image")
    assert caught.value.code == "verification-content-differs"
    assert pull.rpartition("/")[2] in str(caught.value)


def test_readonly_registry() -> None:
    """A registry that takes no change fails the verification with that as its cause."""
    registry = FakeRegistry(faults={"^(POST|PUT|PATCH|DELETE) ": failing(405, "UNSUPPORTED")})
    for level in ("write", "image"):
        with talking(registry) as (api, _served), pytest.raises(RegistryError) as caught:
            smoke_test.verify_registry(api, level)
        assert caught.value.code == "registry-readonly"
    assert _verify(registry, "reachable")[0].level == "reachable"


@pytest.mark.parametrize(
    ("answer", "accepts"),
    [(None, True), ((405, "UNSUPPORTED"), False), ((401, "UNAUTHORIZED"), None), ((503, "UNAVAILABLE"), None)],
)
def test_accepts_uploads(answer: tuple[int, str] | None, accepts: bool | None) -> None:
    """Only the answer of a read-only registry shows that pushes are rejected; another failure is one."""
    registry = FakeRegistry(faults={"^POST ": failing(*answer)} if answer else {})
    with talking(registry) as (api, _served):
        if accepts is None:
            with pytest.raises(RegistryError):
                smoke_test.accepts_uploads(api)
        else:
            assert smoke_test.accepts_uploads(api) is accepts
    assert not registry.uploads
