# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that copies images: blobs are streamed, manifests stay byte for byte as they are, and all tags are in one page.

It holds one part of a blob in memory, however large the blob is. A manifest has at most 4 MiB.
"""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import (
    Answer,
    RegistryApi,
    read_location,
    upload_end,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.connection import Opener
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import (
    RegistryError,
    error_from_answer,
    error_from_exception,
    protocol_error,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.verification_image import digest_of

from .manifests import MANIFEST_TYPES

PART = 256 * 1024
# More names than a registry has, so that the catalog is one page: at the end of a page, Distribution can leave out names or panic.
CATALOG_NAMES = 1_000_000
_ACCEPT = ", ".join(MANIFEST_TYPES)
_DIGEST = "docker-content-digest"
_BINARY = {"Content-Type": "application/octet-stream"}
# Bytes of an answer that is an error.
_ERROR_BYTES = 64 * 1024

# Statuses of a store that is busy, and seconds before each repetition of a request that reads.
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_PAUSES = (0.5, 2.0)

_T = TypeVar("_T")


@dataclass(frozen=True)
class ManifestContent:
    """A manifest as the registry returns it."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """The digest of the bytes."""
        return digest_of(self.content)


@dataclass(frozen=True)
class BlobContent:
    """A blob that is being read. parts can be read once."""

    size: int
    parts: Iterator[bytes]


class ImageRegistry(RegistryApi):
    """The API of one registry, for copies. Every method raises RegistryError, whose message begins with `name`."""

    def __init__(
        self,
        name: str,
        open_connection: Opener,
        *,
        username: str = "",
        password: str = "",
        timeout: float = 300.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """name: of the registry in messages. timeout: seconds for one read or write; a store may need long to complete a large upload.

        sleep: between repetitions.
        """
        super().__init__(open_connection=open_connection, username=username, password=password, timeout=timeout)
        self.name = name
        self._sleep = sleep

    def call(
        self,
        method: str,
        path: str,
        *,
        expect: tuple[int, ...],
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request. One that only reads is repeated if another attempt can succeed."""
        for pause in _PAUSES if method in ("GET", "HEAD") else ():
            try:
                return super().call(method, path, expect=expect, body=body, headers=headers)
            except RegistryError as problem:
                if not is_transient(problem):
                    raise
            self._sleep(pause)
        return super().call(method, path, expect=expect, body=body, headers=headers)

    def names(self) -> list[str]:
        """All repositories, in one page. The registry has to be configured for that (catalog.maxentries)."""
        return sorted(set(self._named(lambda: list(self.catalog(CATALOG_NAMES)))))

    def all_tags(self, repository: str, after: str = "", limit: int = 0) -> list[str]:
        """The tags as the registry lists them, in one page. after: only those that sort after this text. limit: how many at most, 0 for all."""
        parts = [f"n={limit}"] if limit else []
        parts += [f"last={quote(after, safe='')}"] if after else []
        path = f"/v2/{quote(repository, safe='/')}/tags/list{'?' if parts else ''}{'&'.join(parts)}"
        return self._named(lambda: self.tags_at(path))

    def tag_digest(self, repository: str, tag: str) -> str | None:
        """As read_tag_digest()."""
        return self._named(lambda: read_tag_digest(self, repository, tag))

    def read_manifest(self, repository: str, reference: str) -> ManifestContent:
        """The bytes of a manifest and its media type. One that is read by digest has this digest."""
        path = _path(repository, "manifests", reference)
        answer = self._named(lambda: self.call("GET", path, headers={"Accept": _ACCEPT}, expect=(200,)))
        found = ManifestContent(answer.body, answer.headers.get("content-type", ""))
        if ":" in reference and found.digest != reference:
            raise self._failure(protocol_error(f"the manifest {repository}@{reference} has other content", 200))
        return found

    def write_manifest(self, repository: str, reference: str, manifest: ManifestContent) -> None:
        """Stores these bytes under a tag or their digest."""
        path, headers = _path(repository, "manifests", reference), {"Content-Type": manifest.media_type}
        answer = self._named(lambda: self.call("PUT", path, body=manifest.content, headers=headers, expect=(201,)))
        if answer.headers.get(_DIGEST, manifest.digest) != manifest.digest:
            raise self._failure(protocol_error(f"the manifest {repository}@{manifest.digest} got another digest", 201))

    def remove_reference(self, repository: str, reference: str) -> None:
        """Deletes a tag, or a manifest by its digest. One that does not exist counts as deleted."""
        path = _path(repository, "manifests", reference)
        self._named(lambda: self.call("DELETE", path, expect=(202, 404)))

    def blob_size(self, repository: str, digest: str) -> int | None:
        """The size of a blob, None if the repository does not have it."""
        path = _path(repository, "blobs", digest)
        answer = self._named(lambda: self.call("HEAD", path, expect=(200, 404)))
        if answer.status == 404:
            return None
        length = answer.headers.get("content-length", "")
        if not length.isdecimal():
            raise self._failure(protocol_error(f"the blob {repository}@{digest} has no size", 200))
        return int(length)

    def mount_blob(self, repository: str, digest: str, other: str) -> bool:
        """Mounts a blob of another repository in this one. False if the registry begins an upload instead, which is cancelled."""
        query = f"mount={quote(digest, safe='')}&from={quote(other, safe='')}"
        path = f"{_path(repository, 'blobs', 'uploads')}/?{query}"
        answer = self._named(lambda: self.call("POST", path, body=b"", expect=(201, 202)))
        if answer.status == 202:
            self._named(lambda: self.cancel_upload(read_location(path, answer)))
        return answer.status == 201

    @contextmanager
    def open_blob(self, repository: str, digest: str) -> Iterator[BlobContent]:
        """The blob's size and its bytes, part by part. An answer that ends too early raises RegistryError."""
        path = _path(repository, "blobs", digest)
        try:
            self._connection.request("GET", path, headers=self.sent_headers({}))
            response = self._connection.getresponse()
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            raise self._failure(error_from_exception("GET", path, problem)) from None
        if response.status != 200 or response.length is None:
            body = response.read(_ERROR_BYTES)
            self.close()
            raise self._failure(error_from_answer("GET", path, response.status, body))
        size = response.length
        complete = False

        def parts() -> Iterator[bytes]:
            nonlocal complete
            left = size
            try:
                while left:
                    part = response.read(min(PART, left))
                    if not part:
                        raise http.client.IncompleteRead(b"", left)
                    left -= len(part)
                    yield part
                response.read()
            except (OSError, http.client.HTTPException) as problem:
                raise self._failure(error_from_exception("GET", path, problem)) from None
            complete = True

        try:
            yield BlobContent(size, parts())
        finally:
            if not complete:
                self.close()

    def hash_blob(self, repository: str, digest: str, count: Callable[[int], None]) -> bool:
        """Whether the content of the blob has its digest. count: called with the bytes of each part."""
        found = hashlib.sha256()
        with self.open_blob(repository, digest) as blob:
            for part in blob.parts:
                found.update(part)
                count(len(part))
        return f"sha256:{found.hexdigest()}" == digest

    def upload_blob(self, repository: str, digest: str, size: int, parts: Iterable[bytes]) -> None:
        """Stores a blob whose bytes come part by part. The registry compares them with the digest."""
        location = self._named(lambda: self.begin_upload(repository))
        path = upload_end(location, digest)
        headers = self.sent_headers({**_BINARY, "Content-Length": str(size)})
        try:
            self._connection.request("PUT", path, body=parts, headers=headers)
            response = self._connection.getresponse()
            body = response.read(_ERROR_BYTES)
            response.read()
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            raise self._failure(error_from_exception("PUT", path, problem)) from None
        except BaseException:
            # The source failed: the request is incomplete.
            self.close()
            raise
        if response.status != 201:
            self.close()
            raise self._failure(error_from_answer("PUT", path, response.status, body))

    def _named(self, request: Callable[[], _T]) -> _T:
        try:
            return request()
        except RegistryError as problem:
            raise self._failure(problem) from None

    def _failure(self, problem: RegistryError) -> RegistryError:
        """The error with the name of this registry."""
        found = problem.findings[0]
        if found.message.startswith(f"{self.name}: "):
            return problem
        text = f"{self.name}: {found.message}"
        return RegistryError(problem.code, text, found.remedy, problem.status, closed=problem.closed)


def is_transient(problem: RegistryError) -> bool:
    """True if the same request can succeed later: its answer was lost, or the store was busy."""
    return problem.code == "registry-not-answering" or problem.status in _TRANSIENT


def read_tag_digest(api: RegistryApi, repository: str, tag: str) -> str | None:
    """The digest that the tag points to, None if the registry does not find a manifest for it."""
    answer = api.call("HEAD", _path(repository, "manifests", tag), headers={"Accept": _ACCEPT}, expect=(200, 404))
    return answer.headers.get(_DIGEST) if answer.status == 200 else None


def _path(repository: str, kind: str, reference: str) -> str:
    return f"/v2/{quote(repository, safe='/')}/{kind}/{quote(reference, safe=':')}"
