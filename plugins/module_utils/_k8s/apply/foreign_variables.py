# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of containers that make the API server reject a server-side apply: another client has set them in the other form.

`kubectl set env` writes a value into a variable that the collection takes from a Secret. No field of the two is the same, so an apply does not
replace the value, not even with force, and the API server rejects a variable with a value and a reference. So the collection first becomes the owner of
the value: then its apply removes it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, objects

_CONTAINERS = ("containers", "initContainers")
_FORMS = ("value", "valueFrom")
# Kind of container, container, variable.
_Place = tuple[str, str, str]


@dataclass(frozen=True)
class ForeignVariable:
    """A variable that another client has set. form: the field of it that excludes ours, as in fieldsV1. manager: who owns that field."""

    kind: str
    container: str
    name: str
    form: str
    manager: str


def find_blocking(desired: Mapping[str, Any], live: Mapping[str, Any]) -> list[ForeignVariable]:
    """The variables of `live` that make the API server reject `desired`. desired: of any shape, as a caller gave it."""
    found = []
    for kind in _CONTAINERS:
        wanted = {str(item.get("name")): item for item in _containers(desired, kind)}
        for container in _containers(live, kind):
            ours = {str(item.get("name")): item for item in _variables(wanted.get(str(container.get("name")), {}))}
            for variable in _variables(container):
                place = (kind, str(container.get("name")), str(variable.get("name")))
                form = _excluded_form(ours.get(place[2], {}), variable)
                manager = _other_manager(live, place, form) if form else None
                if manager is not None:
                    found.append(ForeignVariable(*place, f"f:{form}", manager))
    return found


def ownership_patch(live: Mapping[str, Any], found: Sequence[ForeignVariable]) -> list[dict[str, Any]]:
    """JSON patch that makes the collection the owner of the other clients' forms of these variables: the next apply replaces them in one write.

    It changes managedFields only, so no Pod is replaced. It fails if the specification or one of these entries has changed since `live` was read.
    """
    metadata = live["metadata"]
    entries = [*copy.deepcopy(metadata["managedFields"]), _new_entry(live)]
    # An apply through another version of the API has another entry.
    ours = objects.managed_entries({"metadata": {"managedFields": entries}})
    own: Any = next(entry for entry in ours if entry.get("apiVersion") == live["apiVersion"])
    for variable in found:
        place = (variable.kind, variable.container, variable.name)
        for entry in entries:
            fields = _owned(entry, place)
            if entry is not own and variable.form in fields:
                _fields_at(own, place)[variable.form] = fields.pop(variable.form)
    changes = []
    for index, (former, entry) in enumerate(zip(metadata["managedFields"], entries, strict=False)):
        if former != entry:
            path = f"/metadata/managedFields/{index}"
            changes += [{"op": "test", "path": path, "value": former}, {"op": "replace", "path": path, "value": entry}]
    if own is entries[-1]:
        changes.append({"op": "add", "path": "/metadata/managedFields/-", "value": own})
    return [
        {"op": "test", "path": "/metadata/uid", "value": metadata["uid"]},
        {"op": "test", "path": "/metadata/generation", "value": metadata["generation"]},
        *changes,
    ]


def _new_entry(live: Mapping[str, Any]) -> dict[str, Any]:
    """The collection's entry of an object that it has never applied."""
    named = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "apiVersion": live["apiVersion"]}
    return {**named, "fieldsType": "FieldsV1", "fieldsV1": {}}


def without_variables(item: Mapping[str, Any], found: Sequence[ForeignVariable]) -> dict[str, Any]:
    """A copy of the Deployment without these variables."""
    return _with_variables(item, found, {})


def with_variables(
    item: Mapping[str, Any], desired: Mapping[str, Any], found: Sequence[ForeignVariable]
) -> dict[str, Any]:
    """A copy of the Deployment with these variables as they are desired, in place of those that it has."""
    wanted = {
        (kind, str(container.get("name")), str(variable.get("name"))): variable
        for kind in _CONTAINERS
        for container in _containers(desired, kind)
        for variable in _variables(container)
    }
    return _with_variables(item, found, wanted)


def _with_variables(
    item: Mapping[str, Any], found: Sequence[ForeignVariable], wanted: Mapping[_Place, Mapping[str, Any]]
) -> dict[str, Any]:
    pod = dict(item["spec"]["template"]["spec"])
    for kind in _CONTAINERS:
        for position, container in enumerate(_containers(item, kind)):
            names = [
                variable.name
                for variable in found
                if (variable.kind, variable.container) == (kind, container.get("name"))
            ]
            if names:
                kept = [variable for variable in _variables(container) if variable.get("name") not in names]
                ours = [wanted[kind, str(container["name"]), name] for name in names if wanted]
                pod[kind] = [*pod[kind][:position], {**container, "env": [*kept, *ours]}, *pod[kind][position + 1 :]]
    template = {**item["spec"]["template"], "spec": pod}
    return {**item, "spec": {**item["spec"], "template": template}}


def _containers(item: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    value: Any = item
    for name in ("spec", "template", "spec", kind):
        value = value.get(name) if isinstance(value, Mapping) else None
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _variables(container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    value = container.get("env")
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _excluded_form(ours: Mapping[str, Any], live: Mapping[str, Any]) -> str:
    """The form of the live variable that excludes ours, '' if they fit. An empty value fits a reference."""
    for form, other in (_FORMS, reversed(_FORMS)):
        if live.get(form) and ours.get(other):
            return form
    return ""


def _other_manager(live: Mapping[str, Any], place: _Place, form: str) -> str | None:
    """Who owns the field beside our applies, which an apply would not remove; None if there is no other."""
    ours = {id(entry) for entry in objects.managed_entries(live)}
    for entry in objects.metadata_of(live).get("managedFields") or []:
        if id(entry) not in ours and f"f:{form}" in _owned(entry, place):
            return str(entry.get("manager") or "")
    return None


def _owned(entry: Mapping[str, Any], place: _Place) -> Any:
    """What an entry owns of a variable, in the form of fieldsV1; empty if it owns nothing."""
    fields = entry.get("fieldsV1") or {}
    for key in _path(place):
        fields = fields.get(key) or {}
    return fields


def _fields_at(entry: dict[str, Any], place: _Place) -> dict[str, Any]:
    """The same, to be changed: what is missing on the way is added."""
    fields: dict[str, Any] = entry["fieldsV1"]
    for key in _path(place):
        fields = fields.setdefault(key, {})
    return fields


def _path(place: _Place) -> tuple[str, ...]:
    """The keys in fieldsV1 that lead to a variable."""
    kind, container, variable = place
    return ("f:spec", "f:template", "f:spec", f"f:{kind}", _key(container), "f:env", _key(variable))


def _key(name: str) -> str:
    return f"k:{json.dumps({'name': name}, separators=(',', ':'))}"
