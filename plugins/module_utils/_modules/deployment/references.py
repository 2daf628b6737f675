# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References of a Pod to ConfigMaps and Secrets. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict


def rename_references(pod_spec: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> ObjectDict:
    """A copy of the Pod's spec that names other objects. names: kind and name to the new name; other references stay."""
    renamed = copy.deepcopy(dict(pod_spec))
    for kind, reference, field in _references(renamed):
        reference[field] = names.get((kind, reference.get(field, "")), reference.get(field))
    return renamed


def referenced_names(pod_spec: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Kind and name of each ConfigMap and Secret that the Pod reads."""
    return {(kind, str(reference.get(field, ""))) for kind, reference, field in _references(pod_spec)}


def _references(pod_spec: Mapping[str, Any]) -> Iterator[tuple[str, ObjectDict, str]]:
    """Kind, mapping and field of each name, in variables and volumes (projected ones too)."""
    for container in [*(pod_spec.get("initContainers") or []), *(pod_spec.get("containers") or [])]:
        for variable in container.get("env") or []:
            source = variable.get("valueFrom") or {}
            yield from _named(source, "secretKeyRef", "configMapKeyRef", "name")
        for source in container.get("envFrom") or []:
            yield from _named(source, "secretRef", "configMapRef", "name")
    for volume in pod_spec.get("volumes") or []:
        yield from _named(volume, "secret", "configMap", "secretName")
        for source in (volume.get("projected") or {}).get("sources") or []:
            yield from _named(source, "secret", "configMap", "name")


def _named(
    source: Mapping[str, Any], secret: str, config_map: str, secret_field: str
) -> Iterator[tuple[str, ObjectDict, str]]:
    if isinstance(source.get(secret), dict):
        yield "Secret", source[secret], secret_field
    if isinstance(source.get(config_map), dict):
        yield "ConfigMap", source[config_map], "name"
