# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of the objects that registry_deployment is given."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import options

GOOD: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "dockerregistry", "namespace": "ns", "labels": {}},
    "spec": {
        "template": {
            "metadata": {"labels": {}, "annotations": None},
            "spec": {"containers": [{"name": "sidecar"}, {"name": "docker-registry", "command": ["registry"]}]},
        }
    },
}


def _findings(item: Any, for_preflight: bool = False) -> list[Finding]:
    return options.check_shape([{}, item], for_preflight=for_preflight)


def _set(path: str, value: Any) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    inner: Any = changed
    for part in way:
        inner = inner[int(part) if part.isdigit() else part]
    inner[int(last) if last.isdigit() else last] = value
    return changed


def test_what_is_well_formed() -> None:
    """Also an object without fields that may be left out; empty documents are none."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {}}
    assert [*_findings(GOOD, True), *_findings(service)] == []


@pytest.mark.parametrize(
    ("path", "value", "place", "text"),
    [
        ("metadata", "text", ".metadata", "is not a mapping."),
        ("metadata", None, ".metadata", "is missing."),
        ("metadata.labels", "text", ".metadata.labels", "is not a mapping."),
        ("metadata.annotations", ["text"], ".metadata.annotations", "is not a mapping."),
        ("metadata.name", 5, ".metadata.name", "is not text."),
        ("apiVersion", {}, ".apiVersion", "is not text."),
        ("spec", None, ".spec", "is missing."),
        ("spec.template", [], ".spec.template", "is not a mapping."),
        ("spec.template.metadata", None, ".spec.template.metadata", "is missing."),
        ("spec.template.metadata.annotations", "a", ".spec.template.metadata.annotations", "is not a mapping."),
        ("spec.template.spec.containers", {}, ".spec.template.spec.containers", "is not a list."),
        ("spec.template.spec.containers.1", "a", ".spec.template.spec.containers[1]", "is not a mapping."),
        ("spec.template.spec.containers.1.env", [{}], ".spec.template.spec.containers[1].env[0].name", "is missing."),
        (
            "spec.template.spec.containers.1.name",
            "other",
            ".spec.template.spec.containers",
            "has no container docker-registry.",
        ),
    ],
)
def test_what_is_malformed(path: str, value: Any, place: str, text: str) -> None:
    """One finding at its place in the list."""
    (finding,) = _findings(_set(path, value))
    assert (finding.code, finding.path, finding.message) == ("object-malformed", f"objects[1]{place}", text)


def test_only_a_preflight_needs_the_command() -> None:
    """The preflight Pod runs it with another configuration."""
    bare = _set("spec.template.spec.containers.1.command", None)
    assert _findings(bare) == []
    assert [item.path[-10:] for item in _findings(bare, True)] == ["1].command"]
