# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the API server did a write whose answer got lost. Then its repetition is rejected: the object exists, or has another version. Pure.

If it is not certain, the answer is no, and the refusal of the repetition is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import quantity

_MISSING, _UNKNOWN = object(), object()


def without_version(obj: Mapping[str, Any]) -> dict[str, Any]:
    """The object, or merge patch, without the version to which it was bound."""
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key != "resourceVersion"}
    return {**obj, "metadata": metadata}


def is_created(obj: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    """Whether the live object has all that the creation asked for; the server adds defaults, also to lists of mappings: tolerations, volumes."""
    return _contains(live, obj)


def is_patched(patch: Any, live: Mapping[str, Any]) -> bool:
    """Whether the live object already has the content of a JSON patch (list) or a merge patch (mapping). Conditions of the patch are ignored."""
    if isinstance(patch, Mapping):
        return _is_merged(without_version(patch), live)
    return all(_is_done(step, live) for step in patch if step["op"] != "test")


def _contains(live: Any, wanted: Any, path: tuple[str, ...] = ()) -> bool:
    """path: names of the fields above the value; items of a list have that of the list."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(
            value is None or _contains(live.get(key), value, (*path, key)) for key, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(live, list) and all(isinstance(item, Mapping) for item in live):
        return all(any(_contains(item, part, path) for item in live) for part in wanted)
    return bool(live == wanted) or (quantity.is_quantity_field(path) and quantity.same_quantity(wanted, live))


def _is_merged(patch: Any, live: Any) -> bool:
    if not isinstance(patch, Mapping):
        return bool(patch == live)
    found = live if isinstance(live, Mapping) else {}
    return all(key not in found if value is None else _is_merged(value, found.get(key)) for key, value in patch.items())


def _is_done(step: Mapping[str, Any], live: Any) -> bool:
    found = _at(live, step["path"])
    if step["op"] == "remove":
        return found is _MISSING
    return step["op"] in ("add", "replace") and bool(found == step["value"])


def _at(value: Any, path: str) -> Any:
    """The value at a JSON pointer: _MISSING if there is none, _UNKNOWN in a list, where another item may have the index now."""
    for part in path.split("/")[1:]:
        if isinstance(value, list):
            return _UNKNOWN
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, Mapping) or key not in value:
            return _MISSING
        value = value[key]
    return value
