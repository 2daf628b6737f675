# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment with state `confirmed`: the current revision works, so objects that only former revisions used are deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_managed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.revisions import (
    list_replica_sets,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import (
    former_cr,
    operator_secret,
    verified_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    list_revision_objects,
)

from . import previous_deployment
from .object_apply import prune_undeployed
from .references import referenced_names


def confirm_deployment(context: Context) -> None:
    """Records the current revision as verified, and deletes objects that are not in use. The record does not change the desired state.

    Of a former revision whose ReplicaSet exists, the ConfigMap stays, and its Secret is deleted: it has former credentials.
    """
    namespace = context.params["namespace"]
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if context.check_mode or deployment is None:
        return
    if not is_managed(deployment):
        if context.params["mode"] == "operator":
            cr = context.cluster.get("DockerRegistry", context.params["name"], namespace)
            verified_state.record_verified_state(context, cr, deployment, None)
            former_cr.remove_accepted_loss(context)
            operator_secret.delete_former_values(context, namespace)
            operator_secret.delete_unused_secret(context, namespace, cr, referenced_names(_pod_spec(deployment)))
            context.result["confirmed"] = True
        return
    previous_deployment.record_verified(context, deployment)
    former_cr.remove_accepted_loss(context)
    context.result["confirmed"] = True
    prune_undeployed(context, deployment)
    used = referenced_names(_pod_spec(deployment))
    for replica_set in list_replica_sets(context.cluster, namespace, deployment):
        used |= {name for name in referenced_names(_pod_spec(replica_set)) if name[0] == "ConfigMap"}
    for item in list_revision_objects(context.cluster, namespace):
        metadata = item["metadata"]
        if (item["kind"], metadata["name"]) not in used:
            context.cluster.delete(item["kind"], metadata["name"], namespace, uid=metadata["uid"])


def _pod_spec(owner: Mapping[str, Any]) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = owner["spec"]["template"]["spec"]
    return spec
