# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests and what they refer to, read from their bytes. Pure.

Only what a copy needs is read: nothing is changed or written again, because the digest is that of the bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.verification_image import digest_of

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
# Everything that Distribution 3 stores as a manifest. It rejects schema 1 and the OCI artifact manifest.
INDEX_TYPES = frozenset({DOCKER_LIST, OCI_INDEX})
MANIFEST_TYPES = (DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX)
# Layers that clients fetch from the addresses in the manifest. A registry may have them and need not.
_FOREIGN = re.compile(r"foreign|nondistributable")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class UnreadableManifest(ValueError):
    """The bytes are not a manifest that a registry of this release stores, or refer to something by another hash than SHA-256."""


@dataclass(frozen=True)
class Reference:
    """A descriptor. optional: a registry accepts the manifest without it."""

    digest: str
    size: int
    media_type: str
    optional: bool = False


@dataclass(frozen=True)
class ImageManifest:
    """One manifest. blobs: configuration and layers. children: entries of an index. subject: the manifest that this one describes, '' for none."""

    digest: str
    size: int
    media_type: str
    blobs: tuple[Reference, ...] = ()
    children: tuple[Reference, ...] = ()
    subject: str = ""


def parse_manifest(content: bytes, media_type: str) -> ImageManifest:
    """The manifest in these bytes. media_type: as the registry says. Raises UnreadableManifest."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableManifest("is not JSON") from None
    if not isinstance(document, dict):
        raise UnreadableManifest("is not a JSON object")
    kind = media_type.partition(";")[0].strip()
    if kind not in MANIFEST_TYPES:
        raise UnreadableManifest(f"has the media type {kind!r}")
    subject = document.get("subject")
    named = _reference(subject).digest if subject is not None else ""
    digest, size = digest_of(content), len(content)
    if kind in INDEX_TYPES:
        entries = tuple(_references(document, "manifests"))
        children = tuple(item for item in entries if item.media_type in MANIFEST_TYPES)
        # A build cache has layers as entries of its index. A registry does not check them.
        blobs = tuple(
            Reference(item.digest, item.size, item.media_type, optional=True)
            for item in entries
            if item.media_type not in MANIFEST_TYPES
        )
        return ImageManifest(digest, size, kind, blobs, children, named)
    layers = tuple(_references(document, "layers"))
    return ImageManifest(digest, size, kind, (_reference(document.get("config")), *layers), (), named)


def _references(document: Mapping[str, Any], key: str) -> Iterator[Reference]:
    found = document.get(key)
    if found is None:
        return
    if not isinstance(found, list):
        raise UnreadableManifest(f"has {key} that are not a list")
    yield from map(_reference, found)


def _reference(value: object) -> Reference:
    if not isinstance(value, Mapping):
        raise UnreadableManifest("has a reference that is not an object")
    digest, size = value.get("digest"), value.get("size")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise UnreadableManifest("refers to something without a SHA-256 digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise UnreadableManifest("has a reference without a size")
    media_type = str(value.get("mediaType") or "")
    return Reference(digest, size, media_type, optional=bool(_FOREIGN.search(media_type) or value.get("urls")))
