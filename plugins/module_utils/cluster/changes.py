# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an apply changed, as paths without values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Kept by the server about the object; a change of these alone is no change of what somebody wants.
_BOOKKEEPING = frozenset({"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink"})


def changed_fields(before: Mapping[str, Any] | None, after: Mapping[str, Any], limit: int = 50) -> list[str]:
    """Sorted paths that differ, e.g. `spec.replicas`, `data.config.yml`; never a value. At most `limit`."""
    paths: list[str] = []
    _collect(_stripped(before or {}), _stripped(after), "", paths)
    return sorted(paths)[:limit]


def same_but_bookkeeping(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """True where a dry run's answer would be stored as it is: equal content, and equal ownership but for its times."""
    return _stripped(before) == _stripped(after) and _owners(before) == _owners(after)


def _stripped(obj: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in _BOOKKEEPING}
    content = {key: value for key, value in obj.items() if key not in ("metadata", "apiVersion", "kind")}
    return {**content, "metadata": metadata}


def _owners(obj: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = (obj.get("metadata") or {}).get("managedFields") or []
    bare = [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
    return sorted(
        bare, key=lambda entry: (str(entry.get("manager")), str(entry.get("operation")), str(entry.get("subresource")))
    )


def _collect(before: Any, after: Any, path: str, paths: list[str]) -> None:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            _collect(before.get(key), after.get(key), f"{path}.{key}" if path else str(key), paths)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after)):
            label = new.get("name", index) if isinstance(new, Mapping) else index
            _collect(old, new, f"{path}[{label}]", paths)
    elif before is None and isinstance(after, Mapping) and after:
        _collect({}, after, path, paths)
    elif before != after:
        paths.append(path)
