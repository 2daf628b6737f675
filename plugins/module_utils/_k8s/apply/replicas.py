# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one field that a server-side apply must give up without a change: the number of replicas of a Deployment.

If the only owner of a field leaves it out of its apply, the API server removes the field, and the number of replicas is 1 again. So our
field manager first gives up its ownership, in `managedFields`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import FIELD, owns_replicas


def is_given_up(desired: Mapping[str, Any], live: Mapping[str, Any], manager: str) -> bool:
    """Whether `desired` leaves out the number of replicas that the manager owns in `live`. desired: of any shape, as a caller gave it."""
    if desired.get("kind") != "Deployment":
        return False
    spec = desired.get("spec")
    given = spec.get("replicas") if isinstance(spec, Mapping) else None
    return given is None and owns_replicas(live, manager)


def release_patch(live: Mapping[str, Any], manager: str) -> list[dict[str, Any]]:
    """JSON patch that removes the field from what the manager owns. It changes nothing else.

    It fails if the entry is no longer at its place, or no longer owns the field, because another client has scaled the Deployment.
    """
    patch = [{"op": "test", "path": "/metadata/uid", "value": live["metadata"]["uid"]}]
    for index, entry in enumerate(live["metadata"]["managedFields"]):
        if entry in objects.managed_entries(live, manager) and objects.owns_field(entry, *FIELD):
            place = f"/metadata/managedFields/{index}"
            patch += [{"op": "test", "path": f"{place}/{key}", "value": entry[key]} for key in ("manager", "operation")]
            patch.append({"op": "remove", "path": f"{place}/fieldsV1/{'/'.join(f'f:{name}' for name in FIELD)}"})
    return patch


def with_number_of(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the Deployment with the number of replicas that `live` has."""
    return {**desired, "spec": {**(desired.get("spec") or {}), "replicas": live["spec"]["replicas"]}}
