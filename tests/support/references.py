# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Pod needs to start: its ServiceAccount, and ConfigMaps, Secrets and claims that are not optional."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_ENVIRONMENT = {
    "configMapRef": "ConfigMap",
    "secretRef": "Secret",
    "configMapKeyRef": "ConfigMap",
    "secretKeyRef": "Secret",
}


def required_names(spec: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Kind and name of each, of a Pod's spec."""
    account = spec.get("serviceAccountName", "default")
    # No controller makes the namespace's own on an API server without the admission of ServiceAccounts.
    accounts = set() if account == "default" else {("ServiceAccount", account)}
    return {*accounts, *_of_volumes(spec), *_of_environment(spec)}


def _of_volumes(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for volume in spec.get("volumes") or []:
        for source in (volume, *(volume.get("projected") or {}).get("sources", [])):
            yield from _named("ConfigMap", source.get("configMap"), "name")
            yield from _named("Secret", source.get("secret"), "secretName" if source is volume else "name")
        yield from _named("PersistentVolumeClaim", volume.get("persistentVolumeClaim"), "claimName")


def _of_environment(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for container in (*(spec.get("initContainers") or []), *spec["containers"]):
        sources = [
            *(container.get("envFrom") or []),
            *(item.get("valueFrom") or {} for item in container.get("env") or []),
        ]
        for source in sources:
            for key, kind in _ENVIRONMENT.items():
                yield from _named(kind, source.get(key), "name")


def _named(kind: str, source: Mapping[str, Any] | None, key: str) -> Iterator[tuple[str, str]]:
    if source and not source.get("optional"):
        yield kind, source[key]
