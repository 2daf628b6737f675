# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry in memory that speaks Distribution's HTTP API over a real socket, and fails as a test requests."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.connection import address_opener
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    Heard,
    Served,
    Talk,
    serve,
)

USER, PASSWORD = "registry", "the-password-of-the-test"
Fault = Callable[[Heard, Talk], None]
PATHS = (
    r"/v2/",
    r"/v2/_catalog",
    r"/v2/(?P<name>.+)/tags/list",
    r"/v2/(?P<name>.+)/blobs/uploads/(?P<upload>[^/]*)",
    r"/v2/(?P<name>.+)/blobs/(?P<reference>[^/]+)",
    r"/v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)",
)


def failing(status: int, *codes: str, headers: dict[str, str] | None = None) -> Fault:
    """An answer of that status with the registry's error codes."""
    body = {"errors": [{"code": code, "message": "said by the store: hunter2"} for code in codes]} if codes else b""
    return lambda _heard, talk: talk.reply(status, body, headers)


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def answer_path(*answers: Callable[..., None], heard: Heard, talk: Talk) -> None:
    """Calls the one of these that answers the path, in the order of PATHS, with the request, the query and the parts of the path."""
    parts = urlsplit(heard.path)
    for pattern, answer in zip(PATHS, answers, strict=True):
        match = re.fullmatch(pattern, unquote(parts.path))
        if match:
            answer(heard, talk, parse_qs(parts.query), **match.groupdict())
            return
    talk.reply(404, b"404 page not found")


@dataclass
class FakeRegistry:
    """What is stored, how it is set, and where it misbehaves: (method and path as one regular expression) -> answer."""

    delete_enabled: bool = True
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    page: int = 100
    started_uploads: int = 0

    def __call__(self, heard: Heard, talk: Talk) -> None:
        """One request."""
        for pattern, fault in self.faults.items():
            if re.search(pattern, f"{heard.method} {heard.path}"):
                fault(heard, talk)
                return
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if heard.header("authorization") != [f"Basic {credentials}"]:
            failing(401, "UNAUTHORIZED")(heard, talk)
            return
        answer_path(
            self._ping, self._catalog, self._tags, self._upload, self._blob, self._manifest, heard=heard, talk=talk
        )

    def _ping(self, _heard: Heard, talk: Talk, _query: dict[str, list[str]]) -> None:
        talk.reply(200, {})

    def _catalog(self, _heard: Heard, talk: Talk, query: dict[str, list[str]]) -> None:
        last, size = query.get("last", [""])[0], min(int(query["n"][0]), self.page)
        rest = sorted(name for name in self.tags if name > last)
        link = {"Link": f'</v2/_catalog?last={rest[size - 1]}&n={size}>; rel="next"'} if len(rest) > size else {}
        talk.reply(200, {"repositories": rest[:size]}, link)

    def _tags(self, heard: Heard, talk: Talk, _query: dict[str, list[str]], name: str) -> None:
        if name not in self.tags:
            failing(404, "NAME_UNKNOWN")(heard, talk)
        else:
            talk.reply(200, {"name": name, "tags": sorted(self.tags[name]) or None})

    def _upload(self, heard: Heard, talk: Talk, query: dict[str, list[str]], name: str, upload: str) -> None:
        if heard.method == "POST":
            self.started_uploads += 1
            upload = f"upload-{self.started_uploads}"
            self.uploads[upload] = b""
        elif upload not in self.uploads:
            failing(404, "BLOB_UPLOAD_UNKNOWN")(heard, talk)
            return
        if heard.method == "DELETE":
            del self.uploads[upload]
            talk.reply(204, b"")
            return
        self.uploads[upload] += heard.body
        content = self.uploads[upload]
        # Its own address, as a registry behind a proxy gives it, with a state that has to come back.
        location = f"http://elsewhere.invalid/v2/{name}/blobs/uploads/{upload}?_state=s{len(content)}"
        if heard.method == "PUT":
            del self.uploads[upload]
            if query["digest"] != [_digest(content)] or query["_state"] != [f"s{len(content)}"]:
                failing(400, "DIGEST_INVALID")(heard, talk)
                return
            self.blobs[name, _digest(content)] = content
            self.tags.setdefault(name, {})
            talk.reply(201, b"", {"Location": f"/v2/{name}/blobs/{_digest(content)}"})
            return
        headers = {"Location": location, "Range": f"0-{max(len(content) - 1, 0)}"}
        talk.reply(204 if heard.method == "GET" else 202, b"", headers)

    def _blob(self, heard: Heard, talk: Talk, _query: dict[str, list[str]], name: str, reference: str) -> None:
        if (name, reference) not in self.blobs:
            failing(404, "BLOB_UNKNOWN")(heard, talk)
        else:
            talk.reply(200, self.blobs[name, reference])

    def _manifest(self, heard: Heard, talk: Talk, _query: dict[str, list[str]], name: str, reference: str) -> None:
        digest = self.tags.get(name, {}).get(reference, reference)
        if heard.method == "PUT":
            self._put_manifest(heard, talk, name, reference)
        elif heard.method == "DELETE" and not self.delete_enabled:
            failing(405, "UNSUPPORTED")(heard, talk)
        elif (name, digest) not in self.manifests:
            failing(404, "MANIFEST_UNKNOWN")(heard, talk)
        elif heard.method == "DELETE":
            del self.manifests[name, digest]
            self.tags[name] = {tag: to for tag, to in self.tags[name].items() if to != digest}
            talk.reply(202, b"")
        else:
            content, media_type = self.manifests[name, digest]
            accepted = [word.strip() for word in heard.header("accept")[0].split(",")]
            (talk.reply(200, content) if media_type in accepted else failing(404, "MANIFEST_UNKNOWN")(heard, talk))

    def _put_manifest(self, heard: Heard, talk: Talk, name: str, reference: str) -> None:
        document, digest = json.loads(heard.body), _digest(heard.body)
        wanted = [item["digest"] for item in document.get("layers", [])]
        wanted += [document["config"]["digest"]] if "config" in document else []
        missing = [item for item in wanted if (name, item) not in self.blobs]
        missing += [i["digest"] for i in document.get("manifests", []) if (name, i["digest"]) not in self.manifests]
        if missing:
            failing(404, "MANIFEST_BLOB_UNKNOWN")(heard, talk)
            return
        self.manifests[name, digest] = heard.body, heard.header("content-type")[0]
        self.tags.setdefault(name, {})
        if reference != digest:
            self.tags[name][reference] = digest
        talk.reply(201, b"", {"Location": f"/v2/{name}/manifests/{digest}"})


@contextlib.contextmanager
def talking(registry: Fault, password: str = PASSWORD, timeout: float = 5.0) -> Iterator[tuple[RegistryApi, Served]]:
    """The client, connected to the registry (or to anything that answers), and what was heard of it."""
    with serve(registry) as served:
        port = urlsplit(served.url).port or 0
        opener = address_opener("127.0.0.1", port, timeout=timeout)
        api = RegistryApi(open_connection=opener, username=USER, password=password, timeout=timeout)
        try:
            yield api, served
        finally:
            api.close()
