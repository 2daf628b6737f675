# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof: a registry that answers, that takes an upload, that takes an image and gives it back unchanged."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils.distribution.api import RegistryApi, RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils.distribution.proof_image import (
    INDEX_TYPE,
    MANIFEST_TYPE,
    ProofImage,
    build,
    digest_of,
)

TAG = "proof"
_CHUNK = b"kyma.docker_registry writes this and cancels the upload.\n" * 16


@dataclass(frozen=True)
class Proof:
    """What was proven. digest and tag are empty below level image; removed: the image is gone again."""

    repository: str
    steps: tuple[str, ...]
    digest: str = ""
    tag: str = ""
    removed: bool = False


def prove(api: RegistryApi, level: str, repository: str) -> Proof:
    """Proves one level: reachable, write or image. Raises RegistryError at the first step that fails."""
    api.ping()
    steps = ["the registry answers and takes the credentials"]
    if level == "write":
        _write(api, repository)
        steps.append("an upload was begun, written and cancelled")
    if level != "image":
        return Proof(repository, tuple(steps))
    image = build()
    pushed = _push(api, repository, image)
    steps.append(f"pushed an image of {len(image.blobs) - 1} layers under an index ({pushed} blobs were new)")
    _pull(api, repository, image)
    steps.append("pulled it by tag and by digest, every byte as pushed")
    removed = api.delete_manifest(repository, image.digest) and api.delete_manifest(repository, image.manifest_digest)
    steps.append("removed it again" if removed else "left it there: deletion is off")
    return Proof(repository, tuple(steps), image.digest, TAG, removed)


def _write(api: RegistryApi, repository: str) -> None:
    location = api.begin_upload(repository)
    location = api.write_upload(location, _CHUNK)
    size = api.upload_size(location)
    api.cancel_upload(location)
    if size != len(_CHUNK):
        raise _differs(f"an upload of {len(_CHUNK)} bytes holds {size}")


def _push(api: RegistryApi, repository: str, image: ProofImage) -> int:
    new = 0
    for digest, content in image.blobs.items():
        if api.has_blob(repository, digest):
            continue
        location = api.write_upload(api.begin_upload(repository), content)
        api.finish_upload(location, digest)
        new += 1
    api.put_manifest(repository, image.manifest_digest, image.manifest, MANIFEST_TYPE)
    api.put_manifest(repository, TAG, image.index, INDEX_TYPE)
    return new


def _pull(api: RegistryApi, repository: str, image: ProofImage) -> None:
    for reference in (TAG, image.digest):
        if api.manifest(repository, reference) != image.index:
            raise _differs(f"the index under {reference}")
    if api.manifest(repository, image.manifest_digest) != image.manifest:
        raise _differs("the manifest")
    for digest in image.blobs:
        if digest_of(api.blob(repository, digest)) != digest:
            raise _differs(f"blob {digest}")


def _differs(what: str) -> RegistryError:
    return RegistryError(
        "proof-differs", f"the registry gave back something else: {what}.", "Look at the registry's storage and log."
    )
