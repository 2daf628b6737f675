# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small client of the registry's HTTP API V2 over any stream socket, such as a port-forward of the API server."""

from __future__ import annotations

import base64
import http.client
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils.distribution.proof_image import (
    INDEX_TYPE,
    MANIFEST_TYPE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Refusal, error

# No answer of the registry that is read here is larger.
LARGEST_ANSWER = 16 * 1024 * 1024
PAGE = 100
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_ACCEPT = ", ".join((INDEX_TYPE, MANIFEST_TYPE, "application/vnd.docker.distribution.manifest.v2+json"))

# Makes a fresh connected socket, or what behaves like one (a stream of a port-forward).
Opener = Callable[[], Any]


class RegistryError(Refusal):
    """The registry refused or did not answer. `status` is the HTTP status, None without an answer."""

    def __init__(self, code: str, message: str, remedy: str, status: int | None = None) -> None:
        self.status = status
        super().__init__([error(code, "registry", message, remedy)])


@dataclass(frozen=True)
class Answer:
    """One answer: status, headers by lower-case name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over a socket that somebody else opens."""

    def __init__(self, opener: Opener, timeout: float) -> None:
        super().__init__("registry", timeout=timeout)
        self._opener = opener

    def connect(self) -> None:
        """Takes a fresh socket."""
        self.sock = self._opener()
        self.sock.settimeout(self.timeout)


class RegistryApi:
    """The API of one registry. open_connection: makes a fresh connected socket; timeout: seconds for one answer."""

    def __init__(self, *, open_connection: Opener, username: str, password: str, timeout: float = 30.0) -> None:
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._authorization = f"Basic {credentials}"
        self._connection = _Connection(open_connection, timeout)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        expect: tuple[int, ...],
    ) -> Answer:
        """One request. path: absolute path with query. Raises RegistryError unless the status is expected."""
        sent = {"Authorization": self._authorization, "User-Agent": "kyma.docker_registry", **(headers or {})}
        if body is not None:
            sent["Content-Length"] = str(len(body))
        try:
            answer = self._exchange(method, path, body, sent)
        except (OSError, http.client.HTTPException) as problem:
            self._connection.close()
            raise RegistryError(
                "registry-not-answering",
                f"{method} {urlsplit(path).path} got no answer ({type(problem).__name__}).",
                "Look at the registry's Pods and their log.",
            ) from None
        if answer.status not in expect:
            raise _refused(method, path, answer)
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        content = response.read(LARGEST_ANSWER + 1)
        if len(content) > LARGEST_ANSWER:
            raise http.client.HTTPException("answer too large")
        if response.will_close:
            self._connection.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def ping(self) -> None:
        """The registry answers and takes the credentials."""
        self.call("GET", "/v2/", expect=(200,))

    def catalog(self) -> Iterator[str]:
        """Names of all repositories, also of those that were emptied."""
        path: str | None = f"/v2/_catalog?n={PAGE}"
        while path:
            answer = self.call("GET", path, expect=(200,))
            yield from (str(name) for name in _json(answer).get("repositories") or [])
            following = _NEXT.search(answer.headers.get("link", ""))
            path = _own_path(following.group(1)) if following else None

    def has_tags(self, repository: str) -> bool:
        """Whether the repository has a tag (False too where it has no folder of tags)."""
        answer = self.call("GET", f"/v2/{_name(repository)}/tags/list?n=1", expect=(200, 404))
        return answer.status == 200 and bool(_json(answer).get("tags"))

    def begin_upload(self, repository: str) -> str:
        """Begins an upload; returns the path to go on with."""
        answer = self.call("POST", f"/v2/{_name(repository)}/blobs/uploads/", body=b"", expect=(202,))
        return _location(answer)

    def write_upload(self, location: str, content: bytes) -> str:
        """Writes a chunk; returns the path to go on with."""
        headers = {"Content-Type": "application/octet-stream"}
        return _location(self.call("PATCH", location, body=content, headers=headers, expect=(202,)))

    def upload_size(self, location: str) -> int:
        """Bytes that the registry says to have."""
        answer = self.call("GET", location, expect=(204,))
        last = answer.headers.get("range", "").rpartition("-")[2]
        return int(last) + 1 if last.isdigit() else 0

    def cancel_upload(self, location: str) -> None:
        """Cancels the upload; nothing of it stays."""
        self.call("DELETE", location, expect=(204,))

    def finish_upload(self, location: str, digest: str) -> None:
        """Turns the upload into a blob."""
        separator = "&" if "?" in location else "?"
        self.call("PUT", f"{location}{separator}digest={quote(digest, safe='')}", body=b"", expect=(201,))

    def has_blob(self, repository: str, digest: str) -> bool:
        """Whether the repository has the blob."""
        # A store that redirects has found the blob.
        answer = self.call("HEAD", f"/v2/{_name(repository)}/blobs/{digest}", expect=(200, 307, 404))
        return answer.status != 404

    def blob(self, repository: str, digest: str) -> bytes:
        """The blob's bytes. A redirect is not followed: the store's name may only be known inside the cluster."""
        return self.call("GET", f"/v2/{_name(repository)}/blobs/{digest}", expect=(200,)).body

    def put_manifest(self, repository: str, reference: str, content: bytes, media_type: str) -> None:
        """Stores a manifest or an index under a tag or its digest."""
        headers = {"Content-Type": media_type}
        self.call("PUT", f"/v2/{_name(repository)}/manifests/{reference}", body=content, headers=headers, expect=(201,))

    def manifest(self, repository: str, reference: str) -> bytes:
        """The bytes of a manifest or an index."""
        return self.call(
            "GET", f"/v2/{_name(repository)}/manifests/{reference}", headers={"Accept": _ACCEPT}, expect=(200,)
        ).body

    def delete_manifest(self, repository: str, digest: str) -> bool:
        """Deletes a manifest; False where the registry has deletion switched off."""
        answer = self.call("DELETE", f"/v2/{_name(repository)}/manifests/{digest}", expect=(202, 404, 405))
        return answer.status != 405


def _name(repository: str) -> str:
    return quote(repository, safe="/")


def _json(answer: Answer) -> dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise RegistryError(
            "registry-protocol", "answered something that is no JSON object.", "Is this a registry?", answer.status
        )
    return value


def _own_path(location: str) -> str:
    """Path and query of a location: the connection stays the same, so credentials go nowhere else."""
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _location(answer: Answer) -> str:
    location = answer.headers.get("location", "")
    if not location:
        raise RegistryError(
            "registry-protocol",
            "began an upload without saying where it goes on.",
            "Is this a registry?",
            answer.status,
        )
    return _own_path(location)


def _codes(answer: Answer) -> str:
    """The registry's own error codes, such as BLOB_UNKNOWN; its messages may quote what a store said and are left out."""
    try:
        errors = json.loads(answer.body).get("errors") or []
        return ", ".join(sorted({str(item["code"]) for item in errors if re.fullmatch(r"[A-Z_]+", str(item["code"]))}))
    except (ValueError, AttributeError, KeyError, TypeError):
        return ""


def _refused(method: str, path: str, answer: Answer) -> RegistryError:
    what = f"{method} {urlsplit(path).path} was answered {answer.status}"
    codes = _codes(answer)
    what = f"{what} ({codes})." if codes else f"{what}."
    if answer.status == 401:
        remedy = "Run registry_secret and registry_deployment, so that the credentials reach the Pod."
        return RegistryError("registry-unauthorized", f"the registry refuses the credentials: {what}", remedy, 401)
    if answer.status == 503:
        return RegistryError(
            "registry-unhealthy",
            f"the registry's storage fails: {what}",
            "Look at the registry's log and its storage.",
            503,
        )
    if answer.status == 307:
        remedy = "Switch redirects off where only the cluster can reach the store."
        return RegistryError("registry-redirect", f"the registry sends clients to its store: {what}", remedy, 307)
    if answer.status == 405:
        return RegistryError(
            "registry-readonly", f"the registry refuses to write: {what}", "Is registry_readonly on?", 405
        )
    return RegistryError("registry-refused", what, "Look at the registry's log.", answer.status)
