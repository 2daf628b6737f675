# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: lifts the storage lock for an intended switch, before the DockerRegistry is written."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import claim_name
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import live
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.storage_lock import mandatory_variables
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.unlock import build_unlocked_overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store


def lift_storage_lock(context: Context[Options], namespace: str, deployment: ObjectDict | None, store: Store) -> None:
    """Lifts the storage lock if another driver or claim is wanted, which the lock would reject.

    A run that dies right after leaves a registry that serves as before, without a storage lock; the next run continues. The rest of the
    overlay stays until the new overlay replaces it.
    """
    if deployment is None or is_managed(deployment) or not is_switch(deployment, store):
        return
    release_storage_lock(context, namespace, deployment)


def release_storage_lock(context: Context[Options], namespace: str, deployment: ObjectDict) -> None:
    """Applies the overlay without the storage lock."""
    document = build_unlocked_overlay(owned_part(deployment, constants.FIELD_MANAGER) or {}, namespace)
    applied = context.cluster.apply(document, dry_run=context.check_mode, live=deployment, force=True)
    if applied.changed:
        context.change(f"Deployment/{constants.REGISTRY} (storage lock lifted)", {}, {"fields": applied.fields})


def is_switch(deployment: ObjectDict, store: Store) -> bool:
    """True if the Deployment uses another driver or claim than the store, so that a storage lock would reject the store."""
    variables = live.registry_variables(deployment)
    # A variable of the storage lock has no value; the driver in use has one.
    drivers = {
        driver
        for driver, variable in mandatory_variables().items()
        if variable in variables and "configMapKeyRef" not in (variables[variable].get("valueFrom") or {})
    }
    volumes = deployment["spec"]["template"]["spec"].get("volumes") or []
    claims = [claim_name(item) for item in volumes if item["name"] == constants.DATA_VOLUME]
    return drivers != {store.driver} or (claims[0] if claims else None) != store.claim
