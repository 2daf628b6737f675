# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Would a server-side apply change an object? Decided from one GET, without a request. Pure.

The entry of our field manager in `managedFields` serves as the schema of what we applied last: `f:` a mapping whose fields are owned one
by one, `k:` a list whose items are found by keys, `v:` a set, `{}` a value owned as a whole. Desired, live and that entry are walked
together. Any doubt means "it differs": the server then decides, and an unchanged resourceVersion means that nothing changed.
So a needless yes costs a request; a wrong no would lose a change and must not happen.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects, quantity

Path = tuple[str, ...]

_MISSING: Any = object()
_BUILTIN_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy"})
_FREE_MAPS = frozenset({"labels", "annotations", "data", "binaryData", "matchLabels", "nodeSelector", "selector"})
_BASE64_FIELDS = frozenset({("Secret", "data"), ("ConfigMap", "binaryData")})
# What the server fills in inside values owned as a whole and in the keys of lists: (parent or None for any, field) -> value.
_FILLED_IN: dict[tuple[str | None, str], Any] = {
    (None, "protocol"): "TCP",
    ("fieldRef", "apiVersion"): "v1",
    ("resourceFieldRef", "divisor"): "0",
    ("serviceAccountToken", "expirationSeconds"): 3600,
}
# Ways in which a request names the object, and guards it: no fields that are owned.
_NAMING = frozenset({"name", "namespace", "resourceVersion", "uid"})


class _DifferenceError(Exception):
    """Ends the walk; `path` is where the first difference is."""

    def __init__(self, path: Path) -> None:
        super().__init__(".".join(path))
        self.path = path


def remove_nulls(value: Any) -> Any:
    """The form to send and to compare: without nulls in mappings (an apply takes null for a value, not for removal)."""
    if isinstance(value, Mapping):
        return {key: remove_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [remove_nulls(item) for item in value]
    return value


def find_difference(
    desired: Mapping[str, Any], live: Mapping[str, Any] | None, manager: str, subresource: str = ""
) -> Path | None:
    """None if applying `desired` would change nothing, else the path (or the reason) of the first difference.

    desired: the whole of what the manager is to own. live: the object as the server returned it, None if it does not exist.
    """
    if live is None:
        return ("absent",)
    if "stringData" in desired:
        return ("stringData",)
    pruned = remove_nulls(desired)
    metadata = {key: value for key, value in pruned.get("metadata", {}).items() if key not in _NAMING}
    wanted = {key: value for key, value in pruned.items() if key not in ("apiVersion", "kind", "metadata")}
    if metadata:
        wanted["metadata"] = metadata
    entries = objects.managed_entries(live, manager, subresource=subresource)
    if not wanted and not any(entry.get("fieldsV1") for entry in entries):
        return None  # We want to own nothing and own nothing: the server keeps no entry for that.
    if len(entries) != 1 or entries[0].get("apiVersion") != desired.get("apiVersion"):
        return ("managedFields",)
    fields = entries[0].get("fieldsV1") or {}
    try:
        _Comparison(desired).compare_node(wanted, live, fields, ())
    except _DifferenceError as found:
        return found.path or ("root",)
    return None


class _Comparison:
    """The three trees walked together. Methods return if nothing differs and raise _DifferenceError otherwise."""

    def __init__(self, desired: Mapping[str, Any]) -> None:
        group = str(desired.get("apiVersion", "")).rpartition("/")[0]
        # Knowledge about defaults and quantities holds for Kubernetes' own types only.
        self.builtin = group in _BUILTIN_GROUPS or (group.endswith(".k8s.io") and group.count(".") == 2)
        self.kind = str(desired.get("kind", ""))

    def compare_node(self, wanted: Any, live: Any, fields: Mapping[str, Any], path: Path) -> None:
        """By the form of our entry at this place."""
        names = [name for name in fields if name != "."]
        if not names:
            if path and "." in fields and wanted not in ({}, []):
                raise _DifferenceError(path)
            self.compare_leaf(wanted, live, path)
            return
        tags = {name[:2] for name in names}
        if live is _MISSING or len(tags) != 1:
            raise _DifferenceError(path)
        tag = tags.pop()
        if tag == "f:":
            self.compare_mapping(wanted, live, fields, names, path)
        elif tag == "k:":
            self.compare_keyed_list(wanted, live, fields, names, path)
        elif tag == "v:":
            self.compare_set(wanted, live, names, path)
        else:
            raise _DifferenceError(path)

    def compare_mapping(self, wanted: Any, live: Any, fields: Mapping[str, Any], names: list[str], path: Path) -> None:
        """Exactly the fields that we own already, each without a difference."""
        if not isinstance(wanted, dict) or not isinstance(live, Mapping):
            raise _DifferenceError(path)
        for key in sorted(str(key) for key in wanted):
            if f"f:{key}" not in fields:
                raise _DifferenceError((*path, key))
        for name in names:
            if name[2:] not in wanted:
                raise _DifferenceError((*path, name[2:]))
        for key, value in wanted.items():
            self.compare_node(value, live.get(key, _MISSING), fields[f"f:{key}"], (*path, key))

    def compare_keyed_list(
        self, wanted: Any, live: Any, fields: Mapping[str, Any], names: list[str], path: Path
    ) -> None:
        """Items found by their keys, as many as we own, in their order."""
        if not isinstance(wanted, list) or not isinstance(live, list) or len(wanted) != len(names):
            raise _DifferenceError(path)
        keys = [(json.loads(name[2:]), fields[name]) for name in names]
        places: list[int] = []
        for item in wanted:
            hits = [(key, below) for key, below in keys if self.has_keys(item, key)]
            found = [index for index, other in enumerate(live) if len(hits) == 1 and self.has_keys(other, hits[0][0])]
            label = str(item.get("name", len(places))) if isinstance(item, dict) else str(len(places))
            if len(found) != 1:
                raise _DifferenceError((*path, label))
            places.append(found[0])
            self.compare_node(item, live[found[0]], hits[0][1], (*path, label))
        if sorted(set(places)) != places:
            raise _DifferenceError(path)

    def compare_set(self, wanted: Any, live: Any, names: list[str], path: Path) -> None:
        """A set of scalars: the ones that we own, in their order."""
        owned = [json.loads(name[2:]) for name in names]
        if not isinstance(wanted, list) or not isinstance(live, list) or len(wanted) != len(owned):
            raise _DifferenceError(path)
        if any(_index(owned, item) is None for item in wanted):
            raise _DifferenceError(path)
        places = [_index(live, item) for item in wanted]
        known = [place for place in places if place is not None]
        if len(known) != len(places) or sorted(set(known)) != known:
            raise _DifferenceError(path)

    def has_keys(self, item: Any, key: Mapping[str, Any]) -> bool:
        """True if the item has these keys, including keys that the server fills in."""
        if not isinstance(item, Mapping):
            return False
        for name, value in key.items():
            mine = item.get(name, _FILLED_IN.get((None, name), _MISSING) if self.builtin else _MISSING)
            if type(mine) is not type(value) or mine != value:
                return False
        return True

    def compare_leaf(self, wanted: Any, live: Any, path: Path) -> None:
        """A field that we own. Kubernetes' own types leave out zero values, so one that is missing was that."""
        typed = self.builtin or path[:1] == ("metadata",)
        # An empty structure is something else than none, though: `emptyDir: {}`.
        if typed and live is _MISSING and not wanted and (not isinstance(wanted, dict) or path[-1] in _FREE_MAPS):
            return
        self.compare_whole(wanted, live, path)

    def compare_whole(self, wanted: Any, live: Any, path: Path) -> None:
        """A value that is owned as a whole. In it {} and nothing, "" and nothing are two: `podSelector: {}` selects all."""
        if isinstance(wanted, dict) and isinstance(live, Mapping):
            for key, value in wanted.items():
                self.compare_whole(value, live.get(key, _MISSING), (*path, key))
            for key in live.keys() - wanted.keys():
                if not self.is_filled_in(path, key, live[key]):
                    raise _DifferenceError((*path, key))
        elif isinstance(wanted, list) and isinstance(live, list):
            if len(wanted) != len(live):
                raise _DifferenceError(path)
            for index, (mine, theirs) in enumerate(zip(wanted, live, strict=True)):
                self.compare_whole(mine, theirs, (*path, str(index)))
        else:
            self.compare_scalar(wanted, live, path)

    def is_filled_in(self, path: Path, key: str, value: Any) -> bool:
        """True for a field inside a whole value that the server added by itself."""
        parent = path[-1] if path else ""
        default = _FILLED_IN.get((parent, key), _FILLED_IN.get((None, key), _MISSING))
        return self.builtin and type(default) is type(value) and bool(default == value)

    def compare_scalar(self, wanted: Any, live: Any, path: Path) -> None:
        """A text, number or truth value; types count (1 is not True, "1" is not 1)."""
        if type(wanted) is type(live) and wanted == live:
            return
        if isinstance(wanted, float) and isinstance(live, int) and not isinstance(live, bool) and wanted == live:
            return
        if (
            self.builtin
            and live is not _MISSING
            and (self.same_quantity(wanted, live, path) or self.same_bytes(wanted, live, path))
        ):
            return
        raise _DifferenceError(path)

    def same_quantity(self, wanted: Any, live: Any, path: Path) -> bool:
        """True for two spellings of one quantity, in fields that the API defines as quantities."""
        return quantity.is_quantity_field(path) and quantity.same_quantity(wanted, live)

    def same_bytes(self, wanted: Any, live: Any, path: Path) -> bool:
        """True for two spellings of the same base64 data, in fields that the API defines as bytes."""
        if (self.kind, path[0]) not in _BASE64_FIELDS or not isinstance(wanted, str) or not isinstance(live, str):
            return False
        try:
            # Go's decoder skips line ends, and nothing else.
            return base64.b64decode(wanted.replace("\n", "").replace("\r", ""), validate=True) == base64.b64decode(live)
        except (binascii.Error, ValueError):
            return False


def _index(items: list[Any], wanted: Any) -> int | None:
    """Place of the scalar, by type and value."""
    for index, item in enumerate(items):
        if type(item) is type(wanted) and item == wanted:
            return index
    return None
