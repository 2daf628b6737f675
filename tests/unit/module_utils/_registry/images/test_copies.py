# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a registry that may lie, and copies of it over real sockets."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images import content_check, transfer
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.comparison import compare
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.dry_run import Listing
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.graph import Inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.reading import (
    IncompleteInventory,
    read_inventory,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import Talk
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
    answer_times,
    connected,
    failing,
    filled,
)


def _read(registry: MemoryRegistry, hides_tags: bool = True) -> Inventory:
    with connected(registry) as (api, _served):
        return read_inventory(api, registry.listing(), hides_tags=hides_tags)


def _copy(source: MemoryRegistry, target: MemoryRegistry) -> transfer.Transfer:
    wanted, present = _read(source), _read(target)
    with connected(source, "the source") as (one, _), connected(target, "the target") as (two, _served):
        copier = transfer.Copier(one, two, sleep=lambda _seconds: None)
        copier.copy(wanted, present)
        copier.reconcile(wanted, _read(target))
        return copier.done


def test_inventory() -> None:
    """Everything is there: tags that another tag hides, manifests without a tag, what an index lacks."""
    found = _read(filled(hides_tags=True))
    assert found.problems == ()
    assert set(found.repositories) == {"team/app", "team/signed", "r", "r/0x", "odd", "only-an-index"}
    assert {"v1", "v10", "v1.1", "v1-x", "v2"} < set(found.repositories["team/app"].tags)
    assert len(_read(filled(hides_tags=True), hides_tags=False).repositories["team/app"].tags) < len(
        found.repositories["team/app"].tags
    )


def test_copy_is_exact() -> None:
    """Every byte, nothing more; what another repository has is mounted; a second run moves nothing."""
    source, target = filled(hides_tags=True), MemoryRegistry(hides_tags=True)
    done = _copy(source, target)
    assert not compare(_read(source), _read(target)) and not _read(target).problems
    assert all(
        target.content[digest] == content for digest, content in source.content.items() if digest in target.content
    )
    assert done.mounted >= 3 and done.deleted == 0
    again = _copy(source, target)
    assert again == transfer.Transfer()


def test_copy_follows_the_source() -> None:
    """Tags that were moved or deleted, and manifests that were deleted, are so at the target afterwards."""
    source, target = filled(), MemoryRegistry()
    _copy(source, target)
    app = source.stored["team/app"]
    moved = source.image("team/app", "moved", "v1")
    del app.tags["v2"]
    app.manifests.discard(app.tags.pop("nested"))
    source.image("new", "one", "v1")
    done = _copy(source, target)
    assert not compare(_read(source), _read(target))
    assert target.stored["team/app"].tags["v1"] == moved["digest"] and done.deleted == 3


@pytest.mark.parametrize("listed", ["catalog", "dry run", "tags"])
def test_sources_disagree(listed: str) -> None:
    """No inventory comes from a listing that lacks something."""
    source = filled()
    listing = source.listing()
    if listed == "catalog":
        source.faults["_catalog"] = lambda _heard, talk: talk.reply(200, {"repositories": ["r"]})
    elif listed == "dry run":
        listing.manifests["r"].clear()
    else:
        listing = Listing(problem="it ended with the exit code 1")
    with connected(source) as (api, _served), pytest.raises(IncompleteInventory):
        read_inventory(api, listing, hides_tags=False)


def test_problems_are_named() -> None:
    """A false 404, a missing blob, one of another size and a dangling tag are listed; nothing of them is believed to be absent."""
    source = filled()
    app = source.stored["team/app"]
    source.faults[f"GET .*{app.tags['v2']}"] = failing(404, "MANIFEST_UNKNOWN")
    source.faults["HEAD .*team/app/manifests/v10"] = failing(404, "MANIFEST_UNKNOWN")
    config = json.loads(source.content[app.tags["v1"]])["config"]
    app.blobs.discard(config["digest"])
    signed = source.stored["team/signed"]
    layer = json.loads(source.content[signed.tags["latest"]])["layers"][1]
    source.content[layer["digest"]] = b"truncated"
    found = _read(source)
    reasons = {item.name: item.reason for item in found.problems}
    assert "404" in reasons[f"team/app@{app.tags['v2']}"] and "tag" in reasons["team/app:v10"]
    assert "is missing" in reasons[f"team/app@{app.tags['v1']}"]
    assert "9 bytes instead of" in reasons[f"team/signed@{signed.tags['latest']}"]


def test_busy_store() -> None:
    """A 503 fails the inventory; a copy asks again."""
    source, target = filled(), MemoryRegistry()
    source.faults["GET .*/manifests/"] = failing(503)
    with pytest.raises(RegistryError):
        _read(source)
    # One that passes is asked again.
    source.faults["GET .*/manifests/"] = answer_times(failing(503), 2)
    wanted = _read(source)
    source.faults.clear()
    source.faults["GET .*/blobs/"] = answer_times(failing(503), 2)
    target.faults["PUT .*/manifests/"] = answer_times(failing(500), 1)
    target.faults["POST .*/uploads/"] = answer_times(lambda _heard, talk: Talk.reset(talk), 1)
    with connected(source, "the source") as (one, _), connected(target, "the target") as (two, _served):
        copier = transfer.Copier(one, two, sleep=lambda _seconds: None)
        copier.copy(wanted, Inventory())
    assert copier.done.repeated == 4 and not compare(wanted, _read(target))


def test_errors_name_the_registry() -> None:
    """A full target, and a source that ends in the middle of a blob."""
    source, target = filled(), MemoryRegistry()
    wanted = _read(source)
    target.faults["PUT .*/blobs/"] = failing(507)
    with connected(source, "the source") as (one, _), connected(target, "the target") as (two, _served):
        with pytest.raises(RegistryError, match="the target: "):
            transfer.Copier(one, two).copy(wanted, Inventory())
        target.faults.clear()
        header = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
        source.faults["GET .*/blobs/"] = lambda _heard, talk: talk.raw(header)
        with pytest.raises(RegistryError, match="the source: "):
            transfer.Copier(one, two, sleep=lambda _seconds: None).copy(wanted, Inventory())


def test_damaged_content() -> None:
    """A blob of the right size and other content is found by its digest; a sample is the same for the same seed."""
    source = filled()
    inventory = _read(source)
    everything = content_check.choose_blobs(inventory, content_check.FULL, "")
    sample = content_check.choose_blobs(inventory, content_check.SAMPLE, "seed")
    assert sample == content_check.choose_blobs(inventory, content_check.SAMPLE, "seed") and set(sample) <= set(
        everything
    )
    damaged = max(everything, key=lambda digest: inventory.blobs[digest])
    source.content[damaged] = b"x" * inventory.blobs[damaged]
    with connected(source) as (api, _served):
        found = content_check.find_damaged(api, inventory, everything)
    assert [name.partition("@")[2] for name in found] == [damaged]


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A large blob is never in memory as a whole."""
    size, block = 64 * 1024 * 1024, b"\0" * (1024 * 1024)
    header = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()

    def serve_large(_heard: object, talk: Talk) -> None:
        talk.raw(header)
        for _number in range(size // len(block)):
            talk.raw(block)

    with (
        connected(serve_large) as (api, _served),
        api.open_blob("r", "sha256:0") as blob,
        (tmp_path / "blob").open("wb") as file,
    ):
        tracemalloc.start()
        for part in blob.parts:
            file.write(part)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (tmp_path / "blob").stat().st_size == size and peak < 8 * 1024 * 1024
