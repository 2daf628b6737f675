# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A DockerRegistry's spec as the operator writes it back. Pure.

The operator writes the whole object when it adds or removes its finalizer. Most fields of its Go types have `omitempty`:
false, 0 and "" are left out. So these values and an absent field mean the same, and two specs are compared in this form.
The fields of spec.externalAccess are pointers, which keep such values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import DELETE_ENABLED


def normalize_storage(storage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """spec.storage in the form that is written back. A backend that is named stays named; {} is not the same as None."""
    if storage is None:
        return None
    kept: dict[str, Any] = {}
    for name, value in storage.items():
        if name in catalog.NAMED and isinstance(value, Mapping):
            # Fields without `omitempty`: those that the CRD requires.
            required = {item.name for item in catalog.NAMED[name].fields if item.required}
            kept[name] = {key: item for key, item in value.items() if item or key in required}
        elif value is not None and (value or name != DELETE_ENABLED):
            kept[name] = value
    return kept


def normalize_logging(logging: Mapping[str, Any] | None) -> dict[str, Any]:
    """spec.logging in the form that is written back; {} and None mean the same."""
    return {key: value for key, value in (logging or {}).items() if value}


def normalize_spec(spec: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole spec in the form in which it is compared."""
    found = dict(spec or {})
    normalized = {
        "storage": normalize_storage(found.pop("storage", None)),
        "logging": normalize_logging(found.pop("logging", None)) or None,
    }
    return {**found, **{key: value for key, value in normalized.items() if value is not None}}
