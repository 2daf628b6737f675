# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small client of the registry's HTTP API V2 (Distribution's docs/content/spec/api.md) over any stream socket.

It keeps to its one connection: redirects are not followed, and of a Location only path and query are used, so credentials go
nowhere else.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from .connection import Opener, StreamConnection
from .errors import RegistryError, error_codes, error_from_answer, error_from_exception, protocol_error
from .redirects import RedirectTarget
from .verification_image import INDEX_TYPE, MANIFEST_TYPE

# Bytes of the largest answer that is read; manifests end at 4 MiB, catalog pages and the verification's blobs are smaller.
LARGEST_ANSWER = 16 * 1024 * 1024
# Bytes of one read, and seconds for a whole answer: a time-out bounds one read only.
_PART = 64 * 1024
LONGEST_ANSWER = 120.0
PAGE = 100
# Names a page of the catalog: the most that Distribution gives by default (catalog.maxentries).
CATALOG_PAGE = 1000
# Distribution up to 3.1.2 panics on some pairs of names at a page's edge, and closes the connection. A page of another size has another edge.
_OTHER_SIZES = 4
_SIZE = re.compile(r"(?<=[?&]n=)\d+")
# The answer to a page of more names than catalog.maxentries.
_TOO_MANY = "PAGINATION_NUMBER_INVALID"
# No repository has this name; its tags are looked up in the store anyway.
_NO_REPOSITORY = "kyma-docker-registry-verification/does-not-exist"
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_RANGE = re.compile(r"(?:bytes=)?0-([0-9]{1,18})")
# What a request line may hold.
_PATH = re.compile(r"/[!-~]*")
_ACCEPT = f"{INDEX_TYPE}, {MANIFEST_TYPE}"


@dataclass(frozen=True)
class Answer:
    """One answer: status, headers by lower-case name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _read_body(response: http.client.HTTPResponse) -> bytes:
    """The body, at most one part more than the largest that is taken. Raises TimeoutError if it comes too slowly."""
    deadline = time.monotonic() + LONGEST_ANSWER
    content = bytearray()
    while len(content) <= LARGEST_ANSWER:
        part = response.read1(_PART)
        if not part:
            response.read()  # Nothing is left; it ends the answer, so that the connection can be used again.
            break
        content += part
        if time.monotonic() >= deadline:
            raise TimeoutError
    return bytes(content)


class RegistryApi:
    """The API of one registry. Every method raises RegistryError: no answer, or an answer that is not a success."""

    def __init__(self, *, open_connection: Opener, username: str, password: str, timeout: float = 30.0) -> None:
        """open_connection: makes a fresh connected socket. timeout: seconds for one read or write."""
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._authorization = f"Basic {credentials}"
        self._connection = StreamConnection(open_connection, timeout)

    def close(self) -> None:
        """Close the connection; a later request opens another."""
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        expect: tuple[int, ...],
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request. path: absolute path with query. expect: the statuses that are not an error."""
        try:
            answer = self._exchange(method, path, body, self.sent_headers(headers or {}))
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            failure = error_from_exception(method, path, problem)
        else:
            if answer.status in expect:
                return answer
            failure = error_from_answer(method, path, answer.status, answer.body)
        raise failure

    def sent_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """These headers with those of each request."""
        return {"Authorization": self._authorization, "User-Agent": "kyma.docker_registry", **headers}

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        announced = response.length
        content = _read_body(response)
        if len(content) > LARGEST_ANSWER:
            self.close()
            raise protocol_error(f"a response is larger than {LARGEST_ANSWER // 1024**2} MiB", response.status)
        if announced is not None and method != "HEAD" and len(content) < announced:
            raise http.client.IncompleteRead(b"", announced - len(content))
        if response.will_close:
            self.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def ping(self) -> None:
        """The registry answers and takes the credentials."""
        self.call("GET", "/v2/", expect=(200,))

    def read_store(self) -> None:
        """Make the registry read its store: one listing, however many repositories there are."""
        self.tags(_NO_REPOSITORY)

    def catalog(self, page: int = CATALOG_PAGE) -> Iterator[str]:
        """Names of all repositories, page by page; Distribution keeps the names of emptied ones."""
        path: str | None = f"/v2/_catalog?n={page}"
        seen: set[str] = set()
        while path is not None:
            answer = self._catalog_page(path)
            new = [name for name in dict.fromkeys(read_texts(answer, "repositories")) if name not in seen]
            seen.update(new)
            yield from new
            following = _NEXT.search(answer.headers.get("link", ""))
            path = _own_path(path, following[1]) if following else None
            if path is not None and not new:
                raise protocol_error("the catalog has another page without a new name", answer.status)

    def _catalog_page(self, path: str) -> Answer:
        """The page, or one of another size.

        A smaller one if the registry does not give so many names (catalog.maxentries), and one of the next sizes if it closes the connection
        instead of an answer.
        """
        found = _SIZE.search(path)
        size, others = int(found[0]) if found else 0, _OTHER_SIZES if found else 0
        while True:
            try:
                return self.call("GET", _SIZE.sub(str(size), path), expect=(200,))
            except RegistryError as problem:
                if _TOO_MANY in str(problem) and size > 1:
                    size //= 2
                elif problem.closed and others:
                    size, others = size - 1 if size > _OTHER_SIZES else size + 1, others - 1
                else:
                    raise

    def tags(self, repository: str) -> list[str]:
        """The first tags of the repository, at most a page of them; [] for one that has none or does not exist."""
        return self.tags_at(f"/v2/{_name(repository)}/tags/list?n={PAGE}")

    def tags_at(self, path: str) -> list[str]:
        """The tags of one answer; [] for a repository that does not exist. path: with the query."""
        answer = self.call("GET", path, expect=(200, 404))
        if answer.status == 200:
            return read_texts(answer, "tags")
        if "NAME_UNKNOWN" in error_codes(answer.body):
            return []
        raise error_from_answer("GET", path, answer.status, answer.body)

    def begin_upload(self, repository: str) -> str:
        """Begin an upload; the path to continue with."""
        path = f"/v2/{_name(repository)}/blobs/uploads/"
        return read_location(path, self.call("POST", path, body=b"", expect=(202,)))

    def write_upload(self, location: str, content: bytes) -> str:
        """Write a chunk; the path to continue with."""
        headers = {"Content-Type": "application/octet-stream"}
        return read_location(location, self.call("PATCH", location, body=content, headers=headers, expect=(202,)))

    def upload_size(self, location: str) -> int:
        """Bytes that the registry has of the upload."""
        answer = self.call("GET", location, expect=(204,))
        found = _RANGE.fullmatch(answer.headers.get("range", ""))
        if not found:
            raise protocol_error("an upload has no range", answer.status)
        # `0-0` means nothing as well as one byte.
        return int(found[1]) + 1 if int(found[1]) else 0

    def cancel_upload(self, location: str) -> None:
        """Cancel the upload; no data remains."""
        self.call("DELETE", location, expect=(204,))

    def finish_upload(self, location: str, digest: str) -> None:
        """Turn the upload into the blob of that digest."""
        self.call("PUT", upload_end(location, digest), body=b"", expect=(201,))

    def has_blob(self, repository: str, digest: str) -> bool:
        """Whether the repository has the blob (a registry that redirects has found it)."""
        answer = self.call("HEAD", f"/v2/{_name(repository)}/blobs/{digest}", expect=(200, 307, 404))
        return answer.status != 404

    def blob(self, repository: str, digest: str) -> bytes | RedirectTarget:
        """The blob's bytes, or where in its store the registry sends its clients for them."""
        answer = self.call("GET", f"/v2/{_name(repository)}/blobs/{digest}", expect=(200, 307))
        return answer.body if answer.status == 200 else RedirectTarget(answer.headers.get("location", ""))

    def put_manifest(self, repository: str, reference: str, content: bytes, media_type: str) -> None:
        """Store a manifest or an index under a tag or its digest."""
        path = f"/v2/{_name(repository)}/manifests/{reference}"
        self.call("PUT", path, body=content, headers={"Content-Type": media_type}, expect=(201,))

    def manifest(self, repository: str, reference: str) -> bytes:
        """The bytes of a manifest or an index."""
        path = f"/v2/{_name(repository)}/manifests/{reference}"
        return self.call("GET", path, headers={"Accept": _ACCEPT}, expect=(200,)).body

    def delete_manifest(self, repository: str, digest: str) -> bool:
        """Delete a manifest and the tags that point to it; False if deletion is disabled in the registry."""
        answer = self.call("DELETE", f"/v2/{_name(repository)}/manifests/{digest}", expect=(202, 404, 405))
        return answer.status != 405


def _name(repository: str) -> str:
    return quote(repository, safe="/")


def read_texts(answer: Answer, key: str) -> list[str]:
    """The list of texts under the key of an answer; null means an empty one."""
    try:
        value: Any = json.loads(answer.body)[key]
    except (ValueError, TypeError, KeyError, RecursionError):
        value = 0
    items = [] if value is None else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise protocol_error(f"the response has no list of {key}", answer.status)
    return items


def _own_path(base: str, location: str) -> str:
    """Path and query of a location, absolute or relative to the request's path."""
    try:
        parts = urlsplit(urljoin(base, location))
    except ValueError:
        raise protocol_error("its Location header is not a valid URL") from None
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if not _PATH.fullmatch(path):
        raise protocol_error("its Location header is not a valid URL")
    return path


def upload_end(location: str, digest: str) -> str:
    """The path that turns an upload into the blob of that digest. location: of the upload."""
    return f"{location}{'&' if '?' in location else '?'}digest={quote(digest, safe='')}"


def read_location(base: str, answer: Answer) -> str:
    """Path and query with which an upload continues. base: the path of the request."""
    location = answer.headers.get("location", "")
    if not location:
        raise protocol_error("an upload has no location", answer.status)
    return _own_path(base, location)
