# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small set of everything that is hard to copy, pushed and judged by a client that shares no code with the collection.

The registry needs `registry_env: {REGISTRY_VALIDATION_DISABLED: true}`: by default it rejects foreign layers and incomplete indexes.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from ansible_collections.kyma.docker_registry.tests.support.registry_client import Client

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_ACCEPT = ", ".join((_MANIFEST, _INDEX, _DOCKER_MANIFEST, _DOCKER_LIST))
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
_CONFIG = "application/vnd.oci.image.config.v1+json"
# Names that a registry has besides.
_OWN = "kyma-docker-registry-verification"
# Repositories; clients ask for pages of 100 names.
MORE_THAN_A_PAGE = 105
Descriptor = dict[str, Any]


@dataclass
class Contents:
    """What was pushed. tags: `repository:tag` to digest. manifests, blobs: `repository@digest`."""

    tags: dict[str, str] = field(default_factory=dict)
    manifests: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)

    def names(self) -> set[str]:
        """The repositories."""
        return {name.partition("@")[0] for name in self.manifests}


class PlainRegistry:
    """Requests to a registry. Each one opens a connection."""

    def __init__(self, client: Client) -> None:
        """With the address and the credentials of a user."""
        self._address = client.address
        self._authorization = "Basic " + base64.b64encode(f"{client.username}:{client.password}".encode()).decode()
        self.contents = Contents()

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and content."""
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            sent = {"Authorization": self._authorization, "Accept": _ACCEPT, **headers}
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def blob(self, name: str, content: bytes, media_type: str = _LAYER) -> Descriptor:
        """Pushes a blob."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        status, headers, _body = self.request("POST", f"/v2/{name}/blobs/uploads/", b"")
        assert status == 202
        place = urlsplit(headers["location"])
        path = f"{place.path}?{place.query}&digest={quote(digest)}"
        status, _headers, body = self.request("PUT", path, content, **{"Content-Type": "application/octet-stream"})
        assert status == 201, body
        self.contents.blobs.add(f"{name}@{digest}")
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def manifest(self, name: str, document: dict[str, Any], media_type: str, *tags: str) -> Descriptor:
        """Pushes a manifest with white space that no program writes, under its digest and these tags."""
        content = json.dumps(document, indent=5).encode() + b"\n"
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        for reference in (digest, *tags):
            path = f"/v2/{name}/manifests/{reference}"
            status, _headers, body = self.request("PUT", path, content, **{"Content-Type": media_type})
            assert status == 201, body
            if reference != digest:
                self.contents.tags[f"{name}:{reference}"] = digest
        self.contents.manifests.add(f"{name}@{digest}")
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def image(self, name: str, seed: str, *tags: str, docker: bool = False, **more: Any) -> Descriptor:
        """Pushes an image of two layers, one of which all images share."""
        layers = [self.blob(name, b"shared" * 5000), self.blob(name, seed.encode() * 2000)]
        config = self.blob(name, json.dumps({"seed": seed}).encode(), _CONFIG)
        media_type = _DOCKER_MANIFEST if docker else _MANIFEST
        document = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers, **more}
        return self.manifest(name, document, media_type, *tags)

    def index(self, name: str, entries: list[Descriptor], *tags: str, docker: bool = False) -> Descriptor:
        """Pushes an index."""
        media_type = _DOCKER_LIST if docker else _INDEX
        document = {"schemaVersion": 2, "mediaType": media_type, "manifests": entries}
        return self.manifest(name, document, media_type, *tags)


def push_set(client: Client, repositories: int) -> Contents:
    """Pushes the set. repositories: how many small ones there are besides."""
    registry = PlainRegistry(client)
    one = registry.image("team/app", "one", "v1", "v10", "v1.1", "v1-x", "v1_y")
    two = registry.image("team/app", "two", "v2", docker=True)
    registry.image("team/app", "without a tag")
    inner = registry.index("team/app", [one], docker=True)
    registry.index("team/app", [inner, two], "nested")
    gone = {"mediaType": _MANIFEST, "digest": f"sha256:{'0' * 64}", "size": 7}
    registry.index("team/app", [one, gone], "incomplete")
    registry.index("team/app", [registry.blob("team/app", b"build cache")], "cache")
    registry.image("team/app", "signature without a fallback tag", subject=one)
    signed = registry.image("team/signed", "signed", "latest")
    signature = registry.image("team/signed", "signature", subject=signed)
    registry.index("team/signed", [signature], signed["digest"].replace(":", "-"))
    for name in ("r", "r/0x"):
        registry.image(name, "one", "v1")
    foreign = {
        "mediaType": _FOREIGN,
        "digest": f"sha256:{'1' * 64}",
        "size": 9,
        "urls": ["https://example.invalid/layer"],
    }
    layers = [registry.blob("odd", b""), foreign]
    config = registry.blob("odd", b"{}", _CONFIG)
    registry.manifest("odd", {"schemaVersion": 2, "config": config, "layers": layers}, _MANIFEST, "odd", "v1", "v10")
    config = registry.blob("small/0", b'{"small": true}', _CONFIG)
    for number in range(repositories):
        name = f"small/{number}"
        registry.blob(name, b'{"small": true}', _CONFIG)
        registry.manifest(name, {"schemaVersion": 2, "config": config, "layers": []}, _MANIFEST, "v1")
    return registry.contents


def find_differences(client: Client, wanted: Contents, listing: str) -> list[str]:
    """What the registry lacks, has in another form, or has besides. listing: output of its dry run, which has manifests without a tag."""
    registry, found = PlainRegistry(client), []
    for name, digest in wanted.tags.items():
        repository, _colon, tag = name.rpartition(":")
        status, headers, _body = registry.request("HEAD", f"/v2/{repository}/manifests/{tag}")
        if (status, headers.get("docker-content-digest")) != (200, digest):
            found.append(f"{name}: {status} {headers.get('docker-content-digest')}")
    for kind, names in (("manifests", wanted.manifests), ("blobs", wanted.blobs)):
        for name in sorted(names):
            repository, _at, digest = name.partition("@")
            status, _headers, body = registry.request("GET", f"/v2/{repository}/{kind}/{digest}")
            if status != 200 or f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
                found.append(f"{kind} {name}: {status}")
    listed = set(re.findall(r"^(\S+): marking manifest (\S+)", listing, re.MULTILINE))
    manifests = {f"{name}@{digest}" for name, digest in listed if not name.startswith(_OWN)}
    found += [f"added or not listed: {name}" for name in sorted(manifests ^ wanted.manifests)]
    for repository in sorted(wanted.names()):
        _status, _headers, body = registry.request("GET", f"/v2/{repository}/tags/list")
        tags = {f"{repository}:{tag}" for tag in json.loads(body)["tags"] or []}
        found += [f"added: {name}" for name in sorted(tags - wanted.tags.keys())]
    return found
