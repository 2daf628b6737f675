# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CR's spec.storage: what a user pasted, checked and resolved to one backend. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Finding, error, errors, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.base import Backend, Field

DELETE_ENABLED = "deleteEnabled"
_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int}


@dataclass(frozen=True)
class Resolved:
    """One backend with its values, and what follows from them. spec: what goes into the CR, None = left out."""

    kind: Backend
    values: Mapping[str, Any] = field(default_factory=dict)
    delete_enabled: bool = False
    spec: dict[str, Any] | None = None

    @property
    def backend(self) -> str:
        """The backend's name in the CR."""
        return self.kind.name

    @property
    def route(self) -> str:
        """The route as in status.storage."""
        return self.kind.route(self.values)

    @property
    def holder(self) -> str:
        """What holds the images."""
        return self.kind.holder(self.values)

    @property
    def claim(self) -> str | None:
        """The claim that is mounted, None for object stores."""
        return self.kind.claim(self.values)

    @property
    def driver(self) -> tuple[str, dict[str, Any]]:
        """Distribution's driver and its parameters."""
        return self.kind.driver(self.values)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant: first by letters regardless of case, then the most similar."""
    choices = list(known)
    for choice in choices:
        if choice.lower() == name.lower():
            return choice
    close = difflib.get_close_matches(name.lower(), [choice.lower() for choice in choices], n=1, cutoff=0.6)
    return next((choice for choice in choices if close and choice.lower() == close[0]), None)


def check(storage: object, path: str) -> tuple[Resolved | None, tuple[Finding, ...]]:
    """Resolves spec.storage. None, '' and {} mean the default volume.

    Returns the resolved storage, None where an error was found, and all findings; path is where the user wrote it.
    """
    if storage is None or (isinstance(storage, (str, Mapping)) and not storage):
        return Resolved(catalog.DEFAULT), ()
    if not isinstance(storage, Mapping):
        message = f"is {_kind(storage)}; spec.storage is a mapping."
        return None, (error("storage-not-a-mapping", path, message, "Write for example pvc: {name: existing-pvc}."),)
    found: list[Finding] = []
    delete_enabled = _delete_enabled(storage, path, found)
    named = _named_backends(storage, path, found)
    if len(named) > 1:
        message = f"names {len(named)} backends: {', '.join(sorted(named))}; a registry has one."
        found.append(error("storage-two-backends", path, message, "Leave one of them."))
    if errors(found):
        return None, tuple(found)
    if not named:
        return Resolved(catalog.DEFAULT, {}, delete_enabled, {DELETE_ENABLED: delete_enabled}), tuple(found)
    name = named[0]
    if name in catalog.NOT_YET:
        remedy = "Use the default volume or pvc."
        return None, (
            *found,
            error(
                "storage-backend-unsupported", f"{path}.{name}", "this release does not deploy this backend.", remedy
            ),
        )
    backend = catalog.NAMED[name]
    values = _fields(backend, storage[name], f"{path}.{name}", found)
    if not errors(found):
        found.extend(backend.check(values, f"{path}.{name}"))
    if errors(found):
        return None, tuple(found)
    spec: dict[str, Any] = {name: values}
    if DELETE_ENABLED in storage:
        spec[DELETE_ENABLED] = delete_enabled
    return Resolved(backend, values, delete_enabled, spec), tuple(found)


def _kind(value: object) -> str:
    """The value's type in the user's words; never the value, which may be a misplaced secret."""
    words = {
        dict: "a mapping",
        list: "a list",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "text",
        type(None): "empty",
    }
    return next(
        (word for kind, word in words.items() if type(value) is kind or (kind is str and isinstance(value, str))),
        "of another type",
    )


def _delete_enabled(storage: Mapping[str, Any], path: str, found: list[Finding]) -> bool:
    value = storage.get(DELETE_ENABLED, False)
    if isinstance(value, bool):
        return value
    place = f"{path}.{DELETE_ENABLED}"
    if isinstance(value, str) and value.lower() in ("true", "false"):
        found.append(
            warning("storage-boolean-text", place, "is text and is read as a boolean.", "Write it without quotes.")
        )
        return value.lower() == "true"
    found.append(error("storage-wrong-type", place, f"is {_kind(value)}, not a boolean.", "Write true or false."))
    return False


def _named_backends(storage: Mapping[str, Any], path: str, found: list[Finding]) -> list[str]:
    known = (*catalog.NAMED, *catalog.NOT_YET)
    named = []
    for key in storage:
        if key in known:
            named.append(str(key))
        elif key != DELETE_ENABLED:
            found.append(_unknown(str(key), f"{path}.{key}", (*known, DELETE_ENABLED)))
    return named


def _unknown(name: str, path: str, known: Iterable[str]) -> Finding:
    if name.lower() == catalog.DEFAULT.name or nearest(name, [catalog.DEFAULT.name]):
        remedy = "The default volume has no field: leave the storage out."
        return error("storage-unknown-field", path, "is no field of spec.storage.", remedy)
    meant = nearest(name, known)
    remedy = f"Did you mean {meant}?" if meant else f"Known: {', '.join(sorted(known))}."
    return error(
        "storage-unknown-field",
        path,
        "is no field that the DockerRegistry knows; Kubernetes would drop it silently.",
        remedy,
    )


def _fields(backend: Backend, given: object, path: str, found: list[Finding]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        found.append(error("storage-wrong-type", path, f"is {_kind(given)}, not a mapping.", _example(backend)))
        return {}
    known = {item.name: item for item in backend.fields}
    values: dict[str, Any] = {}
    for key, value in given.items():
        item = known.get(key)
        if item is None:
            found.append(_unknown(str(key), f"{path}.{key}", known))
        elif _fits(item, value):
            values[item.name] = value
        elif value is not None and value != "":
            found.append(
                error(
                    "storage-wrong-type", f"{path}.{key}", f"is {_kind(value)}, not a {item.type}.", _type_remedy(item)
                )
            )
    for item in backend.fields:
        empty = item.name not in given or given[item.name] in (None, "")
        if item.required and empty:
            found.append(
                error(
                    "storage-missing-field",
                    f"{path}.{item.name}",
                    "is required and is missing or empty.",
                    _example(backend),
                )
            )
    return values


def _fits(item: Field, value: object) -> bool:
    if item.type == "integer" and isinstance(value, bool):
        return False
    return isinstance(value, _TYPES[item.type]) and value != ""


def _type_remedy(item: Field) -> str:
    return "Put it in quotes." if item.type == "string" else f"Write it as a {item.type}."


def _example(backend: Backend) -> str:
    inner = ", ".join(f"{item.name}: ..." for item in backend.fields if item.required)
    return f"Write {backend.name}: {{{inner}}}."
