# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real image for real clients: a static busybox and fresh bytes, as an OCI image layout."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

_BUSYBOX = shutil.which("busybox") or "/bin/busybox"


def _layer(fresh_bytes: int) -> bytes:
    """A tar with /bin/busybox (Debian's busybox-static) and a file of random bytes, so that no cache holds it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(_BUSYBOX, arcname="bin/busybox")
        info = tarfile.TarInfo("fresh")
        info.size = fresh_bytes
        tar.addfile(info, io.BytesIO(os.urandom(fresh_bytes)))
    return buffer.getvalue()


def _store(folder: Path, content: bytes, media_type: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs" / "sha256" / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def oci_layout(folder: Path, fresh_bytes: int = 64 * 1024) -> str:
    """Writes an OCI layout with one image tagged `v1`; returns the manifest's digest."""
    (folder / "blobs" / "sha256").mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', encoding="utf-8")
    tar = _layer(fresh_bytes)
    layer = _store(folder, gzip.compress(tar, 1, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/bin/busybox", "sleep", "3600"], "User": "1000:1000"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _store(folder, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [layer],
    }
    described = _store(folder, json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
    index = {
        "schemaVersion": 2,
        "manifests": [{**described, "annotations": {"org.opencontainers.image.ref.name": "v1"}}],
    }
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return str(described["digest"])
