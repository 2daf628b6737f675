# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the former spec.storage of the DockerRegistry, and removes the record of an accepted loss of images."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import RegistryOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_catalog import diff_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.stored_spec import normalize_storage

_ATTEMPTS = 6


def restore_cr(
    context: Context[RegistryOptions], storage: Any, annotations: Mapping[str, str | None] | None = None
) -> None:
    """Writes the former spec.storage: in one request, guarded by the resourceVersion, and then owned by our field manager again.

    annotations: former ones of this collection, None for each that did not exist. Without them, the registry uses the former storage already, and
    only the record of an accepted loss of images is removed: the switch did not take place.
    An operator writes the status at any time; then the request is repeated.
    """
    changed = {constants.ACCEPTED_LOSS: None} if annotations is None else annotations
    for attempt in itertools.count(1):
        cr = context.cluster.get("DockerRegistry", context.options.name, context.options.namespace)
        try:
            _write_storage(context, cr, storage, changed)
            return
        except ClusterError as problem:
            if problem.code not in ("cluster-precondition", "cluster-invalid") or attempt == _ATTEMPTS:
                raise


def remove_accepted_loss(context: Context[RegistryOptions]) -> None:
    """Removes the record of an accepted loss of images: its switch is completed or undone, and the same consent accepts nothing later."""
    cr = context.cluster.get("DockerRegistry", context.options.name, context.options.namespace)
    owned = owned_part(cr, constants.FIELD_MANAGER) if cr is not None else None
    if owned is None or constants.ACCEPTED_LOSS not in annotations_of(owned):
        return
    kept = {name: value for name, value in annotations_of(owned).items() if name != constants.ACCEPTED_LOSS}
    context.cluster.apply(_owned_document(owned, kept, spec_of(owned)), live=cr, force=True)


def _write_storage(
    context: Context[RegistryOptions], cr: ObjectDict | None, storage: Any, annotations: Mapping[str, str | None]
) -> None:
    owned = owned_part(cr, constants.FIELD_MANAGER) if cr is not None else None
    if cr is None or owned is None:
        return
    former = {**annotations_of(owned), **annotations}
    wanted = {name: value for name, value in former.items() if value is not None}
    present = spec_of(cr).get("storage")
    same = (normalize_storage(present) or None) == (normalize_storage(storage) or None)
    if same and wanted == annotations_of(owned):
        return
    changes = []
    if not same:
        changes.append({"path": "/spec/storage", **({"op": "add", "value": storage} if storage else {"op": "remove"})})
    changes += _annotation_changes(annotations_of(cr), annotations)
    metadata = cr["metadata"]
    version = {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]}
    patched = context.cluster.patch("DockerRegistry", metadata["name"], metadata["namespace"], [version, *changes])
    kept = {field: value for field, value in spec_of(owned).items() if field != "storage"}
    document = _owned_document(owned, wanted, {**kept, **({"storage": storage} if storage else {})})
    context.cluster.apply(document, live=patched, force=True)
    if not same:
        context.change(f"DockerRegistry/{metadata['name']}", diff_object(cr), diff_object(patched))


def _owned_document(owned: ObjectDict, annotations: Mapping[str, str], spec: Mapping[str, Any]) -> ObjectDict:
    """What to apply. Without an annotation the field is left out: an empty one would have an owner, and the next run would write again."""
    metadata = {field: value for field, value in owned["metadata"].items() if field != "annotations"}
    return {**owned, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}, "spec": spec}


def _annotation_changes(present: Mapping[str, str], wanted: Mapping[str, str | None]) -> list[ObjectDict]:
    """Steps of a JSON patch. Nothing can be added below a field that does not exist."""
    if not present:
        added = {name: value for name, value in wanted.items() if value is not None}
        return [{"path": "/metadata/annotations", "op": "add", "value": added}] if added else []
    changes: list[ObjectDict] = []
    for name, value in wanted.items():
        path = f"/metadata/annotations/{name.replace('/', '~1')}"
        if value is not None:
            changes.append({"path": path, "op": "add", "value": value})
        elif name in present:
            changes.append({"path": path, "op": "remove"})
    return changes
