# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies what a target lacks, and deletes there what the source does not have. A second run continues where the first one ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeVar

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError

from .client import BlobContent, ImageRegistry, is_transient
from .graph import Inventory, Repository
from .manifests import ImageManifest, Reference

# A request is repeated if its answer was lost, or if the store was busy. Seconds before each repetition.
PAUSES = (0.5, 2.0, 5.0, 10.0)
_MIB = 1024 * 1024

_T = TypeVar("_T")


@dataclass
class Transfer:
    """What was done, in numbers. bytes: of blobs that went over the network."""

    manifests: int = 0
    tags: int = 0
    blobs: int = 0
    mounted: int = 0
    bytes: int = 0
    deleted: int = 0
    repeated: int = 0

    def counts(self) -> dict[str, int]:
        """The numbers for a report."""
        return asdict(self)


class Copier:
    """Copies from one registry to another, one blob at a time. sleep: between repetitions."""

    def __init__(
        self,
        source: ImageRegistry,
        target: ImageRegistry,
        *,
        progress: Say = silent,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.done = Transfer()
        self._source = source
        self._target = target
        self._progress = progress
        self._sleep = sleep
        self._clock = clock
        self._began = clock()
        self._total = 0
        self._manifests = 0
        self._moved = 0
        # Digest of a blob to a repository of the target that has it.
        self._places: dict[str, str] = {}

    def copy(self, wanted: Inventory, present: Inventory) -> None:
        """Copies what `wanted` has and `present`, the target, does not have: blobs, manifests after their children, then tags."""
        self._places = {digest: item.name for item in present.repositories.values() for digest in item.blobs}
        self._total, self._moved = missing_bytes(wanted, present), 0
        self._manifests = self.done.manifests + missing_manifests(wanted, present)
        for name, repository in sorted(wanted.repositories.items()):
            self._copy_repository(repository, present.repositories.get(name) or Repository(name))

    def reconcile(self, wanted: Inventory, present: Inventory) -> None:
        """Deletes at the target the tags, then the manifests, that the source does not have."""
        for name, has in sorted(present.repositories.items()):
            repository = wanted.repositories.get(name) or Repository(name)
            # A tag that points elsewhere is written by copy().
            gone = sorted(has.tags.keys() - repository.tags.keys())
            # Parents first: no index is left that names a deleted manifest.
            gone += [item.digest for item in reversed(has.ordered()) if item.digest not in repository.manifests]
            for reference in gone:
                self._repeat(partial(self._target.remove_reference, name, reference))
                self.done.deleted += 1

    def _copy_repository(self, wanted: Repository, has: Repository) -> None:
        for manifest in wanted.ordered():
            for item in wanted.needed_blobs(manifest):
                if item.digest not in has.blobs and self._places.get(item.digest) != wanted.name:
                    self._copy_blob(wanted.name, item)
            if manifest.digest not in has.manifests:
                self._copy_manifest(wanted.name, manifest.digest, [manifest.digest])
                self.done.manifests += 1
        moved: dict[str, list[str]] = {}
        for tag, digest in sorted(wanted.tags.items()):
            if has.tags.get(tag) != digest:
                moved.setdefault(digest, []).append(tag)
        for digest, tags in moved.items():
            self._copy_manifest(wanted.name, digest, tags)
            self.done.tags += len(tags)

    def _copy_manifest(self, name: str, digest: str, references: list[str]) -> None:
        """Stores the source's bytes under these tags or the digest."""
        content = self._repeat(lambda: self._source.read_manifest(name, digest))
        for reference in references:
            self._repeat(partial(self._target.write_manifest, name, reference, content))
        self._report(0)

    def _copy_blob(self, name: str, item: Reference) -> None:
        """A blob that another repository of the target has is mounted; else its bytes are copied."""
        place = self._places.get(item.digest)
        if place is not None and self._repeat(lambda: self._target.mount_blob(name, item.digest, place)):
            self.done.mounted += 1
        elif self._repeat(lambda: self._send_blob(name, item)):
            self.done.blobs += 1
        # The latest repository: the blobs of a repository are asked for in a row.
        self._places[item.digest] = name

    def _send_blob(self, name: str, item: Reference) -> bool:
        """False if an interrupted copy has stored the blob already."""
        if self._target.blob_size(name, item.digest) is not None:
            return False
        began = self._moved
        try:
            with self._source.open_blob(name, item.digest) as blob:
                self._target.upload_blob(name, item.digest, blob.size, self._counted(blob))
        except RegistryError:
            self._moved = began
            raise
        return True

    def _counted(self, blob: BlobContent) -> Iterator[bytes]:
        for part in blob.parts:
            yield part
            self.done.bytes += len(part)
            self._report(len(part))

    def _report(self, size: int) -> None:
        self._moved += size
        seconds = max(self._clock() - self._began, 0.001)
        rate = self._moved / seconds
        left = f", about {max(self._total - self._moved, 0) / rate:.0f} s left" if rate else ""
        self._progress(
            f"{self.done.manifests} of {self._manifests} manifests, {self._moved / _MIB:.1f} of {self._total / _MIB:.1f} MiB, {rate / _MIB:.1f} MiB/s{left}"
        )

    def _repeat(self, request: Callable[[], _T]) -> _T:
        """Sends a request again after a transient failure. All these requests can be sent twice."""
        for pause in PAUSES:
            try:
                return request()
            except RegistryError as problem:
                if not is_transient(problem):
                    raise
            self.done.repeated += 1
            self._progress("the registry is asked again")
            self._sleep(pause)
        return request()


def missing_bytes(wanted: Inventory, present: Inventory) -> int:
    """Bytes of the blobs that the target has in no repository: what goes over the network."""
    has = present.blobs
    return sum(size for digest, size in wanted.blobs.items() if digest not in has)


def missing_manifests(wanted: Inventory, present: Inventory) -> int:
    """How many manifests the target lacks."""
    return sum(
        len(item.manifests.keys() - _manifests_of(present, name).keys()) for name, item in wanted.repositories.items()
    )


def _manifests_of(inventory: Inventory, name: str) -> dict[str, ImageManifest]:
    found = inventory.repositories.get(name)
    return dict(found.manifests) if found else {}
