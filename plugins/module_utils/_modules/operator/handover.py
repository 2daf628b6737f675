# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand-over between direct mode and Kyma's operator: images stay, and nothing of the other mode stays in the objects.

What can be made anew is deleted, for its new owner to make. What holds images, or what clients hold on to, stays as it is and only
changes hands: labels, and the entries of the former field managers, go.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    is_managed,
    labels_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
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
_DIRECT_MODE_ONLY = (("Secret", constants.PRIVATE_SECRET),)


def hand_over_to_operator(context: Context, namespace: str, deployment: ObjectDict | None) -> None:
    """Prepares what direct mode created for the operator; does nothing if the operator has it already."""
    if not is_managed(deployment):
        return
    objects = _read_objects(context, namespace, [*_KEPT, *_DIRECT_MODE_ONLY, *object_catalog.CATALOGUE])
    revision_objects = list(list_revision_objects(context.cluster, namespace))
    _hand_over(context, itertools.chain(revision_objects, filter(is_managed, objects)), None)


def hand_over_to_direct_mode(
    context: Context, namespace: str, deployment: ObjectDict | None, cr: ObjectDict | None
) -> None:
    """Takes over what an operator left that no longer runs. Rejected if there are objects that neither of them created."""
    if is_operator_owned(deployment):
        objects = [
            item
            for item in _read_objects(context, namespace, [*_KEPT, *object_catalog.CATALOGUE])
            if not is_managed(item)
        ]
        others = [
            item for item in objects if object_catalog.object_key(item) not in _KEPT and not is_operator_owned(item)
        ]
        context.report(finding for item in others for finding in check_ownership(item))
        _hand_over(context, objects, constants.FIELD_MANAGER)
    if cr is not None and has_finalizer(cr):
        finalizers = cr["metadata"]["finalizers"]
        _patch_metadata(context, cr, {"finalizers": [item for item in finalizers if item != FINALIZER] or None})


def _read_objects(context: Context, namespace: str, keys: list[object_catalog.ObjectKey]) -> Iterator[ObjectDict]:
    """The objects of these keys, each read when its turn comes.

    The Deployment, by which the former owner is known, is the last: a run that dies before is done again.
    """
    for key in dict.fromkeys(keys):
        item = context.cluster.get(*key, namespace)
        if item is not None:
            yield item


def _hand_over(context: Context, items: Iterable[ObjectDict], owner: str | None) -> None:
    """Hands objects over. owner: value of the managed-by label of the objects that stay, None for no label."""
    for item in items:
        if object_catalog.object_key(item) in _KEPT:
            labels = {key: value for key, value in labels_of(item).items() if key != constants.MANAGED_BY_LABEL}
            # One empty entry makes the API server remove all managers.
            metadata = {
                "labels": {**labels, constants.MANAGED_BY_LABEL: owner},
                "annotations": {constants.HANDED_OVER: "true" if owner is None else None},
                "managedFields": [{}],
            }
            _patch_metadata(context, item, metadata)
        else:
            delete_object(context, item)


def _patch_metadata(context: Context, item: ObjectDict, metadata: ObjectDict) -> None:
    """Sends a merge patch guarded by the resourceVersion; in check mode only notes the change."""
    named = item["metadata"]
    body = {"metadata": {**metadata, "resourceVersion": named["resourceVersion"]}}
    if not context.check_mode:
        context.cluster.patch(item["kind"], named["name"], named["namespace"], body, content_type=MERGE_PATCH)
    context.change(f"{object_catalog.object_title(item)} (changes hands)", {}, {})
