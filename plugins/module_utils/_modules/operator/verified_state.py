# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run last verified in operator mode: spec.storage and the overlay. It is recorded on the operator's Deployment.

The record is patched, not applied, so that an apply of the overlay does not remove it. Runs write it only if they change something.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    ObjectDict,
    annotations_of,
    is_managed,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import (
    REVISION,
    is_rolled_out,
    is_verified,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    recorded_storage_id,
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    read_only_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import empty_overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.stored_spec import normalize_storage

# Annotations that the collection writes to the DockerRegistry: they belong to its spec.storage.
CR_ANNOTATIONS = (constants.REQUESTED_STORAGE, constants.STORAGE_ID)


@dataclass(frozen=True)
class VerifiedState:
    """storage: spec.storage of the DockerRegistry, None if it is left out. annotations: the collection's that go with it.

    overlay: what our field manager has applied to the Deployment. storage_id: where the images are, None if it was not known.
    """

    storage: dict[str, Any] | None
    annotations: dict[str, str]
    overlay: ObjectDict
    storage_id: str | None


def read_verified_state(deployment: Object | None) -> VerifiedState | None:
    """The state that was recorded, None if none was."""
    text = annotations_of(deployment).get(constants.VERIFIED_STATE)
    return VerifiedState(**json.loads(text)) if text else None


def read_present_state(context: Context[Options], cr: Object | None, deployment: Object) -> VerifiedState:
    """The current state."""
    namespace = context.options.namespace
    annotations = annotations_of(cr)
    return VerifiedState(
        storage=normalize_storage(spec_of(cr).get("storage")),
        annotations={name: annotations[name] for name in CR_ANNOTATIONS if name in annotations},
        overlay=owned_part(deployment, constants.FIELD_MANAGER) or empty_overlay(namespace),
        storage_id=recorded_storage_id(deployment) or running_storage_id(context, namespace, deployment),
    )


def is_state_verified(context: Context[Options], cr: Object | None, deployment: Object) -> bool:
    """Whether the current state was verified, and no record of a failed run is left."""
    if not is_verified(deployment) or constants.RESTORED_AFTER in annotations_of(deployment):
        return False
    return read_verified_state(deployment) == read_present_state(context, cr, deployment)


def record_verified_state(
    context: Context[Options], cr: Object | None, deployment: ObjectDict, failed_with: str | None
) -> None:
    """Records the present state as verified. failed_with: codes of the failure after which it was restored, None without one."""
    state = read_present_state(context, cr, deployment)
    _annotate(
        context,
        deployment,
        {
            constants.VERIFIED_STATE: json.dumps(asdict(state), sort_keys=True),
            constants.VERIFIED_REVISION: annotations_of(deployment)[REVISION],
            constants.RESTORED_AFTER: failed_with,
        },
    )


def record_found_state(context: Context[Options], cr: Object, deployment: ObjectDict | None) -> None:
    """Records the state of a registry that serves and that an operator has deployed alone, before the first change to it.

    With a field of this collection it can be what a failed first run has left.
    """
    if (
        deployment is None
        or context.check_mode
        or is_managed(deployment)
        or read_verified_state(deployment) is not None
        or owned_part(deployment, constants.FIELD_MANAGER) is not None
    ):
        return
    if status_of(cr).get("state") == "Ready" and is_rolled_out(deployment) and read_only_since(deployment) is None:
        state = read_present_state(context, cr, deployment)
        _annotate(context, deployment, {constants.VERIFIED_STATE: json.dumps(asdict(state), sort_keys=True)})


def _annotate(context: Context[Options], deployment: ObjectDict, annotations: dict[str, str | None]) -> None:
    metadata = deployment["metadata"]
    patch = {"metadata": {"annotations": annotations, "uid": metadata["uid"]}}
    context.cluster.patch("Deployment", metadata["name"], metadata["namespace"], patch, content_type=MERGE_PATCH)
