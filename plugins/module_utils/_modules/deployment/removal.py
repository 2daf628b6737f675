# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of what this collection made. Images stay, unless their loss is accepted by name."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import (
    ImageCount,
    count_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import is_operator_owned
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog, registries
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import delete_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    list_revision_objects,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id


def remove_registry(context: Context) -> None:
    """Removes the registry's objects, last applied first. The volume's claim goes only when its loss is accepted."""
    namespace, accept = context.params["namespace"], context.params["accept_data_loss"]
    registries.check_removal(context, context.params["name"], namespace)
    live = {place: context.cluster.get(*place, namespace) for place in object_catalog.CATALOGUE}
    deployment = live[("Deployment", constants.REGISTRY)]
    claim = live[("PersistentVolumeClaim", constants.DEFAULT_CLAIM)]
    if is_operator_owned(deployment):
        # The operator removes it with the DockerRegistry, whose removal is guarded.
        return
    token = claim_storage_id(constants.DEFAULT_CLAIM)
    if accept and accept != token:
        context.report(
            [
                error(
                    "accept-unknown",
                    "accept_data_loss",
                    f"names {accept}, which a removal would not delete.",
                    f"Leave it empty to keep the images, or write {token} to delete the default volume.",
                )
            ]
        )
    if claim is not None and accept != token:
        _report_kept_volume(context, namespace, deployment, token)
    for place, item in reversed(live.items()):
        if item is None or not is_managed(item) or (place[0] in object_catalog.NEVER_PRUNED and accept != token):
            continue
        delete_object(context, item)
    for item in list_revision_objects(context.cluster, namespace):
        delete_object(context, item)


def _report_kept_volume(context: Context, namespace: str, deployment: dict[str, Any] | None, token: str) -> None:
    in_use = storage_id_of(deployment) == token
    image_count = count_images(context, namespace) if in_use else ImageCount(False, reason="no registry serves it")
    if image_count.empty and not in_use:
        return
    context.report(
        [
            warning(
                "volume-kept",
                f"PersistentVolumeClaim/{constants.DEFAULT_CLAIM}",
                f"stays in namespace {namespace} with {image_count.describe() if not image_count.empty else 'no image in it'}.",
                f"A later deployment finds it again; registry_accept_data_loss: '{token}' deletes it.",
            )
        ]
    )
