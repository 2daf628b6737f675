# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of containers that make the API server reject a server-side apply: another client has set them in the other form.

`kubectl set env` writes a value into a variable that the collection takes from a Secret. No field of the two is the same, so an apply does not
replace the value, not even with force, and the API server rejects a variable with a value and a reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects

_CONTAINERS = ("containers", "initContainers")
_FORMS = ("value", "valueFrom")
# Kind of container, container, variable.
_Place = tuple[str, str, str]


@dataclass(frozen=True)
class ForeignVariable:
    """A variable that another client has set. path: its place in the Deployment, as a JSON pointer. manager: of its fields."""

    kind: str
    container: str
    name: str
    path: str
    manager: str


def find_blocking(desired: Mapping[str, Any], live: Mapping[str, Any]) -> list[ForeignVariable]:
    """The variables of `live` that make the API server reject `desired`. desired: of any shape, as a caller gave it."""
    found = []
    for kind in _CONTAINERS:
        wanted = {str(item.get("name")): item for item in _containers(desired, kind)}
        for position, container in enumerate(_containers(live, kind)):
            ours = {str(item.get("name")): item for item in _variables(wanted.get(str(container.get("name")), {}))}
            for index, variable in enumerate(_variables(container)):
                path = f"/spec/template/spec/{kind}/{position}/env/{index}"
                place = (kind, str(container.get("name")), str(variable.get("name")))
                form = _excluded_form(ours.get(place[2], {}), variable)
                manager = _other_manager(live, place, form) if form else None
                if manager is not None:
                    found.append(ForeignVariable(*place, path, manager))
    return found


def variable_removal_patch(live: Mapping[str, Any], found: Sequence[ForeignVariable]) -> list[dict[str, Any]]:
    """JSON patch that removes the variables, so that the apply adds them. It fails if the specification has changed since `live` was read.

    Without their fields the other client owns nothing of them any more: they can be removed later.
    """
    metadata = live["metadata"]
    return [
        {"op": "test", "path": "/metadata/uid", "value": metadata["uid"]},
        {"op": "test", "path": "/metadata/generation", "value": metadata["generation"]},
        # The last first: an index is that of the list before.
        *({"op": "remove", "path": item.path} for item in reversed(found)),
    ]


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


def _owned(entry: Mapping[str, Any], place: _Place) -> Mapping[str, Any]:
    kind, container, variable = place
    fields = objects.owned_fields(entry, "spec", "template", "spec", kind)
    for key in (_key(container), "f:env", _key(variable)):
        fields = fields.get(key) or {}
    return fields


def _key(name: str) -> str:
    return f"k:{json.dumps({'name': name}, separators=(',', ':'))}"
