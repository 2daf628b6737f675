# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of DockerRegistry is the one that Kyma's clients know, and the backends' fields are in it."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import NAME, crd

TEXT, FLAG, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}
# As Kyma's operator 0.15.0 installs it.
STORAGE = {
    "type": "object",
    "properties": {
        "deleteEnabled": FLAG,
        "azure": {"type": "object", "properties": {"secretName": TEXT}, "required": ["secretName"]},
        "s3": {
            "type": "object",
            "properties": {
                "bucket": TEXT,
                "region": TEXT,
                "regionEndpoint": TEXT,
                "encrypt": FLAG,
                "secure": FLAG,
                "secretName": TEXT,
            },
            "required": ["bucket", "region"],
        },
        "gcs": {
            "type": "object",
            "properties": {"bucket": TEXT, "secretName": TEXT, "rootdirectory": TEXT, "chunksize": NUMBER},
            "required": ["bucket"],
        },
        "btpObjectStore": {"type": "object", "properties": {"secretName": TEXT}},
        "pvc": {"type": "object", "properties": {"name": TEXT}, "required": ["name"]},
    },
}


def _version() -> dict[str, Any]:
    (version,) = crd()["spec"]["versions"]
    return dict(version)


def _properties(name: str) -> dict[str, Any]:
    return dict(_version()["schema"]["openAPIV3Schema"]["properties"][name]["properties"])


def test_storage() -> None:
    """spec.storage is what the operator's definition has; the backends' fields make it."""
    assert _properties("spec")["storage"] == STORAGE


def test_every_backend_is_in_it() -> None:
    """Fields agree by name, type and need."""
    assert set(STORAGE["properties"]) == {*catalog.NAMED, "deleteEnabled"}  # type: ignore[call-overload]
    for backend in catalog.NAMED.values():
        schema = _properties("spec")["storage"]["properties"][backend.name]
        assert {item.name: {"type": item.type} for item in backend.fields} == schema["properties"]
        assert [item.name for item in backend.fields if item.required] == schema.get("required", [])
        assert all(item.description.endswith(".") for item in backend.fields)


def test_rest_of_spec() -> None:
    """Logging and external access as the operator has them."""
    spec = _properties("spec")
    assert set(spec) == {"storage", "externalAccess", "logging"}
    assert set(spec["externalAccess"]["properties"]) == {"enabled", "gateway", "host"}
    assert spec["logging"]["properties"]["level"]["enum"] == ["error", "warn", "info", "debug"]
    assert spec["logging"]["properties"]["format"]["enum"] == ["json", "text", "console"]
    assert spec["logging"]["properties"]["accessLogEnabled"] == FLAG


def test_status() -> None:
    """What clients read."""
    status = _properties("status")
    assert status["state"]["enum"] == ["Processing", "Deleting", "Ready", "Error", "Warning"]
    assert status["storage"] == {"type": "string"}, "the operator writes storage types here that it then refuses"
    assert _version()["schema"]["openAPIV3Schema"]["properties"]["status"]["required"] == ["served"]
    assert status["conditions"]["x-kubernetes-list-map-keys"] == ["type"]
    columns = [column["name"] for column in _version()["additionalPrinterColumns"]]
    assert columns == ["Configured", "Installed", "generation", "age", "state"]
    assert _version()["subresources"] == {"status": {}}


def test_names() -> None:
    """Group, kind and plural make its name."""
    spec = crd()["spec"]
    assert crd()["metadata"]["name"] == NAME == f"{spec['names']['plural']}.{spec['group']}"
    assert (spec["names"]["kind"], spec["scope"], _version()["name"]) == ("DockerRegistry", "Namespaced", "v1alpha1")
