# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage lock: fields that make the API server reject a silent switch of the storage, while the registry still serves its images. Pure.

Co-owned with the operator: the images' volume with its claim, and, for every driver that is not in use, its mandatory
variable from a ConfigMap that does not exist. The kubelet leaves that unset; a value beside it is invalid. No storage lock stops
the deletion of the DockerRegistry or a change of bucket or claim within the same backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import claim_name
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

# No user must create it.
CONFIG_MAP = "dockerregistry-storage-lock"
_KEY = "refused"
ANNOTATION = f"{constants.PREFIX}/storage-lock"
# What the API server says of an object that the storage lock made invalid.
REJECTIONS = ("may not specify more than 1 volume type", "may not be specified when `value` is not empty")


def mandatory_variables() -> dict[str, str]:
    """Driver to the variable without which Distribution does not configure it; the operator always sets it."""
    return {name: driver.mandatory_variable for name, driver in catalog.drivers().items()}


def lock_variables(store: Store) -> list[dict[str, Any]]:
    """The variables of the drivers that are not in use."""
    ref = {"name": CONFIG_MAP, "key": _KEY, "optional": True}
    return [
        {"name": variable, "valueFrom": {"configMapKeyRef": dict(ref)}}
        for driver, variable in sorted(mandatory_variables().items())
        if driver != store.driver
    ]


def lock_volumes(store: Store) -> list[dict[str, Any]]:
    """The images' volume, of stores that have one."""
    if store.claim is None:
        return []
    return [{"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": store.claim}}]


def explanation(store: Store, namespace: str) -> str:
    """The explanation for users whose change is rejected: the cause and the remedy. Stored in the Deployment's annotation."""
    return (
        f"The images of this registry are in {store.storage_id}. The Ansible collection {constants.FIELD_MANAGER} keeps this "
        "Deployment on that storage: a silent switch is rejected "
        f"('{REJECTIONS[0]}', '{REJECTIONS[1]}'), and the registry still serves its images. "
        "Restore spec.storage of the DockerRegistry, or make the change with the collection's role, which lifts the storage lock. "
        f"By hand: printf 'apiVersion: apps/v1\\nkind: Deployment\\nmetadata: {{name: {constants.REGISTRY}, namespace: {namespace}}}\\n' "
        f"| kubectl apply --server-side --field-manager={constants.FIELD_MANAGER} -f -"
    )


def is_locked(deployment: Mapping[str, Any], store: Store) -> bool:
    """True if the Deployment has the whole storage lock of that store."""
    spec = deployment["spec"]["template"]["spec"]
    found = [item for item in spec["containers"] if item["name"] == constants.CONTAINER]
    variables = {item["name"]: item for container in found for item in container.get("env") or []}
    mounted = {item["name"]: item for item in spec.get("volumes") or []}
    return all(_same_ref(variables.get(item["name"]), item) for item in lock_variables(store)) and all(
        claim_name(mounted.get(item["name"]) or {}) == store.claim for item in lock_volumes(store)
    )


def _same_ref(live: Mapping[str, Any] | None, expected: Mapping[str, Any]) -> bool:
    ref = ((live or {}).get("valueFrom") or {}).get("configMapKeyRef") or {}
    return bool(ref == expected["valueFrom"]["configMapKeyRef"])


def is_rejection(text: str) -> bool:
    """True if a condition's text is the API server's refusal of a switch."""
    return any(words in text for words in REJECTIONS)
