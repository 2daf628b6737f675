# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies the registry's objects with drift correction, and prunes those that are no longer wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    annotations_of,
    is_managed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Conflict
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    node_port,
    object_catalog,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import (
    apply_object,
    delete_object,
    note_creation,
)

from .options import DeploymentOptions


def apply_objects(
    context: Context[DeploymentOptions],
    objects: list[dict[str, Any]],
    live: dict[object_catalog.ObjectKey, dict[str, Any] | None],
) -> None:
    """Applies the objects in this order. Fields that others changed are set back, with a warning. live: the objects as read."""
    for item in objects:
        current = live[object_catalog.object_key(item)]
        try:
            apply_object(context, item, current)
        except Conflict as conflict:
            context.report([_drift_warning(item, conflict)])
            apply_object(context, item, current, force=True)
        except ClusterError as problem:
            if not (context.check_mode and current is None and node_port.is_port_taken(problem)):
                raise
            # Another Service got the port since it was chosen. Outside check mode the run takes another port then.
            note_creation(context, item)


def _drift_warning(item: dict[str, Any], conflict: Conflict) -> Finding:
    """A warning that names who changed which fields of an object of the collection."""
    reported = conflict.findings[0].message.rstrip(".")
    remedy = "Leave registry_replicas out to keep the number of an autoscaler." if "spec.replicas" in reported else ""
    return warning(
        "drift-corrected",
        object_catalog.object_title(item),
        f"{reported}. The role sets them to its own values.",
        remedy,
    )


def delete_tampered(
    context: Context[DeploymentOptions],
    objects: list[dict[str, Any]],
    live: dict[object_catalog.ObjectKey, dict[str, Any] | None],
) -> None:
    """Deletes immutable objects whose content is not that of their name, so that they are created again: they cannot be changed."""
    for item in objects:
        key = object_catalog.object_key(item)
        current = live[key]
        if current is not None and (current.get("data") or {}) != item["data"]:
            delete_object(context, current)
            live[key] = None


def prune_objects(
    context: Context[DeploymentOptions],
    wanted: dict[object_catalog.ObjectKey, Any],
    live: dict[object_catalog.ObjectKey, dict[str, Any] | None],
) -> None:
    """Deletes objects of the catalog that are ours and no longer wanted, but never a PersistentVolumeClaim."""
    for key, item in live.items():
        if (
            item is not None
            and key in object_catalog.CATALOG
            and key not in wanted
            and key[0] not in object_catalog.NEVER_PRUNED
            and is_managed(item)
        ):
            delete_object(context, item)


def with_deployed_objects(deployment: dict[str, Any], keys: Iterable[object_catalog.ObjectKey]) -> dict[str, Any]:
    """The Deployment with a record of the objects that it is deployed with."""
    recorded = {constants.DEPLOYED_OBJECTS: ",".join(sorted("/".join(key) for key in keys))}
    metadata = {**deployment["metadata"], "annotations": {**annotations_of(deployment), **recorded}}
    return {**deployment, "metadata": metadata}


def prune_undeployed(context: Context[DeploymentOptions], deployment: dict[str, Any]) -> None:
    """Deletes what prune_objects() would, according to the Deployment's record of its objects; nothing without a record."""
    recorded = annotations_of(deployment).get(constants.DEPLOYED_OBJECTS)
    if recorded is None:
        return
    used = {object_catalog.DEPLOYMENT, *object_catalog.OPERATOR_ONLY}
    used.update((kind, name) for kind, _slash, name in (item.partition("/") for item in recorded.split(",")))
    namespace = context.options.namespace
    unused = [key for key in object_catalog.CATALOG if key not in used and key[0] not in object_catalog.NEVER_PRUNED]
    prune_objects(context, {}, {key: context.cluster.get(*key, namespace) for key in unused})
