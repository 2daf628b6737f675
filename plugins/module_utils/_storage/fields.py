# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of one backend in the CR: names, types, spellings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    error,
    shown_key,
    warning,
)

from . import catalog
from .base import PARAMETERS_PATH, Backend, Field
from .texts import DIGITS, kind_of, nearest

_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int}


def read_fields(backend: Backend, section: object, path: str, found: list[Finding]) -> dict[str, Any]:
    """The values of the backend's fields; adds findings (with an error among them a value may be None). path: the place of the backend."""
    if not isinstance(section, Mapping):
        found.append(error("storage-wrong-type", path, f"is {kind_of(section)}, not a mapping.", _example(backend)))
        return {}
    known = {item.name: item for item in backend.fields}
    section = _without_aliases(backend, section, path, found)
    values: dict[str, Any] = {}
    for key, value in section.items():
        item = known.get(key)
        if item is None:
            found.append(_unknown_field(backend, str(key), f"{path}.{shown_key(key)}"))
        elif value is not None and value != "":
            values[item.name] = _convert_value(item, value, f"{path}.{key}", found)
    for item in backend.fields:
        empty = item.name not in section or section[item.name] in (None, "")
        if item.required and empty:
            found.append(
                error(
                    "storage-missing-field",
                    f"{path}.{item.name}",
                    "is required, but missing or empty.",
                    _example(backend),
                )
            )
    return values


def _unknown_field(backend: Backend, name: str, path: str) -> Finding:
    if name in {spelling for key in backend.secret_keys for spelling in (key.name, *key.aliases)}:
        message = "must be in the storage Secret, not in the DockerRegistry, which is not confidential."
        return error(
            "storage-secret-key", path, message, "Move it to the Secret that secretName specifies, and renew it."
        )
    if name in {item.name for driver in backend.drivers for item in driver.parameters}:
        message = "is a driver parameter, not a field of the DockerRegistry. Kubernetes would drop it silently."
        return error("storage-parameter", path, message, f"Move it to {PARAMETERS_PATH}.")
    return unknown_field(name, path, [item.name for item in backend.fields])


def _without_aliases(
    backend: Backend, section: Mapping[Any, Any], path: str, found: list[Finding]
) -> Mapping[Any, Any]:
    """The fields under the CRD's names: Kubernetes would drop the documentation's spelling silently."""
    renamed = dict(section)
    for item in backend.fields:
        for alias in (name for name in item.aliases if name in section):
            place = f"{path}.{alias}"
            value = renamed.pop(alias)
            if item.name in section:
                remedy = f"Leave {alias} out."
                found.append(
                    error(
                        "storage-field-twice", place, f"is another spelling of {item.name}, which is also set.", remedy
                    )
                )
            else:
                message = f"is rewritten to {item.name}, because Kubernetes would drop the documentation's spelling."
                found.append(warning("storage-field-alias", place, message, f"Write {item.name}."))
                renamed[item.name] = value
    return renamed


def _convert_value(item: Field, value: object, path: str, found: list[Finding]) -> Any:
    """The value in the field's type, None if it has another. Surveys and templates give text for anything."""
    if isinstance(value, _TYPES[item.type]) and not (item.type == "integer" and isinstance(value, bool)):
        return value
    if item.type == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        found.append(
            warning(
                "storage-boolean-text", path, "is text. It is interpreted as a boolean.", "Write it without quotes."
            )
        )
        return value.lower() == "true"
    if item.type == "integer" and isinstance(value, str) and DIGITS.fullmatch(value):
        found.append(
            warning("storage-number-text", path, "is text. It is interpreted as a number.", "Write it without quotes.")
        )
        return int(value)
    remedy = "Put it in quotes." if item.type == "string" else f"Write it as a {item.type}."
    found.append(error("storage-wrong-type", path, f"is {kind_of(value)}, not a {item.type}.", remedy))
    return None


def _example(backend: Backend) -> str:
    inner = ", ".join(f"{item.name}: ..." for item in backend.fields if item.required)
    return f"Write {backend.name}: {{{inner}}}."


def unknown_field(name: str, path: str, known: Iterable[str]) -> Finding:
    """A finding about a name that is not a field; known: the fields that could be meant."""
    if nearest(name, [catalog.DEFAULT.name]):
        remedy = "The default volume has no field. Leave the storage out."
        return error("storage-unknown-field", path, "is not a field of spec.storage.", remedy)
    suggestion = nearest(name, known)
    remedy = f"Did you mean {suggestion}?" if suggestion else f"Known: {', '.join(sorted(known))}."
    return error(
        "storage-unknown-field",
        path,
        "is not a field of the DockerRegistry. Kubernetes would drop it silently.",
        remedy,
    )
