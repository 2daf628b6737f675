# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image of the verification: two small layers under a manifest under an index, the same bytes everywhere. Pure.

tar and gzip are written here, field by field: the standard library's modules change single bytes between Python versions
(the operating system byte of gzip, the device numbers of tar), and with them every digest.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

# Media types of the OCI image specification 1.1.
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
_PLATFORM = {"architecture": "amd64", "os": "linux"}

_BLOCK = 512
SEED = "kyma-docker-registry-verification"


def digest_of(content: bytes) -> str:
    """`sha256:<hex>` of the content."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class VerificationImage:
    """blobs: digest -> bytes of both layers and the config. manifest and index: bytes as pushed."""

    blobs: dict[str, bytes]
    manifest: bytes
    index: bytes

    @property
    def manifest_digest(self) -> str:
        """Digest of the manifest."""
        return digest_of(self.manifest)

    @property
    def digest(self) -> str:
        """Digest of the index, by which the image is pulled."""
        return digest_of(self.index)

    @property
    def size(self) -> int:
        """Bytes of all blobs, manifest and index."""
        return sum(len(blob) for blob in self.blobs.values()) + len(self.manifest) + len(self.index)


def _tar(name: str, content: bytes) -> bytes:
    """An archive of one file (POSIX ustar; mode 0644, owner 0:0, time 0)."""
    fields = [
        name.encode("ascii").ljust(100, b"\0"),
        b"0000644\0",
        b"0000000\0",
        b"0000000\0",
        b"%011o\0" % len(content),
        b"00000000000\0",
        b" " * 8,
        b"0",
        b"\0" * 100,
        b"ustar\0" + b"00",
        b"\0" * 247,
    ]
    fields[6] = b"%06o\0 " % sum(b"".join(fields))
    padding = b"\0" * (-len(content) % _BLOCK)
    return b"".join(fields) + content + padding + b"\0" * (2 * _BLOCK)


def _gzip(content: bytes) -> bytes:
    """The content in gzip's frame as one stored block (RFC 1951 3.2.4, RFC 1952); at most 65535 bytes."""
    length = struct.pack("<HH", len(content), len(content) ^ 0xFFFF)
    header = b"\x1f\x8b\x08\x00" + b"\0" * 4 + b"\x00\xff"
    return header + b"\x01" + length + content + struct.pack("<LL", zlib.crc32(content), len(content))


def _descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def build_image(seed: str = SEED) -> VerificationImage:
    """The image; another seed gives other digests. seed: ASCII, at most 90 characters."""
    tars = [_tar(f"{seed}-{number}", f"Layer {number} of {seed}.\n".encode("ascii")) for number in (1, 2)]
    layers = [_gzip(tar) for tar in tars]
    config = _json(
        {**_PLATFORM, "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]}}
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": _descriptor(config, _CONFIG_TYPE),
            "layers": [_descriptor(layer, _LAYER_TYPE) for layer in layers],
        }
    )
    entry = {**_descriptor(manifest, MANIFEST_TYPE), "platform": _PLATFORM}
    index = _json({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [entry]})
    return VerificationImage({digest_of(blob): blob for blob in (*layers, config)}, manifest, index)
