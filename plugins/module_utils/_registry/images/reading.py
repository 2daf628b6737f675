# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what a registry holds, and does not believe it: two listings, the tags and the manifests have to agree."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError

from .client import ImageRegistry
from .dry_run import Listing
from .graph import Inventory, Repository, Uncopyable
from .manifests import ImageManifest, UnreadableManifest, parse_manifest

# Statuses of a manifest that the registry lists and does not return: the fault is in the store, not in the connection.
_LOST = frozenset({404, 500})


class IncompleteInventory(Exception):
    """The registry does not list everything that it holds, or contradicts itself. The text says what disagrees."""


def read_inventory(registry: ImageRegistry, listing: Listing, *, hides_tags: bool, progress: Say = silent) -> Inventory:
    """The inventory. listing: of the dry run over the same store.

    hides_tags: the list of tags can lack tags that begin with another tag (Distribution up to 3.1.1 on S3).
    Raises IncompleteInventory, and RegistryError.
    """
    if listing.problem:
        raise IncompleteInventory(f"the dry run of the garbage collection cannot be used: {listing.problem}")
    names = set(registry.names())
    repositories: dict[str, Repository] = {}
    problems: list[Uncopyable] = []
    done, total = 0, sum(map(len, listing.manifests.values()))
    for name in sorted({*names, *listing.manifests}):
        digests = listing.manifests.get(name, set())
        repository, found = _read_repository(registry, name, digests, hides_tags=hides_tags, progress=progress)
        done += len(digests)
        progress(f"{done} of {total} manifests")
        if repository.blobs and name not in names:
            raise IncompleteInventory(f"repository {name} has images, and the catalog does not list it")
        problems.extend(found)
        if repository.tags or repository.manifests:
            repositories[name] = repository
    return Inventory(repositories, tuple(problems), listing.orphans)


def _read_repository(
    registry: ImageRegistry, name: str, digests: Iterable[str], *, hides_tags: bool, progress: Say
) -> tuple[Repository, list[Uncopyable]]:
    listed = set(digests)
    problems: list[Uncopyable] = []
    manifests: dict[str, ImageManifest] = {}
    blobs: dict[str, int | None] = {}
    for digest in sorted(listed):
        progress(f"repository {name}")
        manifest = _read_manifest(registry, name, digest, problems)
        if manifest is None:
            continue
        manifests[digest] = manifest
        problems.extend(_check_blobs(registry, name, manifest, blobs))
    tags = {}
    for tag in read_tags(registry, name, hides_tags=hides_tags):
        found = registry.tag_digest(name, tag)
        if found is None:
            problems.append(Uncopyable(name, tag, "the tag names a manifest that the registry does not have"))
        elif found not in listed:
            raise IncompleteInventory(f"{name}:{tag} is {found}, and the dry run does not list this manifest")
        else:
            tags[tag] = found
    present = {digest: size for digest, size in blobs.items() if size is not None}
    return Repository(name, tags, manifests, present), problems


def _read_manifest(registry: ImageRegistry, name: str, digest: str, problems: list[Uncopyable]) -> ImageManifest | None:
    try:
        content = registry.read_manifest(name, digest)
    except RegistryError as problem:
        if problem.status not in _LOST:
            raise
        problems.append(
            Uncopyable(name, digest, f"the registry lists the manifest and answers {problem.status} for it")
        )
        return None
    try:
        return parse_manifest(content.content, content.media_type)
    except UnreadableManifest as problem:
        problems.append(Uncopyable(name, digest, f"the manifest {problem}"))
        return None


def _check_blobs(
    registry: ImageRegistry, name: str, manifest: ImageManifest, blobs: dict[str, int | None]
) -> list[Uncopyable]:
    """Asks for the blobs of a manifest that are not known yet."""
    found = []
    for item in manifest.blobs:
        if item.digest not in blobs:
            blobs[item.digest] = registry.blob_size(name, item.digest)
        size = blobs[item.digest]
        if size is None and not item.optional:
            found.append(Uncopyable(name, manifest.digest, f"its blob {item.digest} is missing"))
        elif size is not None and size != item.size:
            text = f"its blob {item.digest} has {size} bytes instead of {item.size}"
            found.append(Uncopyable(name, manifest.digest, text))
    return found


def read_tags(registry: ImageRegistry, name: str, *, hides_tags: bool) -> list[str]:
    """All tags of a repository.

    hides_tags: see read_inventory(). Tags that a tag hides sort after `<tag>/~`, directly behind it, so the registry is asked for the tags after that.
    """
    found = set(registry.all_tags(name))
    waiting = sorted(found) if hides_tags else []
    while waiting:
        tag = waiting.pop()
        after = f"{tag}/~"
        following = registry.all_tags(name, after, 1)
        if not following or not following[0].startswith(tag):
            continue
        hidden = {item for item in registry.all_tags(name, after) if item.startswith(tag)} - found
        found |= hidden
        waiting.extend(sorted(hidden))
    return sorted(found)
