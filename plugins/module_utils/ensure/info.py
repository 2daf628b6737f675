# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of docker_registry_info: what is there, where it is reached, and what is wrong with it. Read-only."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.arguments import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.guard import holder_of, look
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.secret_objects import decoded
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage import spec

SPEC = Spec(
    {
        "name": {"type": "str", "default": names.CR_NAME},
        "namespace": {"type": "str", "default": names.CR_NAMESPACE},
        "count_images": {"type": "bool", "default": False},
    }
).merged(Spec(CONNECTION_SPEC))


def run(context: Context) -> None:
    """Reads the CR, the Deployment, the Service and the credentials' addresses."""
    name, namespace = context.params["name"], context.params["namespace"]
    get = context.cluster.get
    cr = get("DockerRegistry", name, namespace)
    deployment = get("Deployment", names.REGISTRY, namespace)
    secret = get("Secret", names.CREDENTIALS_SECRET, namespace)
    wanted = _wanted(cr)
    running = holder_of(deployment)
    context.report(_drift(wanted, running, deployment))
    context.result.update(
        {
            "exists": cr is not None,
            "name": name,
            "namespace": namespace,
            "state": ((cr or {}).get("status") or {}).get("state"),
            "route": ((cr or {}).get("status") or {}).get("storage"),
            "conditions": ((cr or {}).get("status") or {}).get("conditions") or [],
            "storage": ((cr or {}).get("spec") or {}).get("storage"),
            "holder": {"wanted": wanted.holder if wanted else None, "running": running},
            "replicas": _replicas(deployment),
            "push_address": decoded(secret, "pushRegAddr"),
            "pull_address": decoded(secret, "pullRegAddr"),
        }
    )
    if context.params["count_images"] and deployment is not None:
        held = look(context, namespace)
        context.result["images"] = {
            "known": held.known,
            "repositories": held.repositories,
            "at_least": held.capped,
            "why": held.why,
        }


def _wanted(cr: dict[str, Any] | None) -> spec.Resolved | None:
    if cr is None:
        return None
    resolved, _findings = spec.check((cr.get("spec") or {}).get("storage"), "spec.storage")
    return resolved


def _replicas(deployment: dict[str, Any] | None) -> dict[str, int]:
    status = (deployment or {}).get("status") or {}
    wanted = ((deployment or {}).get("spec") or {}).get("replicas") or 0
    return {"wanted": wanted, "ready": status.get("readyReplicas") or 0, "updated": status.get("updatedReplicas") or 0}


def _drift(wanted: spec.Resolved | None, running: str | None, deployment: dict[str, Any] | None) -> list[Finding]:
    found = []
    # The CR alone tells neither what the Secret names nor a root directory among the driver parameters.
    asked = wanted.holder if wanted is not None else None
    if asked is not None and running is not None and not f"{running}/".startswith(f"{asked}/"):
        found.append(
            warning(
                "holder-drift",
                f"Deployment/{names.REGISTRY}",
                f"keeps its images in {running}, the CR asks for {asked}.",
                "Run the role again, or look who changed the Deployment.",
            )
        )
    if wanted is not None and deployment is None:
        found.append(warning("registry-missing", f"Deployment/{names.REGISTRY}", "does not exist.", "Run the role."))
    if deployment is not None and not _replicas(deployment)["ready"]:
        found.append(
            warning("registry-not-ready", f"Deployment/{names.REGISTRY}", "has no ready Pod.", "Look at its Pods.")
        )
    return found
