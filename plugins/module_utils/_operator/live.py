# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live Deployment of the operator against what it should hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import claim_name
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import Expected
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import EnvValue, SecretRef
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.names import ROLLME
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import variable_name


def registry_variables(deployment: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The variables of the registry's container, by name."""
    containers = _pod(deployment).get("containers") or []
    found = [item for item in containers if item["name"] == constants.CONTAINER]
    return {item["name"]: item for container in found for item in container.get("env") or []}


def find_differences(
    deployment: Mapping[str, Any], expected: Expected, applied: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """The parts that the Deployment does not have, as text. applied: our overlay, whose fields have to be there as well.

    Values are never named: a variable may hold a credential.
    """
    yield from find_missing(deployment, expected)
    yield from _variables(registry_variables(deployment), expected, registry_variables(applied) if applied else {})
    yield from _annotation(deployment, expected)
    for key in ("volumes", "serviceAccountName"):
        if applied and not _holds(_pod(deployment).get(key), _pod(applied).get(key)):
            yield f"{key} of the Pod template does not match the overlay"


def find_missing(deployment: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    """The parts that the operator has not yet written to the Deployment, as text. Other parts are ignored."""
    variables = registry_variables(deployment)
    for name, value in expected.env.items():
        if name not in variables or _value(variables[name]) != value:
            yield f"variable {name} does not match the DockerRegistry"
    yield from _volume(deployment, expected)


def _annotation(deployment: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    """The template's `rollme`: of a release whose form is not known only what it has in common."""
    annotations = objects.annotations_of(deployment["spec"]["template"])
    live_parts = dict(part.partition("=")[::2] for part in str(annotations.get(ROLLME) or "").split(","))
    for part in expected.rollme:
        key, _sign, value = part.partition("=")
        if key not in live_parts and not expected.rollme_known:
            continue
        if not live_parts.get(key) or (value and live_parts[key] != value):
            yield f"the Pod template does not have {part}"


def _variables(
    live: Mapping[str, Mapping[str, Any]], expected: Expected, ours: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for name, item in ours.items():
        if not _holds(live.get(name), item):
            yield f"variable {name} of the overlay is missing"
    # Others (deletion, redirects) may be anybody's.
    of_drivers = tuple(map(variable_name, catalog.drivers()))
    for name in live:
        if name.startswith(of_drivers) and name not in expected.env and name not in ours:
            yield f"variable {name} remains from the former configuration"


def _value(item: Mapping[str, Any]) -> EnvValue | None:
    ref = (item.get("valueFrom") or {}).get("secretKeyRef")
    if ref:
        return SecretRef(str(ref.get("name")), str(ref.get("key")))
    return None if "valueFrom" in item else str(item.get("value", ""))


def _volume(deployment: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    volumes = {item["name"]: item for item in _pod(deployment).get("volumes") or []}
    data = volumes.get(constants.DATA_VOLUME)
    if expected.data is None:
        if data is not None:
            yield "the volume of the images still exists"
    elif data is None:
        yield "the volume of the images is missing"
    elif claim_name(data) != expected.data.claim:
        yield "the volume of the images is a different one"
    if expected.key_file != (constants.STORAGE_SECRET in volumes):
        yield "the volume of the key file does not match the DockerRegistry"


def _holds(live: Any, expected: Any) -> bool:
    """True if everything of expected is in live; lists of named things by name."""
    if isinstance(expected, Mapping):
        return isinstance(live, Mapping) and all(_holds(live.get(key), value) for key, value in expected.items())
    if isinstance(expected, list):
        live_items = {item.get("name", item.get("key")): item for item in live or []}
        return all(_holds(live_items.get(item.get("name", item.get("key"))), item) for item in expected)
    return expected is None or bool(live == expected)


def _pod(deployment: Mapping[str, Any]) -> Mapping[str, Any]:
    return objects.spec_of(objects.spec_of(deployment).get("template"))
