# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the registry's Deployment records about revisions: which one was verified, and the last verified Deployment.

Both are annotations that runs write only if they change something. They are patched, not applied, so that an apply does not remove them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context


def is_verified(deployment: Mapping[str, Any] | None) -> bool:
    """Whether a run has verified the Deployment's current revision."""
    annotations = annotations_of(deployment)
    verified = annotations.get(constants.VERIFIED_REVISION)
    return verified is not None and verified == annotations.get(REVISION)


def record_verified(context: Context, deployment: ObjectDict) -> None:
    """Records the Deployment's current revision as verified."""
    if not is_verified(deployment):
        _annotate(context, deployment, {constants.VERIFIED_REVISION: annotations_of(deployment)[REVISION]})


def record_previous(context: Context, deployment: ObjectDict, wanted: ObjectDict) -> ObjectDict:
    """Keeps the Deployment, if it was verified and `wanted` changes it, to be restored if the new one fails. Returns it as it is then.

    What is kept already stays if the Deployment was not verified: an interrupted run has left it.
    """
    if context.check_mode or not is_verified(deployment):
        return deployment
    if find_difference(wanted, deployment, constants.FIELD_MANAGER) is None:
        return deployment
    kept = owned_part(deployment, constants.FIELD_MANAGER)
    return _annotate(context, deployment, {constants.PREVIOUS_DEPLOYMENT: json.dumps(kept, sort_keys=True)})


def read_previous(deployment: Mapping[str, Any] | None) -> ObjectDict | None:
    """The last verified Deployment, ready to be applied; None if there is none."""
    text = annotations_of(deployment).get(constants.PREVIOUS_DEPLOYMENT)
    if not text:
        return None
    previous: ObjectDict = json.loads(text)
    return previous


def _annotate(context: Context, deployment: ObjectDict, annotations: Mapping[str, str]) -> ObjectDict:
    metadata = deployment["metadata"]
    patch = {"metadata": {"annotations": annotations, "uid": metadata["uid"]}}
    return context.cluster.patch("Deployment", metadata["name"], metadata["namespace"], patch, content_type=MERGE_PATCH)
