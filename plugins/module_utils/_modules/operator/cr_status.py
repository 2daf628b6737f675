# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CR's status in direct mode, in the shape that Kyma's operator writes, so that its readers work unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.times import time_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import STATUS_CLAIM

_SUFFIX = (
    "as of the last run of kyma.docker_registry that changed it (direct mode: the status is not updated between runs)"
)


@dataclass(frozen=True)
class RegistryStatus:
    """What a run found: `problem` is empty when the registry is deployed and its rollout is complete."""

    storage_type: str
    claim: str | None
    delete_enabled: bool
    node_port: int | None
    problem: str = ""


def build_conditions(registry: RegistryStatus, before: list[dict[str, Any]], now: str) -> list[dict[str, Any]]:
    """Configured and Installed in metav1.Condition shape; what did not change keeps its time and message."""
    installed = (
        ("False", "InstallationErr", registry.problem)
        if registry.problem
        else ("True", "Installed", "DockerRegistry installed")
    )
    wanted = {"Configured": ("True", "Configured", "Configuration ready"), "Installed": installed}
    known = {item.get("type"): item for item in before}
    result = []
    for kind, (status, reason, message) in wanted.items():
        old = known.get(kind)
        text = f"{message}, {_SUFFIX}"[:32768]
        same = old is not None and (old.get("status"), old.get("reason"), old.get("message")) == (status, reason, text)
        stamp = old["lastTransitionTime"] if old is not None and (same or old.get("status") == status) else now
        result.append({"type": kind, "status": status, "reason": reason, "message": text, "lastTransitionTime": stamp})
    return result


def build_document(cr: dict[str, Any], registry: RegistryStatus, now: str) -> dict[str, Any]:
    """The CR with its status, ready to be applied to the status subresource."""
    metadata = cr["metadata"]
    internal: dict[str, Any] = {"enabled": "True", "secretName": constants.CREDENTIALS_SECRET}
    internal["pushAddress"] = constants.push_address(metadata["namespace"])
    if registry.node_port:
        internal["pullAddress"] = constants.pull_address(registry.node_port)
    status: dict[str, Any] = {
        "state": "Error" if registry.problem else "Ready",
        "served": "True",
        "storage": registry.storage_type,
        "deleteEnabled": str(registry.delete_enabled),
        "internalAccess": internal,
        "conditions": build_conditions(registry, status_of(cr).get("conditions") or [], now),
    }
    if registry.claim:
        status[STATUS_CLAIM] = registry.claim
    return {
        "apiVersion": cr["apiVersion"],
        "kind": cr["kind"],
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "status": status,
    }


def write_status(context: Context[Options], cr: dict[str, Any], registry: RegistryStatus) -> None:
    """Writes the status if it differs. Not in check mode: a status describes the registry as it is, not as it would be."""
    if context.check_mode:
        return
    now = time_text(datetime.now(timezone.utc))
    applied = context.cluster.apply_status(build_document(cr, registry, now), live=cr)
    if applied.changed:
        before = status_of(cr).get("state")
        context.change(f"DockerRegistry/{cr['metadata']['name']} (status)", before, applied.after["status"]["state"])


def is_current(cr: dict[str, Any], registry: RegistryStatus) -> bool:
    """Whether the status is as it would be written."""
    wanted = build_document(cr, registry, "")
    return find_difference(wanted, cr, constants.FIELD_MANAGER, "status") is None
