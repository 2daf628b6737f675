# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of registry_deployment, and the form of the objects among them. Pure.

The form is checked as far as this collection relies on it. The API server checks the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    OperatorOptions,
    PlannedOptions,
)

# A mapping by its fields (with "!" they have to be there), a list by its items, str.
_TEXTS: dict[str, Any] = {}
_METADATA = {"name": str, "namespace": str, "labels": _TEXTS, "annotations": _TEXTS}
_OBJECT = {"apiVersion!": str, "kind!": str, "metadata!": _METADATA}
_VARIABLE = {"name!": str, "valueFrom": {"secretKeyRef": {}}}
_CONTAINER = {"name!": str, "env": [_VARIABLE]}
_VOLUME = {"name!": str, "secret": {}, "configMap": {}}
_POD = {"containers!": [_CONTAINER], "volumes": [_VOLUME]}
_TEMPLATE = {"metadata!": {"labels!": _TEXTS, "annotations": _TEXTS}, "spec!": _POD}
_DEPLOYMENT = {**_OBJECT, "spec!": {"template!": _TEMPLATE}}
# The preflight Pod's command is the registry's, with another configuration at its end.
_TRIED = {"command!": [str]}


@dataclass(frozen=True)
class DeploymentOptions(OperatorOptions, PlannedOptions):
    """The options of registry_deployment, as its documentation describes them."""

    state: str
    mode: str
    revision: str | None
    failed_with: Sequence[str] | None


def check_shape(objects: Sequence[Mapping[str, Any]], *, for_preflight: bool) -> list[Finding]:
    """Parts of the objects that have another form than such objects have. for_preflight: a preflight Pod is made from the Deployment."""
    found = []
    for index, item in enumerate(objects):
        for path, text in _object_problems(item, for_preflight) if item else ():
            found.append(
                error(
                    "object-malformed",
                    f"objects[{index}]{path}",
                    text,
                    "Write the object in the form that Kubernetes requires.",
                )
            )
    return found


def _object_problems(item: Mapping[str, Any], for_preflight: bool) -> Iterator[tuple[str, str]]:
    deployment = item.get("kind") == "Deployment"
    wrong = list(_value_problems(item, _DEPLOYMENT if deployment else _OBJECT, ""))
    yield from wrong
    if wrong or not deployment:
        return
    path = ".spec.template.spec.containers"
    registry = [
        place
        for place in enumerate(item["spec"]["template"]["spec"]["containers"])
        if place[1]["name"] == constants.CONTAINER
    ]
    if not registry:
        yield path, f"has no container {constants.CONTAINER}."
    elif for_preflight:
        yield from _value_problems(registry[0][1], _TRIED, f"{path}[{registry[0][0]}]")


def _value_problems(value: Any, form: Any, path: str) -> Iterator[tuple[str, str]]:
    if form is str:
        if not isinstance(value, str):
            yield path, "is not text."
    elif isinstance(form, list):
        if not isinstance(value, list):
            yield path, "is not a list."
            return
        for index, item in enumerate(value):
            yield from _value_problems(item, form[0], f"{path}[{index}]")
    elif not isinstance(value, Mapping):
        yield path, "is not a mapping."
    else:
        for field, inner in form.items():
            name = field.rstrip("!")
            if value.get(name) is not None:
                yield from _value_problems(value[name], inner, f"{path}.{name}")
            elif name != field:
                yield f"{path}.{name}", "is missing."
