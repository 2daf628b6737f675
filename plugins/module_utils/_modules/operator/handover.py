# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand-over between direct mode and Kyma's operator: images are kept, and the objects contain nothing of the other mode.

What can be made again is deleted, for its new owner to make. Objects with images, and objects that clients use, are kept and only
change their owner: labels and the entries of the former field managers are removed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    is_managed,
    labels_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import delete_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    list_revision_objects,
)

from .mode import FINALIZER, has_finalizer, is_operator_owned
from .ownership import check_ownership

# Images, the password that clients have, and the NodePort that is part of every pull address.
_KEPT = (
    ("PersistentVolumeClaim", constants.DEFAULT_CLAIM),
    ("Secret", constants.CREDENTIALS_SECRET),
    ("Service", constants.REGISTRY),
)
_ATTEMPTS = 6
# Without them a Pod cannot start: of direct mode, of an operator.
_DIRECT_MODE_PODS_NEED = (object_catalog.SERVICE_ACCOUNT,)
_OPERATOR_PODS_NEED = (object_catalog.SERVICE_ACCOUNT, *object_catalog.OPERATOR_ONLY)


def is_hand_over_pending(deployment: ObjectDict | None, cr: ObjectDict | None) -> bool:
    """True if objects of direct mode may be left for hand_over_to_operator().

    A run that was killed may have deleted the Deployment; then the DockerRegistry has not been written for operator mode. Without a DockerRegistry
    nothing records the progress of such a run.
    """
    return is_managed(deployment) or constants.REQUESTED_STORAGE not in annotations_of(cr)


def hand_over_to_operator(
    context: Context[Options], namespace: str, deployment: ObjectDict | None, cr: ObjectDict | None
) -> None:
    """Prepares what direct mode created for the operator; does nothing if the operator has it already.

    What Pods need to start is deleted after the Deployment, so that Pods of a Deployment that exists can always start.
    """
    if not is_hand_over_pending(deployment, cr):
        return
    if deployment is not None and is_managed(deployment):
        others = _catalog_without(object_catalog.DEPLOYMENT, *_DIRECT_MODE_PODS_NEED)
        objects = _read_objects(context, namespace, [*_KEPT, ("Secret", constants.PRIVATE_SECRET), *others])
        _hand_over(context, filter(is_managed, objects), None)
        delete_object(context, deployment)
    revision_objects = list(list_revision_objects(context.cluster, namespace))
    if cr is None and not is_managed(deployment) and not revision_objects:
        # A new registry: they are what a killed run deletes last.
        return
    _hand_over(context, filter(is_managed, _read_objects(context, namespace, _DIRECT_MODE_PODS_NEED)), None)
    _hand_over(context, revision_objects, None)


def hand_over_to_direct_mode(
    context: Context[Options], namespace: str, deployment: ObjectDict | None, cr: ObjectDict | None
) -> None:
    """Takes over the objects of an operator that no longer runs. Rejected if there are objects that neither of them created.

    The operator's finalizer is removed last: with it, a run that was killed after it deleted the Deployment is done again.
    """
    pending = deployment is None and cr is not None and has_finalizer(cr)
    if pending or is_operator_owned(deployment):
        before = _catalog_without(object_catalog.DEPLOYMENT, *_OPERATOR_PODS_NEED)
        keys = [*_KEPT, *before, object_catalog.DEPLOYMENT, *_OPERATOR_PODS_NEED]
        objects = [item for item in _read_objects(context, namespace, keys) if not is_managed(item)]
        context.require(finding for item in objects for finding in check_left_object(item))
        _hand_over(context, objects, constants.FIELD_MANAGER)
    remove_finalizer(context, cr)


def check_left_object(item: ObjectDict | None) -> list[Finding]:
    """An error if an object that direct mode finds at its hand-over is neither the operator's, nor ours, nor one that is kept for any owner."""
    if item is None or object_catalog.object_key(item) in _KEPT or is_operator_owned(item):
        return []
    return check_ownership(item)


def remove_finalizer(context: Context[Options], cr: ObjectDict | None) -> None:
    """Removes the finalizer of an operator that no longer runs."""
    if cr is not None and has_finalizer(cr):
        finalizers = cr["metadata"]["finalizers"]
        _patch_metadata(context, cr, {"finalizers": [item for item in finalizers if item != FINALIZER] or None})


def _catalog_without(*keys: object_catalog.ObjectKey) -> list[object_catalog.ObjectKey]:
    return [key for key in object_catalog.CATALOG if key not in keys]


def _read_objects(
    context: Context[Options], namespace: str, keys: Iterable[object_catalog.ObjectKey]
) -> Iterator[ObjectDict]:
    """The objects of these keys, each read when its turn comes."""
    for key in dict.fromkeys(keys):
        item = context.cluster.get(*key, namespace)
        if item is not None:
            yield item


def _hand_over(context: Context[Options], items: Iterable[ObjectDict], owner: str | None) -> None:
    """Hands objects over. owner: value of the managed-by label of the objects that stay, None for no label."""
    for item in items:
        if object_catalog.object_key(item) in _KEPT:
            _change_owner(context, item, owner)
        else:
            delete_object(context, item)


def _change_owner(context: Context[Options], item: ObjectDict, owner: str | None) -> None:
    """Sets the owner of an object that stays.

    An operator that has taken the DockerRegistry already writes the object at any time. Then the change is made to what the operator wrote, unless
    that has changed the owner.
    """
    for attempt in itertools.count(1):
        labels = {key: value for key, value in labels_of(item).items() if key != constants.MANAGED_BY_LABEL}
        # One empty entry makes the API server remove all managers.
        metadata = {
            "labels": {**labels, constants.MANAGED_BY_LABEL: owner},
            "annotations": {constants.HANDED_OVER: "true" if owner is None else None},
            "managedFields": [{}],
        }
        try:
            _patch_metadata(context, item, metadata)
            return
        except ClusterError as problem:
            named = item["metadata"]
            fresh = context.cluster.get(item["kind"], named["name"], named["namespace"])
            same = fresh is not None and fresh["metadata"]["uid"] == named["uid"]
            if problem.code != "cluster-precondition" or attempt == _ATTEMPTS or fresh is None or not same:
                raise
        if is_managed(fresh) == (owner is not None):
            return
        item = fresh


def _patch_metadata(context: Context[Options], item: ObjectDict, metadata: ObjectDict) -> None:
    """Sends a merge patch guarded by the resourceVersion; in check mode only reports the change."""
    named = item["metadata"]
    body = {"metadata": {**metadata, "resourceVersion": named["resourceVersion"]}}
    if not context.check_mode:
        context.cluster.patch(item["kind"], named["name"], named["namespace"], body, content_type=MERGE_PATCH)
    context.change(f"{object_catalog.object_title(item)} (changes its owner)", {}, {})
