# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification's image: the same bytes on every Python, and what every tool takes for an image."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import verification_image

IMAGE = verification_image.build_image()


def test_digests_are_pinned() -> None:
    """A change of a byte is a change of the image that stays in people's registries."""
    assert IMAGE.digest == "sha256:a647795fa8feba540a52a264b7a86124a53f22ea0881b2227ad44359c2704cac"
    assert IMAGE.manifest_digest == "sha256:a5416d8da134bb3a4108cce380463c74b1f84eb6a68ca2675ad0bc243f95703b"
    assert list(IMAGE.blobs) == [
        "sha256:91bdadeacd09269e33eb5eaa4e4628f4ca998da498b6068e0a9034b8da5e4f38",
        "sha256:e3e1aacaf18c0aa1c2227b368388c4f4aec2c4a4668ef5f67feb8bf13410aa4c",
        "sha256:07cefad3b3dd866a864a49b3c453814a7089692a656531e6d488a5a5b8927ea9",
    ]
    assert IMAGE.size == 5225


def test_every_digest_is_of_its_content() -> None:
    """Recomputed here."""
    for digest, content in IMAGE.blobs.items():
        assert digest == "sha256:" + hashlib.sha256(content).hexdigest()


def test_index_leads_to_every_blob() -> None:
    """Index to manifest to config and layers: media types, digests and sizes."""
    index, manifest = json.loads(IMAGE.index), json.loads(IMAGE.manifest)
    assert (index["mediaType"], manifest["mediaType"]) == (
        verification_image.INDEX_TYPE,
        verification_image.MANIFEST_TYPE,
    )
    assert index["schemaVersion"] == manifest["schemaVersion"] == 2
    (entry,) = index["manifests"]
    assert entry == {
        "mediaType": verification_image.MANIFEST_TYPE,
        "digest": IMAGE.manifest_digest,
        "size": len(IMAGE.manifest),
        "platform": {"architecture": "amd64", "os": "linux"},
    }
    described = [*manifest["layers"], manifest["config"]]
    assert [item["digest"] for item in described] == list(IMAGE.blobs)
    assert [item["size"] for item in described] == [len(blob) for blob in IMAGE.blobs.values()]
    assert [item["mediaType"].rpartition(".")[2] for item in described] == ["tar+gzip", "tar+gzip", "v1+json"]


@pytest.mark.parametrize("number", [1, 2])
def test_layers_are_tar_in_gzip(number: int) -> None:
    """The standard library unpacks them to one file, and the config names them by their unpacked digest."""
    *layers, config = IMAGE.blobs.values()
    unpacked = gzip.decompress(layers[number - 1])
    with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None and content.read() == f"Layer {number} of {verification_image.SEED}.\n".encode()
    assert (member.name, member.mode, member.uid, member.gid, member.mtime) == (
        f"{verification_image.SEED}-{number}",
        0o644,
        0,
        0,
        0,
    )
    assert member.isreg() and len(unpacked) % 512 == 0
    rootfs = json.loads(config)["rootfs"]
    assert rootfs["type"] == "layers"
    assert rootfs["diff_ids"][number - 1] == "sha256:" + hashlib.sha256(unpacked).hexdigest()


@pytest.mark.parametrize("seed", ["x", "a" * 90, "seed with spaces"])
def test_another_seed_is_another_image(seed: str) -> None:
    """Nothing is shared, and it is as valid."""
    other = verification_image.build_image(seed)
    assert not set(other.blobs) & set(IMAGE.blobs) and other.digest != IMAGE.digest
    for layer in list(other.blobs.values())[:2]:
        with tarfile.open(fileobj=io.BytesIO(layer), mode="r:gz") as archive:
            assert archive.getnames()[0].startswith(seed)


def test_every_build_is_the_same() -> None:
    """No clock, no chance."""
    assert verification_image.build_image() == IMAGE
