"""A DockerRegistry's spec as the operator's Go types write it: unknown fields go, and so do empty values with `omitempty`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Per backend the fields that are always written, with their empty value; and those with `omitempty`.
_BACKENDS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "azure": ({"secretName": ""}, ()),
    "s3": ({"bucket": "", "region": ""}, ("regionEndpoint", "encrypt", "secure", "secretName")),
    "gcs": ({"bucket": ""}, ("secretName", "rootdirectory", "chunksize")),
    "btpObjectStore": ({}, ("secretName",)),
    "pvc": ({"name": ""}, ()),
}
_LOGGING = ("level", "format", "accessLogEnabled")
# Pointers: what is there is written, whatever it is.
_EXTERNAL_ACCESS = ("enabled", "gateway", "host")


def spec(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the spec after a way through the types."""
    given = given or {}
    found: dict[str, Any] = {}
    if given.get("storage") is not None:
        found["storage"] = _storage(given["storage"])
    if given.get("externalAccess") is not None:
        there = given["externalAccess"]
        found["externalAccess"] = {name: there[name] for name in _EXTERNAL_ACCESS if there.get(name) is not None}
    if given.get("logging") is not None:
        found["logging"] = _not_empty(given["logging"], _LOGGING)
    return found


def _storage(given: Mapping[str, Any]) -> dict[str, Any]:
    found = _not_empty(given, ("deleteEnabled",))
    for backend, (always, other) in _BACKENDS.items():
        if given.get(backend) is not None:
            values = given[backend]
            found[backend] = {name: values.get(name) or empty for name, empty in always.items()}
            found[backend] |= _not_empty(values, other)
    return found


def _not_empty(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name)}
