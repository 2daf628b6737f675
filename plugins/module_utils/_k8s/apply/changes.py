# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an apply changed, as paths without values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects

from .foreign_variables import ForeignVariable


@dataclass(frozen=True)
class Applied:
    """What an apply did, or would do. fields: changed paths, never values. foreign: variables of other clients that it has replaced."""

    after: objects.ObjectDict
    changed: bool
    fields: list[str] = field(default_factory=list)
    foreign: tuple[ForeignVariable, ...] = ()


def changed_fields(before: Mapping[str, Any] | None, after: Mapping[str, Any], limit: int = 50) -> list[str]:
    """Sorted paths that differ, e.g. `spec.replicas`, `data.config.yml`; never a value. At most `limit`."""
    paths: list[str] = []
    _collect(_stripped(before or {}), _stripped(after), "", paths)
    return sorted(paths)[:limit]


def has_changed(before: Mapping[str, Any], after: Mapping[str, Any], manager: str, subresource: str = "") -> bool:
    """Whether the apply between these two changed something: the content, or what `manager` owns.

    Concurrent changes by others are ignored as far as they can be recognised: their ownership, and the status unless it was applied.
    """
    if _owned_content(before, manager, subresource) != _owned_content(after, manager, subresource):
        return True
    ignored = () if subresource else ("status",)
    return _stripped(before, *ignored) != _stripped(after, *ignored)


def _stripped(obj: Mapping[str, Any], *ignored: str) -> dict[str, Any]:
    metadata = {key: value for key, value in objects.metadata_of(obj).items() if key not in objects.SERVER_METADATA}
    content = {key: value for key, value in obj.items() if key not in ("metadata", "apiVersion", "kind", *ignored)}
    return {**content, "metadata": metadata}


def _owned_content(obj: Mapping[str, Any], manager: str, subresource: str) -> list[Any]:
    """What the manager owns by its applies, without the time."""
    entries = objects.managed_entries(obj, manager, subresource=subresource)
    return [(entry.get("apiVersion"), entry.get("fieldsV1")) for entry in entries]


def _collect(before: Any, after: Any, path: str, paths: list[str]) -> None:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            _collect(before.get(key), after.get(key), f"{path}.{key}" if path else str(key), paths)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            label = new.get("name", index) if isinstance(new, Mapping) else index
            _collect(old, new, f"{path}[{label}]", paths)
    elif before is None and isinstance(after, Mapping) and after:
        _collect({}, after, path, paths)
    elif before != after:
        paths.append(path)
