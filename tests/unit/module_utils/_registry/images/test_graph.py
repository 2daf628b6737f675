# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests and the graph that they make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.comparison import compare
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.graph import (
    Inventory,
    Repository,
    Uncopyable,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.manifests import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MANIFEST_TYPES,
    OCI_INDEX,
    OCI_MANIFEST,
    ImageManifest,
    Reference,
    UnreadableManifest,
    parse_manifest,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.verification_image import digest_of
from hypothesis import given
from hypothesis import strategies as st


def _digest(text: str) -> str:
    return digest_of(text.encode())


def _entry(text: str, media_type: str = "application/x-layer", **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(text), "size": len(text), **more}


def test_image() -> None:
    """Configuration and layers; those that clients fetch elsewhere are optional."""
    document = {
        "config": _entry("config"),
        "layers": [
            _entry("layer"),
            _entry("foreign", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            _entry("elsewhere", urls=["https://example.invalid"]),
        ],
        "subject": _entry("other", OCI_MANIFEST),
    }
    content = json.dumps(document).encode()
    found = parse_manifest(content, f"{OCI_MANIFEST}; charset=utf-8")
    assert (found.digest, found.size, found.media_type) == (digest_of(content), len(content), OCI_MANIFEST)
    assert [item.optional for item in found.blobs] == [False, False, True, True]
    assert found.subject == _digest("other") and found.children == ()


@pytest.mark.parametrize("media_type", [DOCKER_LIST, OCI_INDEX])
def test_index(media_type: str) -> None:
    """Manifests are children, anything else is an optional blob."""
    document = {"manifests": [_entry("image", DOCKER_MANIFEST), _entry("index", OCI_INDEX), _entry("cache")]}
    found = parse_manifest(json.dumps(document).encode(), media_type)
    assert [item.digest for item in found.children] == [_digest("image"), _digest("index")]
    assert found.blobs == (Reference(_digest("cache"), 5, "application/x-layer", optional=True),)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"no JSON", OCI_MANIFEST),
        (b"[]", OCI_MANIFEST),
        (b"{}", OCI_MANIFEST),
        (b"[" * 100_000, OCI_MANIFEST),
        (b'{"manifests": {}}', OCI_INDEX),
        (b'{"manifests": [1]}', OCI_INDEX),
        (json.dumps({"config": {**_entry("c"), "digest": "sha512:" + "0" * 128}}).encode(), OCI_MANIFEST),
        (json.dumps({"config": {**_entry("c"), "size": "1"}}).encode(), OCI_MANIFEST),
        (b"{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
        (b"{}", "application/vnd.oci.artifact.manifest.v1+json"),
        (b"{}", ""),
    ],
)
def test_unreadable(content: bytes, media_type: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UnreadableManifest):
        parse_manifest(content, media_type)


def _manifest(
    name: str, children: tuple[str, ...] = (), subject: str = "", blobs: tuple[str, ...] = ()
) -> ImageManifest:
    below = tuple(Reference(_digest(item), 1, OCI_MANIFEST) for item in children)
    parts = tuple(Reference(_digest(item), len(item), "") for item in blobs)
    return ImageManifest(_digest(name), 1, OCI_INDEX, parts, below, _digest(subject) if subject else "")


def _repository(*manifests: ImageManifest, **tags: str) -> Repository:
    blobs = {item.digest: item.size for manifest in manifests for item in manifest.blobs}
    pointed = {tag: _digest(name) for tag, name in tags.items()}
    return Repository("app", pointed, {item.digest: item for item in manifests}, blobs)


def test_closure() -> None:
    """What is below a manifest, who has no parent, and what a tool copies exactly."""
    found = _repository(
        _manifest("top", ("middle", "leaf")),
        _manifest("middle", ("leaf",)),
        _manifest("leaf"),
        _manifest("signature", subject="leaf"),
        _manifest("above", ("signature",)),
        _manifest("broken", ("gone",)),
    )
    assert found.descendants([_digest("middle"), _digest("gone")]) == {_digest("middle"), _digest("leaf")}
    assert set(found.parentless()) == {_digest("top"), _digest("above"), _digest("broken")}
    complete = {
        name for name in ("top", "middle", "leaf", "signature", "above", "broken") if found.is_complete(_digest(name))
    }
    assert complete == {"top", "middle", "leaf"}


@given(st.lists(st.tuples(st.integers(0, 30), st.sets(st.integers(0, 30), max_size=4)), max_size=30))
def test_order(edges: list[tuple[int, set[int]]]) -> None:
    """Every manifest once, and after each of its children that the repository has. An index names only what was there before it."""
    manifests = {str(number): tuple(str(item) for item in below if item < number) for number, below in edges}
    found = _repository(*(_manifest(name, below) for name, below in manifests.items()))
    order = [item.digest for item in found.ordered()]
    assert sorted(order) == sorted(found.manifests)
    for position, digest in enumerate(order):
        children = {item.digest for item in found.manifests[digest].children} & found.manifests.keys()
        assert children <= set(order[:position])


def test_deep_nesting() -> None:
    """No recursion."""
    names = [str(number) for number in range(5000)]
    manifests = [_manifest(name, (below,)) for name, below in zip(names, ["none", *names], strict=False)]
    assert len(_repository(*manifests).ordered()) == 5000


def test_counts() -> None:
    """A blob in two repositories counts once."""
    image = _manifest("image", blobs=("layer",))
    both = Inventory(
        {name: Repository(name, {"v": image.digest}, {image.digest: image}, {_digest("layer"): 5}) for name in "ab"}
    )
    assert both.counts() == {"repositories": 2, "tags": 2, "manifests": 2, "blobs": 1, "bytes": 6}


def test_drop() -> None:
    """What a user names is left out, with its tags and the blobs that nothing else needs; other problems stay."""
    repository = _repository(
        _manifest("good", blobs=("a",)), _manifest("bad", blobs=("a", "b")), good="good", bad="bad"
    )
    problems = (Uncopyable("app", _digest("bad"), "reason"), Uncopyable("app", "dangling", "reason"))
    found = Inventory({"app": repository}, problems).without({f"app@{_digest('bad')}"})
    assert [item.name for item in found.problems] == ["app:dangling"]
    assert found.repositories["app"].tags == {"good": _digest("good")}
    assert set(found.repositories["app"].blobs) == {_digest("a")}
    assert not found.without({"app:dangling"}).problems


def test_comparison() -> None:
    """Each kind of difference is named."""
    source = Inventory({"app": _repository(_manifest("one", blobs=("a",)), _manifest("two"), v1="one", v2="two")})
    assert not compare(source, source)
    other = Repository("app", {"v1": _digest("two"), "v3": _digest("two")}, {}, {_digest("a"): 99})
    target = Inventory({"app": other, "more": _repository(_manifest("three")), "emptied": Repository("emptied")})
    found = compare(source, target)
    numbers = {name: len(names) for name, names in vars(found).items()}
    assert numbers == {"missing": 2, "extra": 1, "missing_tags": 2, "extra_tags": 1, "missing_blobs": 1}
    assert found.missing_tags == ("app:v1", "app:v2") and found.extra_tags == ("app:v3",)
    assert f"more@{_digest('three')}" in found.describe()
    assert "none" in compare(target, target).describe()


def test_media_types() -> None:
    """The types that a registry of Distribution 3 stores."""
    assert len(set(MANIFEST_TYPES)) == 4
