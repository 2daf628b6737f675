# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_info: what is there, where it is reached, and what is wrong with it. Read-only."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    secret_data,
    secret_text,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import count_images
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import masked_result
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import Mode, detect_mode
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_masking import (
    mask_storage_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.readiness import redact_message
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog, spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import operator_state, query

SPEC = Spec(
    {
        "name": {"type": "str", "default": constants.CR_NAME},
        "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
        "count_images": {"type": "bool", "default": False},
        "query": {"type": "str"},
    }
).merged(Spec(CONNECTION_SPEC))


def read_registry_info(context: Context) -> None:
    """Reads the CR, the Deployment, the Service and the credentials' addresses."""
    query.check_query(context.params["query"])
    _read(context)
    if context.params["query"]:
        # Masked before: an expression could turn a secret round, and nobody would know it again.
        context.result["queried"] = query.evaluate_query(context.params["query"], masked_result(context))


def _read(context: Context) -> None:
    name, namespace = context.params["name"], context.params["namespace"]
    get = context.cluster.get
    cr = get("DockerRegistry", name, namespace)
    deployment = get("Deployment", constants.REGISTRY, namespace)
    secret = get("Secret", constants.CREDENTIALS_SECRET, namespace)
    mode = _mode(context, cr)
    storage = operator_state.requested_storage(cr)
    store = _store(context, cr, storage, namespace)
    running = running_storage_id(context, namespace, deployment)
    context.report(_check_drift(store, running, deployment, cr is not None))
    if mode is not None and mode.is_operator and cr is not None:
        context.report(
            operator_state.check_operator_state(context, cr, deployment, store, running=running, version=mode.version)
        )
    context.result.update(
        {
            "exists": cr is not None,
            "name": name,
            "namespace": namespace,
            "state": status_of(cr).get("state"),
            "storage_type": status_of(cr).get("storage"),
            "conditions": redacted_conditions(cr),
            "storage": spec_of(cr).get("storage"),
            "mode": mode.name if mode else None,
            "storage_types": {
                "requested": store.storage_type if store else None,
                "status": status_of(cr).get("storage"),
                "running": running_storage_type(store, running),
            },
            "storage_id": {"wanted": store.storage_id if store else None, "running": running},
            "replicas": _replicas(deployment),
            "push_address": secret_text(secret, "pushRegAddr"),
            "pull_address": secret_text(secret, "pullRegAddr"),
        }
    )
    if context.params["count_images"] and deployment is not None:
        image_count = count_images(context, namespace)
        context.result["images"] = {
            "known": image_count.known,
            "repositories": image_count.repositories,
            "at_least": image_count.capped,
            "why": image_count.why,
        }


def redacted_conditions(cr: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The DockerRegistry's conditions; of their messages what may be shown: one from before quotes a value that is known no more."""
    found = status_of(cr).get("conditions") or []
    return [
        {**entry, "message": redact_message(str(entry["message"]))} if "message" in entry else entry for entry in found
    ]


def _mode(context: Context, cr: dict[str, Any] | None) -> Mode | None:
    """Who reconciles, None where that may not be asked."""
    try:
        return detect_mode(context, "auto", cr)
    except Forbidden:
        return None


def _store(context: Context, cr: dict[str, Any] | None, storage: Any, namespace: str) -> Store | None:
    """What the DockerRegistry asks for, None where it or its Secret does not tell."""
    if cr is None:
        return None
    resolved, _found = spec.check_storage(storage, "spec.storage")
    if resolved is None:
        return None
    secret = None
    if resolved.secret_name is not None:
        secret = secret_data(context.cluster.get("Secret", resolved.secret_name, namespace)) or None
        mask_storage_secret(context, resolved.kind, secret or {})
    store, _found = resolved.store(secret)
    return store


def running_storage_type(store: Store | None, running: str | None) -> str | None:
    """The requested storage type if the images are there, else the one that follows from the storage ID."""
    if running is None:
        return None
    if store is not None and _is_within(running, store.storage_id):
        return store.storage_type
    return catalog.storage_type_of(running)


def _is_within(running: str, requested: str) -> bool:
    """Whether the images lie in what was asked for. The DockerRegistry does not tell a root directory among the driver parameters."""
    return f"{running}/".startswith(f"{requested}/")


def _replicas(deployment: dict[str, Any] | None) -> dict[str, Any]:
    status = status_of(deployment)
    return {
        "wanted": spec_of(deployment).get("replicas") or 0,
        "ready": status.get("readyReplicas") or 0,
        "updated": status.get("updatedReplicas") or 0,
        # While a new Pod starts the old one counts as ready: the numbers alone do not tell.
        "rolled_out": deployment is not None and is_rolled_out(deployment),
    }


def _check_drift(
    store: Store | None, running: str | None, deployment: dict[str, Any] | None, exists: bool
) -> list[Finding]:
    found = []
    requested = store.storage_id if store is not None else None
    if requested is not None and running is not None and not _is_within(running, requested):
        found.append(
            warning(
                "storage-id-drift",
                f"Deployment/{constants.REGISTRY}",
                f"keeps its images in {running}, the CR asks for {requested}.",
                "Run the role again, or look who changed the Deployment.",
            )
        )
    if exists and deployment is None:
        found.append(
            warning("registry-missing", f"Deployment/{constants.REGISTRY}", "does not exist.", "Run the role.")
        )
    if deployment is not None and not _replicas(deployment)["ready"]:
        found.append(
            warning("registry-not-ready", f"Deployment/{constants.REGISTRY}", "has no ready Pod.", "Look at its Pods.")
        )
    return found
