# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of an object that our field manager owns: what an apply has to contain to change nothing. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects

_MISSING: Any = object()
# Fields that the API server leaves out of its answer if they are empty, and that are owned anyway.
_LEFT_OUT: dict[str, Any] = {"value": "", "nodeSelector": {}, "tolerations": [], "labels": {}, "annotations": {}}
# Mappings whose fields are owned one by one: an apply of an empty one owns nothing of what other managers write into it.
_FIELD_BY_FIELD = frozenset({"labels", "annotations"})


def owned_part(live: Mapping[str, Any], manager: str) -> dict[str, Any] | None:
    """The object with the fields that the manager has applied and still owns; None if it has applied none.

    live: the object as the server returned it, with its managedFields.
    """
    entries = objects.managed_entries(live, manager)
    if len(entries) != 1:
        return None
    owned = _select(live, entries[0].get("fieldsV1") or {})
    metadata = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
    metadata.update(owned.get("metadata") or {})
    return {**owned, "apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}


def _select(value: Any, fields: Mapping[str, Any]) -> Any:
    """The owned part of a value. fields: its entry in `fieldsV1`; without names below it, the value is owned as a whole."""
    names = [name for name in fields if name != "."]
    if not names or not isinstance(value, (Mapping, list)):
        return value
    if isinstance(value, Mapping):
        present = {**{key: zero for key, zero in _LEFT_OUT.items() if f"f:{key}" in fields}, **value}
        return {
            name[2:]: {}
            if not fields[name] and name[2:] in _FIELD_BY_FIELD
            else _select(present[name[2:]], fields[name])
            for name in names
            if name[2:] in present
        }
    return [found for item in value if (found := _select_item(item, fields, names)) is not _MISSING]


def _select_item(item: Any, fields: Mapping[str, Any], names: list[str]) -> Any:
    """The owned part of a list's item, which is found by its keys (`k:`) or by its value (`v:`)."""
    for name in names:
        wanted = json.loads(name[2:])
        if name.startswith("v:") and item == wanted:
            return item
        if name.startswith("k:") and all(item.get(key) == part for key, part in wanted.items()):
            return _select(item, fields[name])
    return _MISSING
