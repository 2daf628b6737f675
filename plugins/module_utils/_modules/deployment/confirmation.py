# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment with state `confirmed`: the current revision works, so objects that only former revisions used are deleted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    is_managed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION, is_observed
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
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
from .options import DeploymentOptions
from .references import referenced_names

# Seconds that the Deployment's controller may need to observe a change.
_OBSERVATION = 10.0
_PAUSE = 0.2


def confirm_deployment(context: Context[DeploymentOptions], revision: str | None) -> None:
    """Records the current revision as verified, and deletes objects that are not in use. The record does not change the desired state.

    revision: the one that was verified, None for the current one. If another client has changed the Pod template since, nothing is recorded or deleted.
    Of a former revision whose ReplicaSet exists, the ConfigMap stays, and its Secret is deleted: it has former credentials. What cannot be deleted is a
    warning: the registry works.
    """
    namespace = context.options.namespace
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if context.check_mode or deployment is None:
        return
    if revision is not None:
        deployment = _read_unchanged(context, deployment, revision)
        if deployment is None:
            context.result["confirmed"] = False
            return
    is_direct = is_managed(deployment)
    if is_direct:
        previous_deployment.record_verified(context, deployment)
    elif context.options.mode == "operator":
        cr = context.cluster.get("DockerRegistry", context.options.name, namespace)
        verified_state.record_verified_state(context, cr, deployment, None)
    else:
        return
    context.result["confirmed"] = True
    try:
        former_cr.remove_accepted_loss(context)
        if is_direct:
            _delete_unused_objects(context, deployment)
        else:
            _delete_unused_secrets(context, deployment)
    except ClusterError as problem:
        context.report(warning(item.code, item.path, item.message, item.remedy) for item in problem.findings)


def _read_unchanged(context: Context[DeploymentOptions], deployment: ObjectDict, revision: str) -> ObjectDict | None:
    """The Deployment as soon as its controller has observed it; None if it has another revision. Reports a warning (deployment-changed) if it has."""
    deadline = time.monotonic() + _OBSERVATION
    current: ObjectDict | None = deployment
    while current is not None and not is_observed(current) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        current = context.cluster.get("Deployment", constants.REGISTRY, context.options.namespace)
    if current is not None and is_observed(current) and annotations_of(current).get(REVISION) == revision:
        return current
    text = f"was changed after the verification of its revision {revision}, so it is not recorded as verified."
    context.report([warning("deployment-changed", f"Deployment/{constants.REGISTRY}", text, "Run the role again.")])
    return None


def _delete_unused_objects(context: Context[DeploymentOptions], deployment: ObjectDict) -> None:
    """Direct mode: objects that the Deployment was not deployed with, and those of former revisions."""
    namespace = context.options.namespace
    prune_undeployed(context, deployment)
    used = referenced_names(_pod_spec(deployment))
    for replica_set in list_replica_sets(context.cluster, namespace, deployment):
        used |= {name for name in referenced_names(_pod_spec(replica_set)) if name[0] == "ConfigMap"}
    for item in list_revision_objects(context.cluster, namespace):
        metadata = item["metadata"]
        if (item["kind"], metadata["name"]) not in used:
            context.cluster.delete(item["kind"], metadata["name"], namespace, uid=metadata["uid"])


def _delete_unused_secrets(context: Context[DeploymentOptions], deployment: ObjectDict) -> None:
    """Operator mode: our Secrets with former values."""
    namespace = context.options.namespace
    operator_secret.delete_former_values(context, namespace)
    cr = context.cluster.get("DockerRegistry", context.options.name, namespace)
    operator_secret.delete_unused_secret(context, namespace, cr, referenced_names(_pod_spec(deployment)))


def _pod_spec(owner: Mapping[str, Any]) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = owner["spec"]["template"]["spec"]
    return spec
