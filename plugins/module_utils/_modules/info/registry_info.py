# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_info: the state of a registry, its addresses, and what is wrong with it. Read-only."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_managed,
    secret_text,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import container_image
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import check_replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import (
    count_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    check_window,
    rejects_pushes_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.migration_record import (
    read_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import masked_result
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    Mode,
    detect_mode,
    is_taken,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import (
    read_requested_store,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.readiness import redact_condition_message
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.node_ports import (
    NAMESPACE as KUBE_PROXY_NAMESPACE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.node_ports import check_localhost
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.releases import check_release

from . import operator_state, query
from .options import InfoOptions
from .run_state import check_lease, check_migration, check_run_state
from .storage_state import check_drift, count_replicas, running_storage_type

SPEC = Spec(
    {
        "name": {"type": "str", "default": constants.CR_NAME},
        "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
        "count_images": {"type": "bool", "default": False},
        "query": {"type": "str"},
    }
).merged(Spec(CONNECTION_SPEC))


def read_registry_info(context: Context[InfoOptions]) -> None:
    """Reads the CR, the Deployment, the Service and the credentials' addresses."""
    query.check_query(context.options.query)
    _read(context)
    if context.options.query:
        # Masked before: an expression could reverse a secret, which masking would not recognise then.
        context.result["queried"] = query.evaluate_query(context.options.query, masked_result(context))


def _read(context: Context[InfoOptions]) -> None:
    name, namespace = context.options.name, context.options.namespace
    get = context.cluster.get
    cr = get("DockerRegistry", name, namespace)
    deployment = get("Deployment", constants.REGISTRY, namespace)
    secret = get("Secret", constants.CREDENTIALS_SECRET, namespace)
    mode = _detect_mode(context, cr, deployment)
    storage = operator_state.requested_storage(cr)
    store = read_requested_store(context, cr, storage, namespace)
    running = running_storage_id(context, namespace, deployment)
    context.report(check_drift(store, running, deployment, cr is not None))
    context.report([*check_run_state(deployment), *check_replicas(deployment if is_managed(deployment) else None)])
    now = datetime.now(timezone.utc)
    context.report(check_window(deployment, now))
    with suppress(Forbidden):
        context.report(check_lease(get("Lease", constants.LEASE, namespace), now))
    migration = None
    with suppress(Forbidden):
        migration = read_record(get("ConfigMap", constants.DAY2_RECORD, namespace))
    context.report(check_migration(migration, now))
    context.report(check_release(container_image(deployment), (running or "").partition("/")[0]))
    with suppress(ClusterError):
        context.report(check_localhost(context.cluster.list("ConfigMap", KUBE_PROXY_NAMESPACE), ()))
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
            "storage_id": {"requested": store.storage_id if store else None, "running": running},
            "replicas": count_replicas(deployment),
            "read_only_since": rejects_pushes_since(deployment),
            "migration": migration.to_result() if migration is not None else None,
            "push_address": secret_text(secret, "pushRegAddr"),
            "pull_address": secret_text(secret, "pullRegAddr"),
        }
    )
    if context.options.count_images and deployment is not None:
        image_count = count_images(context, namespace)
        context.result["images"] = {
            "known": image_count.known,
            "repositories": image_count.repositories,
            "at_least": image_count.capped,
            "why": image_count.reason,
        }


def redacted_conditions(cr: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The DockerRegistry's conditions; messages are redacted: an old one may quote a value that is no longer known."""
    found = status_of(cr).get("conditions") or []
    return [
        {**entry, "message": redact_condition_message(str(entry["message"]))} if "message" in entry else entry
        for entry in found
    ]


def _detect_mode(
    context: Context[InfoOptions], cr: dict[str, Any] | None, deployment: dict[str, Any] | None
) -> Mode | None:
    """The mode, None if the cluster does not allow to ask for it or does not show it.

    A registry that direct mode runs is in direct mode until an operator takes its DockerRegistry.
    """
    if is_managed(deployment) and not is_taken(cr):
        return Mode("direct", "the Deployment is this collection's")
    try:
        return detect_mode(context, "auto", cr, deployment)
    except Forbidden:
        return None
    except ClusterError:
        raise
    except Refusal as refusal:
        context.report(dataclasses.replace(item, severity="warning") for item in refusal.findings)
        return None
