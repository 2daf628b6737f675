# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for the rollout, and reports it in the DockerRegistry's status and the module's result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import cr_status
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from .options import DeploymentOptions


@dataclass(frozen=True)
class DeployedStorage:
    """What the status reports about the storage of a Deployment. claim: name of the volume's claim, None without a volume."""

    storage_type: str
    claim: str | None
    delete_enabled: bool


def await_rollout(context: Context[DeploymentOptions], resolved: spec.Resolved, store: Store) -> dict[str, Any] | None:
    """Waits for the rollout and writes its outcome to the status of the DockerRegistry.

    Returns the Deployment, None without waiting. Raises Refusal if the rollout failed.
    """
    options = context.options
    failure: Refusal | None = None
    deployment: dict[str, Any] | None = None
    if options.wait:
        try:
            deployment = wait_for_pods(context)
        except Refusal as refusal:
            failure = refusal
    if options.wait or failure:
        found = DeployedStorage(store.storage_type, store.claim, resolved.delete_enabled)
        if not report_status(context, found, failure):
            context.require(
                [
                    error(
                        "cr-missing",
                        f"DockerRegistry/{options.name}",
                        "does not exist.",
                        "Run docker_registry_storage first.",
                    )
                ]
            )
    if failure:
        raise failure
    return deployment


def wait_for_pods(context: Context[DeploymentOptions]) -> dict[str, Any]:
    """Waits for the rollout, at most as long as `wait_timeout` says. Returns the Deployment. Raises Refusal with the cause if it fails."""
    return wait_rollout(
        context.cluster,
        context.options.namespace,
        constants.REGISTRY,
        context.options.wait_timeout,
        explain_log=find_cause,
        awaiting=context.awaiting,
    )


def report_status(context: Context[DeploymentOptions], storage: DeployedStorage, failure: Refusal | None) -> bool:
    """Writes the status of the DockerRegistry. Returns False if it does not exist."""
    cr = context.cluster.get("DockerRegistry", context.options.name, context.options.namespace)
    if cr is None:
        return False
    service = context.cluster.get("Service", constants.REGISTRY, context.options.namespace)
    ports = spec_of(service).get("ports") or []
    found = cr_status.RegistryStatus(
        storage_type=storage.storage_type,
        claim=storage.claim,
        delete_enabled=storage.delete_enabled,
        node_port=next((port.get("nodePort") for port in ports if port.get("port") == constants.API_PORT), None),
        # Every user who can read the DockerRegistry can read it.
        problem=str(context.secrets.mask(failure.findings[0].message)) if failure else "",
    )
    cr_status.write_status(context, cr, found)
    return True


def report_addresses(context: Context[DeploymentOptions]) -> None:
    """Returns the addresses of the registry that its credentials Secret names."""
    secret = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, context.options.namespace)
    context.result["push_address"] = secret_text(secret, "pushRegAddr")
    context.result["pull_address"] = secret_text(secret, "pullRegAddr")


def report_current(context: Context[DeploymentOptions]) -> None:
    """Returns what a deployment would if it had nothing to do: the registry is as it is wanted, and verified."""
    context.result.update({"current": True, "confirmed": True, "storage_verified": True})
    user = context.plan.user if context.plan is not None else {}
    if user:
        context.result.update({name: user[name] for name in ("push_address", "pull_address")})
    else:
        report_addresses(context)
