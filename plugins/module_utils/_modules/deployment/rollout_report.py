# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for the rollout, and reports it in the DockerRegistry's status and the module's result."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Refusal,
    error,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    secret_text,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import status


def await_rollout(context: Context, resolved: spec.Resolved, store: Store) -> None:
    """Waits for the rollout and writes its outcome to the status of the DockerRegistry. Raises Refusal if the rollout failed."""
    params = context.params
    namespace = params["namespace"]
    failure: Refusal | None = None
    if params["wait"]:
        try:
            wait_rollout(
                context.cluster,
                namespace,
                constants.REGISTRY,
                params["wait_timeout"],
                explain_log=find_cause,
                awaiting=context.awaiting,
            )
        except Refusal as refusal:
            failure = refusal
    cr = context.cluster.get("DockerRegistry", params["name"], namespace)
    if cr is not None and (params["wait"] or failure):
        status.write_status(context, cr, _build_status(context, resolved, store, failure))
    elif cr is None:
        context.report(
            [
                error(
                    "cr-missing",
                    f"DockerRegistry/{params['name']}",
                    "does not exist.",
                    "Run docker_registry_storage first.",
                )
            ]
        )
    if failure:
        raise failure


def _build_status(
    context: Context, resolved: spec.Resolved, store: Store, failure: Refusal | None
) -> status.RegistryStatus:
    service = context.cluster.get("Service", constants.REGISTRY, context.params["namespace"])
    ports = spec_of(service).get("ports") or []
    return status.RegistryStatus(
        storage_type=store.storage_type,
        claim=store.claim,
        delete_enabled=resolved.delete_enabled,
        node_port=next((port.get("nodePort") for port in ports if port.get("port") == constants.API_PORT), None),
        # Everybody who may read the DockerRegistry can read it.
        problem=str(context.secrets.mask(failure.findings[0].message)) if failure else "",
    )


def report_addresses(context: Context) -> None:
    """Returns the addresses of the registry that its credentials Secret names."""
    secret = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, context.params["namespace"])
    context.result["push_address"] = secret_text(secret, "pushRegAddr")
    context.result["pull_address"] = secret_text(secret, "pullRegAddr")
