# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the registry's objects, and compares them: whether it is deployed as it is wanted already, and verified. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    is_managed,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out, is_verified
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import number_of_replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.replicas import keep_number
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    read_only_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog

from .options import DeploymentOptions

# Kinds of which the registry has several objects.
_LISTED = frozenset({"NetworkPolicy", "Service"})
# It is deleted last, so it shows that a killed run has left a preflight.
PREFLIGHT_POLICY: object_catalog.ObjectKey = ("NetworkPolicy", constants.PREFLIGHT)
Live = Mapping[object_catalog.ObjectKey, "dict[str, Any] | None"]


def read_objects(
    context: Context[DeploymentOptions], keys: Iterable[object_catalog.ObjectKey], namespace: str
) -> dict[object_catalog.ObjectKey, dict[str, Any] | None]:
    """The objects, each None if it does not exist."""
    wanted = list(keys)
    found: dict[object_catalog.ObjectKey, dict[str, Any]] = {}
    for kind in sorted(_LISTED.intersection(kind for kind, _name in wanted)):
        found.update(((kind, str(item["metadata"]["name"])), item) for item in context.cluster.list(kind, namespace))
    return {key: found.get(key) if key[0] in _LISTED else context.cluster.get(*key, namespace) for key in wanted}


def is_deployment_current(wanted: list[dict[str, Any]], live: Live, storage_id: str) -> bool:
    """True if a deployment would write nothing and wait for nothing. wanted: the objects, those of the revision among them. live: as read."""
    deployment = live[object_catalog.DEPLOYMENT]
    if not _is_rolled_out_and_verified(deployment, storage_id):
        return False
    keys = set()
    for item in wanted:
        key = object_catalog.object_key(item)
        keys.add(key)
        compared = keep_number(item, live[key], constants.FIELD_MANAGER)
        if find_difference(compared, live[key], constants.FIELD_MANAGER) is not None:
            return False
        if key == object_catalog.DEPLOYMENT and not _keeps_a_pod(item, deployment):
            return False
    surplus = {*object_catalog.CATALOG, PREFLIGHT_POLICY} - keys
    return not any(is_managed(live.get(key)) for key in surplus if key[0] not in object_catalog.NEVER_PRUNED)


def _is_rolled_out_and_verified(deployment: Object | None, storage_id: str) -> bool:
    """Whether the Deployment is rolled out and verified, and no record of a failed or interrupted run is left."""
    if deployment is None or not is_rolled_out(deployment) or not is_verified(deployment):
        return False
    if constants.RESTORED_AFTER in annotations_of(deployment) or read_only_since(deployment) is not None:
        return False
    return storage_id_of(deployment) == storage_id


def _keeps_a_pod(wanted: Object, live: Object | None) -> bool:
    """Whether the number of replicas stays: a Deployment that was scaled to 0 gets a Pod if the user gives no number."""
    return spec_of(wanted).get("replicas") is not None or number_of_replicas(live) > 0
