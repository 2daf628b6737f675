# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of what this collection made. Images stay, unless their loss is accepted."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_being_deleted, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import (
    build_consent,
    is_consent_for,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import (
    ImageCount,
    count_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import is_operator_owned
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import is_ours
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog, registries
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import delete_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    list_revision_objects,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id

from .options import DeploymentOptions
from .preflight.run_preflight import remove_preflight


def remove_registry(context: Context[DeploymentOptions]) -> None:
    """Removes the registry's objects, last applied first. The volume's claim is deleted only if its loss is accepted."""
    namespace, consent = context.options.namespace, context.options.accept_data_loss
    registries.check_removal(context, context.options.name, namespace)
    live = {place: context.cluster.get(*place, namespace) for place in object_catalog.CATALOG}
    deployment, claim = live[object_catalog.DEPLOYMENT], live.pop(("PersistentVolumeClaim", constants.DEFAULT_CLAIM))
    if is_operator_owned(deployment):
        # The operator removes it with the DockerRegistry, whose removal is guarded.
        _remove_preflight(context, namespace)
        return
    fitting = build_consent(claim_storage_id(constants.DEFAULT_CLAIM), namespace, deployment, claim)
    if claim is None or is_being_deleted(claim):
        context.require(_check_consent_without_volume(consent))
    elif consent:
        context.require(_check_consent(consent, fitting))
    else:
        _report_kept_volume(context, namespace, deployment, claim)
    _remove_preflight(context, namespace)
    if consent and claim is not None and not is_being_deleted(claim) and is_ours(claim):
        # Before the Deployment, with which the consent fits: the claim stays until its Pods are deleted, and a run that is done again finds it leaving.
        delete_object(context, claim)
    for item in reversed(live.values()):
        if item is not None and is_ours(item):
            delete_object(context, item)
    for item in list_revision_objects(context.cluster, namespace):
        delete_object(context, item)


def _remove_preflight(context: Context[DeploymentOptions], namespace: str) -> None:
    if not context.check_mode:
        remove_preflight(context, namespace)


def _check_consent(consent: str, fitting: str) -> list[Finding]:
    if consent == fitting:
        return []
    text = "is not a valid consent to delete the default volume of this registry in its current state. Nothing was changed."
    remedy = f"Leave it empty to keep the images, or delete the volume with registry_accept_data_loss: '{fitting}'."
    return [error("accept-unknown", "registry_accept_data_loss", text, remedy)]


def _check_consent_without_volume(consent: str) -> list[Finding]:
    """A consent that an earlier run has used is accepted."""
    if not consent or is_consent_for(claim_storage_id(constants.DEFAULT_CLAIM), consent):
        return []
    text = "specifies a storage that a removal does not delete. Nothing was changed."
    return [
        error(
            "accept-unknown", "registry_accept_data_loss", text, "Leave it empty: the registry has no default volume."
        )
    ]


def _report_kept_volume(
    context: Context[DeploymentOptions], namespace: str, deployment: dict[str, Any] | None, claim: dict[str, Any]
) -> None:
    storage_id = claim_storage_id(constants.DEFAULT_CLAIM)
    in_use = storage_id_of(deployment) == storage_id
    image_count = (
        count_images(context, namespace) if in_use else ImageCount(False, reason="no registry serves this storage")
    )
    if image_count.empty and not in_use:
        return
    left = deployment if context.check_mode or not is_managed(deployment) else None
    consent = build_consent(storage_id, namespace, left, claim)
    context.report(
        [
            warning(
                "volume-kept",
                f"PersistentVolumeClaim/{constants.DEFAULT_CLAIM}",
                f"remains in namespace {namespace} with {image_count.describe() if not image_count.empty else 'no image in it'}.",
                f"A later deployment uses it again. A removal with registry_accept_data_loss: '{consent}' deletes it.",
            )
        ]
    )
