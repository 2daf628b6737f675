# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixed catalog of the registry's objects: what may be applied, in which order, and what may be pruned."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    SERVER_METADATA,
    is_managed,
    metadata_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply import diff
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret

# (kind, name) in the order of applying: what a Pod needs comes before the Pod. The credentials belong to registry_secret.
ObjectKey = tuple[str, str]
SERVICE_ACCOUNT: ObjectKey = ("ServiceAccount", constants.REGISTRY)
DEPLOYMENT: ObjectKey = ("Deployment", constants.REGISTRY)
EGRESS: ObjectKey = ("NetworkPolicy", constants.EGRESS_POLICY)
DISRUPTION_BUDGET: ObjectKey = ("PodDisruptionBudget", constants.REGISTRY)
CATALOG: tuple[ObjectKey, ...] = (
    SERVICE_ACCOUNT,
    ("ConfigMap", constants.CONFIG_MAP),
    ("Secret", constants.STORAGE_SECRET),
    ("PersistentVolumeClaim", constants.DEFAULT_CLAIM),
    *(("NetworkPolicy", policy) for policy in constants.NETWORK_POLICIES),
    ("Service", constants.REGISTRY),
    ("Service", constants.METRICS_SERVICE),
    DISRUPTION_BUDGET,
    DEPLOYMENT,
)

# Objects under these names are an operator's. Direct mode has content-named ones instead.
CONFIG_MAP: ObjectKey = ("ConfigMap", constants.CONFIG_MAP)
OPERATOR_ONLY = (CONFIG_MAP, ("Secret", constants.STORAGE_SECRET))
# Kinds that hold images: never pruned.
NEVER_PRUNED = frozenset({"PersistentVolumeClaim"})


def object_key(item: dict[str, Any]) -> ObjectKey:
    """The object's place in the catalog."""
    return str(item.get("kind")), str(metadata_of(item).get("name"))


def object_title(item: dict[str, Any]) -> str:
    """`Kind/name` as text."""
    return "/".join(object_key(item))


def sort_objects(objects: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """The objects in the catalog's order, unknown ones last, empty documents left out."""
    position = {place: index for index, place in enumerate(CATALOG)}
    return sorted((item for item in objects if item), key=lambda item: position.get(object_key(item), len(position)))


def check_objects(objects: list[dict[str, Any]], namespace: str) -> list[Finding]:
    """Problems with the set of objects: unknown or doubled ones, another namespace, no managed-by label, no Deployment."""
    found = []
    known: set[ObjectKey] = set()
    for index, item in enumerate(objects):
        path = f"objects[{index}] {object_title(item)}"
        # Secrets are made here from what no_log options hold, never from a list that anybody can print.
        if object_key(item) not in CATALOG or item.get("kind") == "Secret":
            found.append(
                error(
                    "object-not-in-catalog",
                    path,
                    "is not an object of the registry.",
                    "Apply it with another module.",
                )
            )
        if object_key(item) in known:
            found.append(error("object-doubled", path, "occurs twice.", "Remove one of them."))
        if metadata_of(item).get("namespace") != namespace:
            found.append(
                error("object-namespace", path, f"does not exist in namespace {namespace}.", "Set metadata.namespace.")
            )
        if not is_managed(item):
            found.append(
                error(
                    "object-label",
                    path,
                    "does not have the managed-by label of this collection, so the role could not remove it later.",
                    "Add the label.",
                )
            )
        known.add(object_key(item))
    if DEPLOYMENT not in known:
        found.append(
            error("object-deployment-missing", "objects", "do not contain the Deployment dockerregistry.", "Add it.")
        )
    return found


def diff_object(
    item: dict[str, Any] | None, before: dict[str, Any] | None = None, *, ours: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The object for a diff: without status and the server's bookkeeping; of a Secret only which keys change against `before`.

    ours: the object that is applied; what others wrote besides is hidden.
    """
    if item is None:
        return {}
    if item.get("kind") == "Secret":
        return visible_secret(item, before)
    shown = {name: value for name, value in item.items() if name != "status"}
    shown["metadata"] = {name: value for name, value in metadata_of(item).items() if name not in SERVER_METADATA}
    return diff.visible_object(shown, ours or {})
