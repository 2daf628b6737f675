# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification: the registry answers, accepts an upload, and stores an image and returns it unchanged."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants

from .client import RegistryApi
from .errors import READ_ONLY, RegistryError
from .redirects import RedirectTarget, UnreachableError
from .verification_image import INDEX_TYPE, MANIFEST_TYPE, SEED, VerificationImage, build_image

LEVELS = ("reachable", "write", "image")
TAG = "verification"
# No manifest has this digest. Distribution answers 405 to its deletion if deletion is off, else 404.
_NO_MANIFEST = "sha256:" + "0" * 64
# The registry's codes for it; MANIFEST_BLOB_UNKNOWN holds the second.
_LOST = ("MANIFEST_UNKNOWN", "BLOB_UNKNOWN")
# Seconds to connect to the store, and for one read.
_STORE_SECONDS = 10.0
_CHUNK = b"kyma.docker_registry writes this and cancels the upload.\n" * 16


@dataclass(frozen=True)
class Verification:
    """What was verified.

    digest, tag: of the index, '' below level image. pushed: bytes sent that the registry did not have. removed: the image
    is deleted again (its blobs stay until the registry's garbage collection). steps: what was done, as text. unreached: why the
    store that the registry redirects to could not be reached from here, '' if it could or was not needed.
    stale_cache: the registry's cache names blobs that a garbage collection has deleted.
    """

    level: str
    repository: str
    steps: tuple[str, ...]
    digest: str = ""
    tag: str = ""
    pushed: int = 0
    removed: bool = False
    unreached: str = ""
    stale_cache: bool = False


def verify_registry(
    api: RegistryApi,
    level: str,
    repository: str = constants.VERIFICATION_REPOSITORY,
    *,
    identity: str = "",
) -> Verification:
    """Verifies one level: `reachable`, `write` or `image`.

    identity: of the registry, at most 40 letters, digits and dashes; registries that share a store need different ones. Without deletion
    the image of an identity is always the same, so that it is stored once. With deletion it is a new one each time and is removed, because
    a garbage collection deletes its blobs and Distribution's cache still names them (distribution#4569).

    Raises RegistryError at the first step that fails, ValueError for another level.
    """
    if level not in LEVELS:
        raise ValueError(f"{level!r} is not a verification level")
    api.ping()
    steps = ["the registry responds and accepts the credentials"]
    if level == "write":
        _write_upload(api, repository)
        steps.append("started an upload, wrote to it and cancelled it")
    if level != "image":
        return Verification(level, repository, tuple(steps))
    deletes = api.delete_manifest(repository, _NO_MANIFEST)
    target = _Target(repository, identity, fresh=deletes)
    stale = False
    try:
        pushed, unreached = _push_and_pull(api, target)
    except RegistryError as problem:
        if not _is_lost_after_push(problem):
            raise
        stale, target = True, _Target(repository, identity, fresh=True)
        pushed, unreached = _push_and_pull(api, target)
    image = target.image
    steps.append(f"pushed an image of two layers under an index ({pushed} of {image.size} bytes were new)")
    steps.append(
        "pulled its manifests. Its layers are in the store, which this machine cannot reach"
        if unreached
        else "pulled it by tag and by digest, and the content is identical"
    )
    removed = deletes and _remove_image(api, target)
    steps.append("deleted it" if removed else "kept it, because deletion is off")
    return Verification(level, repository, tuple(steps), image.digest, target.tag, pushed, removed, unreached, stale)


def accepts_uploads(api: RegistryApi, repository: str = constants.VERIFICATION_REPOSITORY) -> bool:
    """Whether the registry accepts a push; False if it is read-only. No data of the upload remains."""
    try:
        location = api.begin_upload(repository)
    except RegistryError as problem:
        if problem.code != READ_ONLY:
            raise
        return False
    with suppress(RegistryError):
        api.cancel_upload(location)
    return True


class _Target:
    """An image and where it is pushed. fresh: content that no registry has seen."""

    def __init__(self, repository: str, identity: str, *, fresh: bool) -> None:
        parts = [part for part in (identity, secrets.token_hex(6) if fresh else "") if part]
        self.repository = repository
        self.tag = "-".join([TAG, *parts])
        self.image = build_image("-".join([SEED, *parts]))


def _push_and_pull(api: RegistryApi, target: _Target) -> tuple[int, str]:
    """The bytes that were new, and why the store could not be reached ('' if it could)."""
    return push_image(api, target.repository, target.tag, target.image), _pull_image(api, target)


def _is_lost_after_push(problem: RegistryError) -> bool:
    """Whether the registry, or the store that it redirects to, does not know what has just been accepted.

    Another 404 is not that: an upload that is unknown, or a proxy's answer.
    """
    if problem.code == "registry-redirect-refused":
        return problem.status == 404
    return problem.status in (400, 404) and any(code in str(problem) for code in _LOST)


def _write_upload(api: RegistryApi, repository: str) -> None:
    """Begins, writes and cancels an upload; cancels it after a failure too."""
    location = api.begin_upload(repository)
    try:
        location = api.write_upload(location, _CHUNK)
        size = api.upload_size(location)
    except RegistryError:
        with suppress(RegistryError):
            api.cancel_upload(location)
        raise
    api.cancel_upload(location)
    if size != len(_CHUNK):
        raise _differs(f"an upload of {len(_CHUNK)} bytes has {size}")


def push_image(api: RegistryApi, repository: str, tag: str, image: VerificationImage) -> int:
    """Pushes what the repository does not have. Returns the number of bytes that were new."""
    new = 0
    for digest, content in image.blobs.items():
        if api.has_blob(repository, digest):
            continue
        api.finish_upload(api.write_upload(api.begin_upload(repository), content), digest)
        new += len(content)
    # Manifests are always pushed: if the repository has all blobs, they show that it accepts writes.
    api.put_manifest(repository, image.manifest_digest, image.manifest, MANIFEST_TYPE)
    api.put_manifest(repository, tag, image.index, INDEX_TYPE)
    return new + len(image.manifest) + len(image.index)


def _pull_image(api: RegistryApi, target: _Target) -> str:
    """Pulls the image and compares it. Returns why the store could not be reached, '' if everything was compared."""
    unreached, image, repository = "", target.image, target.repository
    for reference in (target.tag, image.digest):
        if api.manifest(repository, reference) != image.index:
            raise _differs(f"the index under {reference}")
    if api.manifest(repository, image.manifest_digest) != image.manifest:
        raise _differs(f"the manifest {image.manifest_digest}")
    for digest, content in image.blobs.items():
        found = api.blob(repository, digest)
        if isinstance(found, RedirectTarget):
            try:
                found = found.fetch(len(content) + 1, _STORE_SECONDS)
            except UnreachableError as problem:
                unreached = str(problem)
                break
        if found != content:
            raise _differs(f"the blob {digest}")
    return unreached


def _remove_image(api: RegistryApi, target: _Target) -> bool:
    """Removes index (with its tag) and manifest; False if deletion is switched off."""
    return api.delete_manifest(target.repository, target.image.digest) and api.delete_manifest(
        target.repository, target.image.manifest_digest
    )


def _differs(what: str) -> RegistryError:
    return RegistryError(
        "verification-content-differs",
        f"the registry returned other content than was pushed: {what}.",
        "Check the log of the registry's Pod, and its storage.",
    )
