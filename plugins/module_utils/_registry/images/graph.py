# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry holds, as a graph: repositories, tags, manifests and the blobs that they refer to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from .manifests import ImageManifest, Reference


@dataclass(frozen=True)
class Uncopyable:
    """Something in a repository that cannot be copied. what: tag or digest. reason: in a few words."""

    repository: str
    what: str
    reason: str

    @property
    def name(self) -> str:
        """How a user names it."""
        return f"{self.repository}{'@' if ':' in self.what else ':'}{self.what}"


@dataclass(frozen=True)
class Repository:
    """tags: name to digest. manifests: digest to manifest. blobs: digest to the size that the registry reports, of those that it has."""

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    manifests: Mapping[str, ImageManifest] = field(default_factory=dict)
    blobs: Mapping[str, int] = field(default_factory=dict)

    def ordered(self) -> list[ImageManifest]:
        """All manifests, each after its children: an index is stored after what it refers to."""
        placed: dict[str, ImageManifest] = {}
        for digest in sorted(self.manifests):
            self._place(digest, placed)
        return list(placed.values())

    def _place(self, start: str, placed: dict[str, ImageManifest]) -> None:
        """Adds the manifest behind its children. Without recursion: an index can be nested as deep as its author likes."""
        waiting = [start]
        while waiting:
            digest = waiting[-1]
            children = [item.digest for item in self.manifests[digest].children]
            missing = [item for item in children if item in self.manifests and item not in placed]
            if digest in placed or not missing:
                placed.setdefault(digest, self.manifests[digest])
                waiting.pop()
            else:
                waiting.extend(missing)

    def descendants(self, roots: Iterable[str]) -> set[str]:
        """The digests of these manifests and of all manifests of this repository below them."""
        found: set[str] = set()
        waiting = [digest for digest in roots if digest in self.manifests]
        while waiting:
            digest = waiting.pop()
            if digest not in found:
                found.add(digest)
                waiting.extend(item.digest for item in self.manifests[digest].children if item.digest in self.manifests)
        return found

    def parentless(self) -> list[str]:
        """Digests that no index of this repository names."""
        named = {item.digest for manifest in self.manifests.values() for item in manifest.children}
        return sorted(self.manifests.keys() - named)

    def is_complete(self, digest: str) -> bool:
        """Whether every manifest below this one is in the repository, and none of them describes another one."""
        below = self.descendants([digest])
        return bool(below) and all(
            not self.manifests[item].subject
            and all(child.digest in self.manifests for child in self.manifests[item].children)
            for item in below
        )

    def needed_blobs(self, manifest: ImageManifest) -> Iterator[Reference]:
        """The blobs of the manifest that the repository has: what a copy transfers."""
        yield from (item for item in manifest.blobs if item.digest in self.blobs)


@dataclass(frozen=True)
class Inventory:
    """Everything that a registry holds. problems: what cannot be copied. orphans: how many blobs its store has that no manifest names."""

    repositories: Mapping[str, Repository] = field(default_factory=dict)
    problems: tuple[Uncopyable, ...] = ()
    orphans: int = 0

    @property
    def manifest_count(self) -> int:
        """How many manifests there are; one in two repositories counts twice."""
        return sum(len(item.manifests) for item in self.repositories.values())

    @property
    def tag_count(self) -> int:
        """How many tags there are."""
        return sum(len(item.tags) for item in self.repositories.values())

    @property
    def blobs(self) -> dict[str, int]:
        """Digest to size of all blobs; one in two repositories is there once."""
        return {digest: size for item in self.repositories.values() for digest, size in item.blobs.items()}

    @property
    def content_bytes(self) -> int:
        """Bytes of all blobs and manifests, each counted once."""
        manifests = {
            entry.digest: entry.size for item in self.repositories.values() for entry in item.manifests.values()
        }
        return sum({**self.blobs, **manifests}.values())

    def counts(self) -> dict[str, int]:
        """The numbers for a report."""
        return {
            "repositories": len(self.repositories),
            "tags": self.tag_count,
            "manifests": self.manifest_count,
            "blobs": len(self.blobs),
            "bytes": self.content_bytes,
        }

    def without(self, dropped: Set[str]) -> Inventory:
        """The inventory without what these names mean (see Uncopyable.name), and without the tags of manifests that are left out.

        The problems that stay are those that were not named.
        """
        kept = tuple(item for item in self.problems if item.name not in dropped)
        repositories = {name: _without(item, dropped) for name, item in self.repositories.items()}
        return Inventory(repositories, kept)


def _without(repository: Repository, dropped: Set[str]) -> Repository:
    manifests = {
        digest: item for digest, item in repository.manifests.items() if f"{repository.name}@{digest}" not in dropped
    }
    tags = {
        tag: digest
        for tag, digest in repository.tags.items()
        if f"{repository.name}:{tag}" not in dropped and digest in manifests
    }
    used = {item.digest for manifest in manifests.values() for item in manifest.blobs}
    blobs = {digest: size for digest, size in repository.blobs.items() if digest in used}
    return Repository(repository.name, tags, manifests, blobs)
