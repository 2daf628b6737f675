# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two inventories side by side: what a target lacks, and what it has and must not have. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .graph import Inventory, Repository

# Names of differences that a message shows.
SHOWN = 5


@dataclass(frozen=True)
class InventoryDifferences:
    """Each is a tuple of `repository:tag` or `repository@digest`.

    missing, extra: manifests. missing_tags, extra_tags: tags; one that points elsewhere is missing. missing_blobs: layers and configurations that
    the target does not have, or has in another size.
    """

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    missing_tags: tuple[str, ...] = ()
    extra_tags: tuple[str, ...] = ()
    missing_blobs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True if there is a difference."""
        return any((self.missing, self.extra, self.missing_tags, self.extra_tags, self.missing_blobs))

    def describe(self) -> str:
        """In one line, with some of the names."""
        texts = {
            "missing": "manifests are missing",
            "missing_tags": "tags are missing or point elsewhere",
            "missing_blobs": "blobs are missing or have another size",
            "extra": "manifests are not at the source",
            "extra_tags": "tags are not at the source",
        }
        found = [
            f"{len(names)} {text} ({_some(names)})" for name, text in texts.items() if (names := getattr(self, name))
        ]
        return "; ".join(found) or "none"


def compare(source: Inventory, target: Inventory) -> InventoryDifferences:
    """What is different at the target. A repository without tags and manifests is not there: a registry keeps the names of emptied ones."""
    found: dict[str, list[str]] = {name: [] for name in InventoryDifferences.__dataclass_fields__}
    for name in sorted({*source.repositories, *target.repositories}):
        wanted = source.repositories.get(name) or Repository(name)
        has = target.repositories.get(name) or Repository(name)
        found["missing"] += _named(name, "@", wanted.manifests.keys() - has.manifests.keys())
        found["extra"] += _named(name, "@", has.manifests.keys() - wanted.manifests.keys())
        found["missing_tags"] += _named(name, ":", dict(wanted.tags.items() - has.tags.items()))
        found["extra_tags"] += _named(name, ":", has.tags.keys() - wanted.tags.keys())
        found["missing_blobs"] += _named(name, "@", dict(wanted.blobs.items() - has.blobs.items()))
    return InventoryDifferences(**{name: tuple(names) for name, names in found.items()})


def _named(repository: str, separator: str, names: Iterable[str]) -> list[str]:
    return [f"{repository}{separator}{name}" for name in sorted(names)]


def _some(names: tuple[str, ...]) -> str:
    more = ", ..." if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
