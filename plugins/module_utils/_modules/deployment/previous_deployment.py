# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the registry's Deployment records about revisions: which one was verified, and the last verified Deployment.

Both are annotations that runs write only if they change something. They are patched, not applied, so that an apply does not remove them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION, is_verified
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import number_of_replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.replicas import keep_number
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .options import DeploymentOptions


def record_verified(context: Context[DeploymentOptions], deployment: ObjectDict) -> None:
    """Records the Deployment's current revision as verified, and the Deployment, to be restored if a later one fails."""
    records: dict[str, str | None] = {}
    if not is_verified(deployment):
        records[constants.VERIFIED_REVISION] = annotations_of(deployment)[REVISION]
    owned = owned_part(deployment, constants.FIELD_MANAGER)
    if owned is not None and owned != read_previous_deployment(deployment):
        records.update(_kept(owned, deployment))
    if records:
        _annotate(context, deployment, records)


def is_last_verified(deployment: ObjectDict) -> bool:
    """Whether the Deployment was verified: its revision, or another one in which the fields that this collection owns are the same.

    A restart or another change by another client makes another revision. The number of replicas does not count.
    """
    if is_verified(deployment):
        return True
    owned, previous = owned_part(deployment, constants.FIELD_MANAGER), read_previous_deployment(deployment)
    return None not in (owned, previous) and _without_replicas(owned) == _without_replicas(previous)


def record_previous(context: Context[DeploymentOptions], deployment: ObjectDict, wanted: ObjectDict) -> ObjectDict:
    """Keeps the Deployment, if it was verified and `wanted` changes it, to be restored if the new one fails. Returns it in its state at that time.

    What is kept already stays if the Deployment was not verified: an interrupted run or another client has changed it. The record of a restoration is
    removed: the Deployment is the wanted one from now on.
    """
    if context.check_mode:
        return deployment
    records: dict[str, str | None] = {}
    if constants.RESTORED_AFTER in annotations_of(deployment):
        records[constants.RESTORED_AFTER] = None
    applied = keep_number(wanted, deployment, constants.FIELD_MANAGER)
    if is_last_verified(deployment) and find_difference(applied, deployment, constants.FIELD_MANAGER) is not None:
        records.update(_kept(owned_part(deployment, constants.FIELD_MANAGER), deployment))
    return _annotate(context, deployment, records) if records else deployment


def record_restored(context: Context[DeploymentOptions], codes: Iterable[str]) -> None:
    """Records that the Deployment was restored after a failure with findings of these codes."""
    deployment = context.cluster.get("Deployment", constants.REGISTRY, context.options.namespace)
    if deployment is not None:
        _annotate(context, deployment, {constants.RESTORED_AFTER: ",".join(codes) or "unknown"})


def read_previous_deployment(deployment: Mapping[str, Any] | None) -> ObjectDict | None:
    """The last verified Deployment, ready to be applied; None if there is none."""
    text = annotations_of(deployment).get(constants.PREVIOUS_DEPLOYMENT)
    if not text:
        return None
    previous: ObjectDict = json.loads(text)
    return previous


def previous_replicas(deployment: Mapping[str, Any] | None) -> int | None:
    """The number of replicas of the last verified Deployment; None if it is not recorded."""
    text = annotations_of(deployment).get(constants.PREVIOUS_REPLICAS, "")
    return int(text) if text.isdecimal() else None


def _kept(owned: Mapping[str, Any] | None, deployment: ObjectDict) -> dict[str, str]:
    """The annotations with what is restored. We do not own the number of replicas if an autoscaler sets it, but the new Deployment can have another."""
    return {
        constants.PREVIOUS_DEPLOYMENT: json.dumps(owned, sort_keys=True),
        constants.PREVIOUS_REPLICAS: str(number_of_replicas(deployment)),
    }


def _without_replicas(deployment: Mapping[str, Any] | None) -> ObjectDict:
    return {**(deployment or {}), "spec": {**spec_of(deployment), "replicas": None}}


def _annotate(
    context: Context[DeploymentOptions], deployment: ObjectDict, annotations: Mapping[str, str | None]
) -> ObjectDict:
    metadata = deployment["metadata"]
    patch = {"metadata": {"annotations": annotations, "uid": metadata["uid"]}}
    return context.cluster.patch("Deployment", metadata["name"], metadata["namespace"], patch, content_type=MERGE_PATCH)
