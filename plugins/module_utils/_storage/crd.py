# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CustomResourceDefinition of DockerRegistry, for clusters without Kyma's operator (interface of operator 0.15.0). Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants

from . import catalog

NAME = "dockerregistries.operator.kyma-project.io"
# The field of the status that names the claim.
STATUS_CLAIM = "pvc"
STATES = ("Processing", "Deleting", "Ready", "Error", "Warning")

_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}


def _struct(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    return schema


def _storage() -> dict[str, Any]:
    backends = {
        backend.name: _struct(
            {item.name: {"type": item.type} for item in backend.fields},
            tuple(item.name for item in backend.fields if item.required),
        )
        for backend in catalog.NAMED.values()
    }
    return _struct({"deleteEnabled": _FLAG, **backends})


def _spec() -> dict[str, Any]:
    external = {"enabled": _FLAG, "gateway": _TEXT, "host": _TEXT}
    logging = {
        "level": {"type": "string", "enum": list(constants.LOG_LEVELS)},
        "format": {"type": "string", "enum": list(constants.LOG_FORMATS)},
        "accessLogEnabled": _FLAG,
    }
    return _struct({"storage": _storage(), "externalAccess": _struct(external), "logging": _struct(logging)})


def _conditions() -> dict[str, Any]:
    item = _struct(
        {
            "type": {"type": "string", "maxLength": 316},
            "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
            "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            "reason": {"type": "string", "minLength": 1, "maxLength": 1024},
            "message": {"type": "string", "maxLength": 32768},
        },
        ("type", "status", "lastTransitionTime", "reason", "message"),
    )
    return {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}


def _status() -> dict[str, Any]:
    access = {"enabled": _TEXT, "secretName": _TEXT, "pushAddress": _TEXT, "pullAddress": _TEXT}
    properties = {
        "state": {"type": "string", "enum": list(STATES)},
        "served": {"type": "string", "enum": ["True", "False"]},
        "storage": _TEXT,
        STATUS_CLAIM: _TEXT,
        "deleteEnabled": _TEXT,
        "internalAccess": _struct(access),
        "externalAccess": _struct({**access, "gateway": _TEXT}),
        "conditions": _conditions(),
    }
    return _struct(properties, ("served",))


def _columns() -> list[dict[str, Any]]:
    def condition(kind: str) -> dict[str, Any]:
        return {"name": kind, "type": "string", "jsonPath": f".status.conditions[?(@.type=='{kind}')].status"}

    return [
        condition("Configured"),
        condition("Installed"),
        {"name": "generation", "type": "integer", "jsonPath": ".metadata.generation"},
        {"name": "age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        {"name": "state", "type": "string", "jsonPath": ".status.state"},
    ]


def crd() -> dict[str, Any]:
    """The definition, ready to be created."""
    schema = _struct(
        {"apiVersion": _TEXT, "kind": _TEXT, "metadata": {"type": "object"}, "spec": _spec(), "status": _status()}
    )
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
        "additionalPrinterColumns": _columns(),
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": NAME},
        "spec": {
            "group": "operator.kyma-project.io",
            "names": {
                "kind": "DockerRegistry",
                "listKind": "DockerRegistryList",
                "plural": "dockerregistries",
                "singular": "dockerregistry",
            },
            "scope": "Namespaced",
            "versions": [version],
        },
    }
