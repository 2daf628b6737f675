# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of regsync."""

from __future__ import annotations

import json

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.reading import read_inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.regsync import build_sync_file
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    connected,
    filled,
)


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
