# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the content of blobs with their digests: of all, or of a sample that a seed chooses."""

from __future__ import annotations

import hashlib

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent

from .client import ImageRegistry
from .graph import Inventory

FULL, SAMPLE = "full", "sample"
# Blobs of a sample: this part of them, and at least so many.
_PART = 20
_LEAST = 20
_MIB = 1024 * 1024


def choose_blobs(inventory: Inventory, mode: str, seed: str) -> list[str]:
    """Digests of the blobs whose content is compared. The same seed chooses the same blobs of the same inventory."""
    digests = sorted(inventory.blobs)
    if mode == FULL:
        return digests
    ordered = sorted(digests, key=lambda digest: hashlib.sha256(f"{seed} {digest}".encode()).digest())
    return sorted(ordered[: max(_LEAST, len(digests) // _PART)])


def find_damaged(registry: ImageRegistry, inventory: Inventory, chosen: list[str], progress: Say = silent) -> list[str]:
    """`repository@digest` of the blobs whose content has another digest. Each is read once, in one of its repositories."""
    places = {digest: item.name for item in inventory.repositories.values() for digest in item.blobs}
    total, done = sum(inventory.blobs[digest] for digest in chosen), 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        progress(f"{done / _MIB:.1f} of {total / _MIB:.1f} MiB compared")

    return [f"{places[digest]}@{digest}" for digest in chosen if not registry.hash_blob(places[digest], digest, count)]
