# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DockerRegistry as it is applied and as a diff shows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    managed_entries,
    owns_field,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply import diff
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import stored_spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.external_access import FIELD

from .desired_state import DesiredState


def build_corrections(desired: DesiredState, live: Mapping[str, Any]) -> list[dict[str, Any]]:
    """JSON patches for what an apply would leave in the live CR. Empty values count as absent.

    Fields of spec.storage beyond the wanted ones, regardless of their owner, fields of spec.logging that are wanted empty and not sent, and
    fields of spec.logging and spec.externalAccess that are ours and are the last ones of the spec.
    """
    spec, wanted = spec_of(live), desired.document()["spec"]
    storage, patches = spec.get("storage"), []
    if storage is not None and "storage" not in wanted:
        patches.append({"op": "remove", "path": "/spec/storage"})
    elif _has_more_fields(stored_spec.normalize_storage(storage), wanted.get("storage")):
        patches.append({"op": "replace", "path": "/spec/storage", "value": wanted["storage"]})
    logging = spec.get("logging") or {}
    # If an apply takes back all that it has applied below spec, the API server makes it null, and rejects that.
    owned = set() if wanted else _owned(live, "logging")
    for name in sorted((desired.logging.keys() | owned) - (wanted.get("logging") or {}).keys()):
        if logging.get(name):
            patches.append({"op": "remove", "path": f"/spec/logging/{name}"})
    access = set() if wanted else _owned(live, FIELD)
    return [*patches, *({"op": "remove", "path": f"/spec/{FIELD}/{name}"} for name in sorted(access))]


def keep_external_access(desired: DesiredState, live: Mapping[str, Any] | None) -> DesiredState:
    """With the fields of spec.externalAccess that the collection has applied before, if nothing is said about them now."""
    owned = _owned(live or {}, FIELD)
    if desired.external_access is not None or not desired.operator_mode or not owned:
        return desired
    section = spec_of(live)[FIELD]
    return replace(desired, external_access={name: section[name] for name in sorted(owned)})


def _owned(live: Mapping[str, Any], section: str) -> set[str]:
    """The names of the fields of a section of the spec that the collection has applied."""
    names = spec_of(live).get(section) or {}
    return {name for name in names if any(owns_field(entry, "spec", section, name) for entry in managed_entries(live))}


def _has_more_fields(live: Any, wanted: Any) -> bool:
    if not isinstance(live, Mapping) or not isinstance(wanted, Mapping):
        return False
    return any(key not in wanted or _has_more_fields(value, wanted[key]) for key, value in live.items())


def visible_cr(obj: dict[str, Any] | None) -> dict[str, Any]:
    """The CR for a diff: what users write, without the server's bookkeeping and the annotations of others."""
    if obj is None:
        return {}
    metadata = {
        key: obj["metadata"][key] for key in ("name", "namespace", "labels", "annotations") if key in obj["metadata"]
    }
    return {"metadata": diff.visible_metadata(metadata, {}), "spec": dict(spec_of(obj))}
