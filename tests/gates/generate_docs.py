# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/backends/*.md: the prose of docs/backends/source, and tables out of plugins/module_utils/_storage.

A marker `<!-- table: NAME -->` on its own line becomes the table of that name. `make generate` runs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends import btp_object_store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    Backend,
    SecretKey,
    StoreRequest,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.azure_checks import TYPES
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.s3_regions import REGIONS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    LARGEST_INTEGER,
    OLDEST,
    Driver,
    Parameter,
    Version,
)
from ansible_collections.kyma.docker_registry.tests.gates.generated import write

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/backends"
SOURCES = PAGES / "source"
# Page to backend: the backend's name with dashes.
BACKENDS: dict[str, Backend] = {
    re.sub("([A-Z])", r"-\1", backend.name).lower(): backend for backend in (catalog.DEFAULT, *catalog.NAMED.values())
}
_MARKER = re.compile(r"^<!-- table: ([a-z -]+) -->$", re.MULTILINE)
_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |" for line in lines)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: int) -> str:
    """A number; where it is a round number of bytes, that as well."""
    for size, unit in ((_GIB, "GiB"), (_MIB, "MiB"), (_KIB, "KiB")):
        if value >= size and value % size == 0:
            return f"{value} ({value // size} {unit})"
    return str(value)


def _default(item: Parameter) -> str:
    if item.default is None:
        return ""
    if isinstance(item.default, bool):
        return f"`{str(item.default).lower()}`"
    if isinstance(item.default, int):
        # Only sizes are worth a unit.
        return _number(item.default) if item.default >= _KIB else str(item.default)
    return f"`{item.default}`"


def _release(version: Version) -> str:
    return ".".join(map(str, version))


def _bounds(item: Parameter) -> str:
    parts = []
    if item.minimum is not None:
        parts.append(f"at least {_number(item.minimum)}")
    if item.maximum < LARGEST_INTEGER // 2:
        parts.append(f"at most {_number(item.maximum)}")
    if item.multiple_of:
        parts.append(f"a multiple of {_number(item.multiple_of)}")
    if item.floor is not None:
        parts.append(f"below {item.floor} is raised to {item.floor}")
    if item.choices:
        note = " (in any case)" if item.choices_ignore_case else ""
        parts.append(f"one of {', '.join(f'`{choice}`' for choice in item.choices)}{note}")
    for name, since in item.newer_choices.items():
        parts.append(f"`{name}` since Distribution {_release(since)}")
    if item.since > OLDEST:
        parts.append(f"since Distribution {_release(item.since)}")
    if item.type == "duration":
        parts.append("numbers with `ns`, `us`, `ms`, `s`, `m` or `h`")
    return "; ".join(parts)


def fields(backend: Backend) -> str:
    """The fields of the backend in the CR."""
    return table(
        ("field", "type", "required", "meaning", "also accepted"),
        (
            (
                f"`{item.name}`",
                item.type,
                "yes" if item.required else "no",
                item.description,
                ", ".join(f"`{alias}`" for alias in item.aliases),
            )
            for item in backend.fields
        ),
    )


def secret_keys(keys: Iterable[SecretKey]) -> str:
    """The keys of a Secret."""
    return table(
        ("key", "required", "kind", "meaning", "also accepted"),
        (
            (
                f"`{key.name}`",
                "yes" if key.required else "no",
                "credential" if key.secret else "name",
                _sentence(key.description),
                ", ".join(f"`{alias}`" for alias in key.aliases),
            )
            for key in keys
        ),
    )


def azure_keys(backend: Backend) -> str:
    """The keys of Azure's Secret: which are required depends on the way to authenticate."""
    needed = {kind: missing_keys(backend, kind) for kind in TYPES}
    return table(
        ("key", "kind", *(f"`{kind}`" for kind in TYPES), "meaning"),
        (
            (
                f"`{key.name}`",
                "credential" if key.secret else "name",
                *("required" if key.name in needed[kind] else "not read" for kind in TYPES),
                _sentence(key.description),
            )
            for key in backend.secret_keys
        ),
    )


def missing_keys(backend: Backend, kind: str) -> set[str]:
    """The keys that are asked for when the Secret is empty."""
    _store, found = backend.store(StoreRequest({"secretName": "empty"}, {}, {"credentials": {"type": kind}}))
    return {item.path.rpartition(".")[2] for item in found if item.code == "secret-missing-key"}


def parameters(driver: Driver, taken: Mapping[str, str]) -> str:
    """The driver parameters that users may set."""
    return table(
        ("parameter", "type", "default", "limits", "meaning"),
        (
            (f"`{item.name}`", item.type, _default(item), _bounds(item), item.description)
            for item in driver.parameters
            if item.name not in taken
        ),
    )


def rejected(driver: Driver, taken: Mapping[str, str]) -> str:
    """The driver parameters that are known and rejected, and what to do instead."""
    return table(
        ("parameter", "why", "instead"),
        (
            *((f"`{name}`", "Is set elsewhere.", remedy) for name, remedy in sorted(taken.items())),
            *((f"`{item.name}`", _sentence(item.message), item.remedy) for item in driver.rejected),
        ),
    )


def tables(page: str) -> dict[str, str]:
    """All tables of a page by the marker's name."""
    backend = BACKENDS[page]
    found = {"fields": fields(backend)} if backend.fields else {}
    if page == "s3":
        found["regions"] = ", ".join(f"`{region}`" for region in sorted(REGIONS)) + "."
    if page == "btp-object-store":
        found["secret aws"] = secret_keys(btp_object_store.AWS_KEYS)
        found["secret gcp"] = secret_keys(btp_object_store.GCP_KEYS)
        for name, driver in zip(("aws", "gcp"), backend.drivers, strict=True):
            taken = {
                item.name: backend.taken_parameters[item.name]
                for item in driver.parameters
                if item.name in backend.taken_parameters
            }
            found[f"parameters {name}"] = parameters(driver, taken)
        return found
    if backend.secret_keys:
        found["secret"] = azure_keys(backend) if page == "azure" else secret_keys(backend.secret_keys)
    (driver,) = backend.drivers
    found["parameters"] = parameters(driver, backend.taken_parameters)
    found["rejected"] = rejected(driver, backend.taken_parameters)
    return found


def page_text(page: str, source: str) -> str:
    """The page. Raises KeyError for a marker of no table."""
    known = tables(page)
    note = f"<!-- Made by `make generate` from docs/backends/source/{page}.md and the code. Change those. -->"
    return f"{note}\n{_MARKER.sub(lambda match: known[match[1]], source)}"


def pages() -> dict[Path, str]:
    """All pages as they must be."""
    return {
        PAGES / f"{page}.md": page_text(page, (SOURCES / f"{page}.md").read_text(encoding="utf-8")) for page in BACKENDS
    }


if __name__ == "__main__":
    write(pages())
