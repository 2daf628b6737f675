# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listing of the dry run, and the file of regsync."""

from __future__ import annotations

import json

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.dry_run import Listing, read_listing
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.reading import read_inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.regsync import build_sync_file
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    connected,
    filled,
)

_A, _B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
_GOOD = f"""team/app
team/app: marking manifest {_A}\x20
team/app: marking blob {_B}
team/emptied

2 blobs marked, 5 blobs and 0 manifests eligible for deletion
blob eligible for deletion: {_B}
"""


def test_good_listing() -> None:
    """Manifests by repository, emptied ones too."""
    found = read_listing(_GOOD, "", 0)
    assert (found.manifests, found.marked, found.problem) == ({"team/app": {_A}, "team/emptied": set()}, {_A, _B}, "")


@pytest.mark.parametrize(
    ("stdout", "code", "problem"),
    [
        (_GOOD, 1, "exit code 1"),
        (_GOOD, None, "incomplete"),
        (_GOOD.replace("2 blobs", "3 blobs"), 0, "counted 3 digests and printed 2"),
        (_GOOD.partition("\n\n")[0], 0, "last line"),
        ("", 0, "last line"),
    ],
)
def test_bad_listing(stdout: str, code: int | None, problem: str) -> None:
    """It is not used."""
    found = read_listing(stdout, "", code)
    assert problem in found.problem


@pytest.mark.parametrize(
    ("stdout", "stderr", "code"),
    [
        ("\n0 blobs marked, 0 blobs and 0 manifests eligible for deletion\n", "", 0),
        (
            "",
            "failed to garbage collect: failed to mark: filesystem: Path not found: /docker/registry/v2/repositories",
            1,
        ),
        ("", "failed to mark: azure: Path not found: /root/docker/registry/v2/repositories", 1),
    ],
)
def test_empty_root(stdout: str, stderr: str, code: int) -> None:
    """Each driver says it in its own way."""
    assert read_listing(stdout, stderr, code) == Listing()


def test_no_store() -> None:
    """A container that does not exist is not an empty one."""
    assert read_listing("", "failed to mark: azure: ContainerNotFound", 1).problem


def test_sync_file() -> None:
    """One entry for each manifest without a parent; nothing that regsync changes or rejects, nothing that is there."""
    with connected(source := filled()) as (api, _served):
        inventory = read_inventory(api, source.listing(), hides_tags=False)
    text = build_sync_file(inventory, {"r": set(inventory.repositories["r"].manifests)}, "127.0.0.1:1", "127.0.0.1:2")
    document = json.loads(text)
    assert [item["tls"] for item in document["creds"]] == ["disabled", "disabled"]
    assert all(item["type"] == "image" for item in document["sync"])
    named = {item["source"].partition("/")[2] for item in document["sync"]}
    assert {item["target"].partition("/")[2] for item in document["sync"]} == named
    assert {item.partition("@")[0] for item in named} == {"team/app", "team/signed", "r/0x", "odd", "only-an-index"}
    app = inventory.repositories["team/app"]
    roots = {f"team/app@{app.tags[tag]}" for tag in ("nested", "cache")}
    assert roots <= named and f"team/app@{app.tags['incomplete']}" not in named
    # The image without a tag and without a parent.
    assert len([item for item in named if item.startswith("team/app@")]) == 3
    everything = {name: set(item.manifests) for name, item in inventory.repositories.items()}
    assert build_sync_file(inventory, everything, "a", "b") == ""
