# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry in memory that stores images as Distribution does, with the faults of its listings, and content to fill it with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.connection import address_opener
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import ImageRegistry
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.dry_run import (
    Listing,
    read_listing,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.manifests import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    Heard,
    Served,
    Talk,
    serve,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.fake_registry import (
    Fault,
    answer_path,
    failing,
)

LAYER = "application/vnd.oci.image.layer.v1.tar"
FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
Query = dict[str, list[str]]


def digest_of(content: bytes) -> str:
    """The digest."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def answer_times(fault: Fault, times: int) -> Fault:
    """The fault for the first requests; then it raises KeyError, so that the registry answers."""
    left = iter(range(times))

    def answer(heard: Heard, talk: Talk) -> None:
        if next(left, None) is None:
            raise KeyError
        fault(heard, talk)

    return answer


@dataclass
class Stored:
    """What one repository has."""

    tags: dict[str, str] = field(default_factory=dict)
    manifests: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)


@dataclass
class MemoryRegistry:
    """content: of all digests. types: media types of manifests. hides_tags: as Distribution 3.1.1 on S3. faults: pattern to answer."""

    content: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    stored: dict[str, Stored] = field(default_factory=dict)
    hides_tags: bool = False
    faults: dict[str, Fault] = field(default_factory=dict)
    uploads: int = 0
    # Blobs of the store that no repository names, as the dry run counts them.
    orphans: int = 0

    # --- content, made by tests
    def blob(self, name: str, content: bytes, media_type: str = LAYER, present: bool = True) -> dict[str, Any]:
        """Stores a blob; its descriptor."""
        digest = digest_of(content)
        if present:
            self.content[digest] = content
            self.stored.setdefault(name, Stored()).blobs.add(digest)
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def manifest(self, name: str, document: dict[str, Any], media_type: str, *tags: str) -> dict[str, Any]:
        """Stores a manifest, with odd white space; its descriptor."""
        content = json.dumps(document, indent=3).encode()
        digest = digest_of(content)
        self.content[digest], self.types[digest] = content, media_type
        place = self.stored.setdefault(name, Stored())
        place.manifests.add(digest)
        place.tags.update(dict.fromkeys(tags, digest))
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def image(self, name: str, seed: str, *tags: str, docker: bool = False, **more: Any) -> dict[str, Any]:
        """An image of a configuration and two layers, one of which all images share."""
        layers = [self.blob(name, b"shared layer"), self.blob(name, seed.encode() * 1000)]
        config = self.blob(name, json.dumps({"seed": seed}).encode(), CONFIG)
        media_type = DOCKER_MANIFEST if docker else OCI_MANIFEST
        document = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers, **more}
        return self.manifest(name, document, media_type, *tags)

    def index(self, name: str, children: list[dict[str, Any]], *tags: str, docker: bool = False) -> dict[str, Any]:
        """An index."""
        media_type = DOCKER_LIST if docker else OCI_INDEX
        return self.manifest(
            name, {"schemaVersion": 2, "mediaType": media_type, "manifests": children}, media_type, *tags
        )

    def dry_run(self) -> tuple[str, str, int]:
        """What `registry garbage-collect --dry-run` prints."""
        lines, marked = [], set()
        for name, place in sorted(self.stored.items()):
            lines.append(name)
            for digest in sorted(place.manifests):
                lines.append(f"{name}: marking manifest {digest} ")
                marked.add(digest)
                document = json.loads(self.content[digest])
                parts = [*document.get("layers", []), *document.get("manifests", [])]
                parts += [document["config"]] if "config" in document else []
                for item in parts:
                    if item["digest"] not in marked:
                        lines.append(f"{name}: marking blob {item['digest']}")
                        marked.add(item["digest"])
        lines += ["", f"{len(marked)} blobs marked, {self.orphans} blobs and 0 manifests eligible for deletion"]
        return "\n".join(lines) + "\n", "", 0

    def listing(self) -> Listing:
        """The same, read."""
        return read_listing(*self.dry_run())

    # --- the API
    def __call__(self, heard: Heard, talk: Talk) -> None:
        """One request."""
        for pattern, fault in self.faults.items():
            if re.search(pattern, f"{heard.method} {heard.path}"):
                with contextlib.suppress(KeyError):
                    fault(heard, talk)
                    return
        answer_path(
            self._ping, self._catalog, self._tags, self._upload, self._blob, self._manifest, heard=heard, talk=talk
        )

    def _ping(self, _heard: Heard, talk: Talk, _query: Query) -> None:
        talk.reply(200, {})

    def _catalog(self, _heard: Heard, talk: Talk, query: Query) -> None:
        assert query["n"] == ["1000000"]
        talk.reply(200, {"repositories": sorted(name for name, place in self.stored.items() if place.blobs)})

    def _tags(self, _heard: Heard, talk: Talk, query: Query, name: str) -> None:
        if name not in self.stored:
            failing(404, "NAME_UNKNOWN")(_heard, talk)
            return
        # Keys of S3 have a slash behind the tag.
        keys = sorted(f"{tag}/" for tag in self.stored[name].tags)
        last, found = query.get("last", [""])[0], []
        hidden = ""
        for key in keys:
            if key <= last or (self.hides_tags and hidden and re.match(re.escape(hidden) + r"[A-Za-z0-9_]", key)):
                continue
            found.append(key[:-1])
            hidden = key[:-1]
        talk.reply(200, {"name": name, "tags": found[: int(query.get("n", [len(found) + 1])[0])] or None})

    def _upload(self, heard: Heard, talk: Talk, query: Query, name: str, upload: str) -> None:
        place = self.stored.setdefault(name, Stored())
        if heard.method == "POST":
            other = self.stored.get(query.get("from", [""])[0])
            mounted = query.get("mount", [""])[0]
            if other is not None and mounted in other.blobs:
                place.blobs.add(mounted)
                talk.reply(201, b"", {"Location": f"/v2/{name}/blobs/{mounted}"})
                return
            self.uploads += 1
            talk.reply(202, b"", {"Location": f"/v2/{name}/blobs/uploads/u{self.uploads}?_state=s"})
        elif heard.method == "DELETE":
            talk.reply(204, b"")
        elif upload and query["digest"] == [digest_of(heard.body)]:
            self.content.setdefault(digest_of(heard.body), heard.body)  # What is there is believed.
            place.blobs.add(digest_of(heard.body))
            talk.reply(201, b"", {"Location": "/"})
        else:
            failing(400, "DIGEST_INVALID")(heard, talk)

    def _blob(self, heard: Heard, talk: Talk, _query: Query, name: str, reference: str) -> None:
        if reference in self.stored.get(name, Stored()).blobs:
            talk.reply(200, self.content[reference])
        else:
            failing(404, "BLOB_UNKNOWN")(heard, talk)

    def _manifest(self, heard: Heard, talk: Talk, _query: Query, name: str, reference: str) -> None:
        place = self.stored.setdefault(name, Stored())
        digest = place.tags.get(reference, reference)
        if heard.method == "PUT":
            self._write_manifest(heard, talk, place, reference)
        elif digest not in place.manifests:
            failing(404, "MANIFEST_UNKNOWN")(heard, talk)
        elif heard.method == "DELETE":
            if reference in place.tags:
                del place.tags[reference]
            else:
                place.manifests.discard(reference)
                place.tags = {tag: to for tag, to in place.tags.items() if to != reference}
            talk.reply(202, b"")
        else:
            assert self.types[digest] in heard.header("accept")[0]
            headers = {"Docker-Content-Digest": digest, "Content-Type": self.types[digest]}
            talk.reply(200, self.content[digest], headers)

    def _write_manifest(self, heard: Heard, talk: Talk, place: Stored, reference: str) -> None:
        digest = digest_of(heard.body)
        document = json.loads(heard.body)
        needed = [item for item in document.get("layers", []) if item["mediaType"] != FOREIGN]
        needed += [document["config"]] if "config" in document else []
        if any(item["digest"] not in place.blobs for item in needed):
            failing(400, "MANIFEST_BLOB_UNKNOWN")(heard, talk)
            return
        self.content[digest], self.types[digest] = heard.body, heard.header("content-type")[0]
        place.manifests.add(digest)
        if ":" not in reference:
            place.tags[reference] = digest
        talk.reply(201, b"", {"Docker-Content-Digest": digest})


@contextlib.contextmanager
def connected(registry: Fault, name: str = "the registry") -> Iterator[tuple[ImageRegistry, Served]]:
    """The client, connected to it, and what was heard of it."""
    with serve(registry) as served:
        api = ImageRegistry(
            name, address_opener("127.0.0.1", urlsplit(served.url).port or 0), timeout=5.0, sleep=lambda _seconds: None
        )
        try:
            yield api, served
        finally:
            api.close()


def filled(hides_tags: bool = False) -> MemoryRegistry:
    """A registry with everything that is hard to copy."""
    found = MemoryRegistry(hides_tags=hides_tags)
    one, two = (
        found.image("team/app", "one", "v1", "v10", "v1.1", "v1-x"),
        found.image("team/app", "two", "v2", docker=True),
    )
    found.image("team/app", "untagged")
    inner = found.index("team/app", [one], docker=True)
    found.index("team/app", [inner, two], "nested")
    gone = {"mediaType": OCI_MANIFEST, "digest": digest_of(b"gone"), "size": 4}
    found.index("team/app", [one, gone], "incomplete")
    cache = found.blob("team/app", b"build cache")
    found.index("team/app", [cache, {**cache, "digest": digest_of(b"no such layer")}], "cache")
    found.image("team/app", "signature", subject=one)
    signed = found.image("team/signed", "signed", "latest")
    signature = found.image("team/signed", "of signed", subject=signed)
    found.index("team/signed", [signature], signed["digest"].replace(":", "-"))
    for name in ("r", "r/0x"):
        found.image(name, "one", "v1")
    foreign = {
        "mediaType": FOREIGN,
        "digest": digest_of(b"elsewhere"),
        "size": 9,
        "urls": ["https://example.invalid/layer"],
    }
    empty = found.blob("odd", b"")
    config = found.blob("odd", b"{}", CONFIG)
    found.manifest("odd", {"schemaVersion": 2, "config": config, "layers": [empty, foreign]}, OCI_MANIFEST, "odd")
    found.index("only-an-index", [], "empty")
    found.stored["emptied"] = Stored()
    return found
