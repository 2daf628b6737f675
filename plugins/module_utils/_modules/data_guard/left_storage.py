# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage of a registry whose Deployment was deleted, for example by hand or by a hand-over that was killed. Its DockerRegistry still exists."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    Options,
    StoreOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import (
    read_requested_store,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    claim_storage_id,
    is_claim,
)

from .storage_ids import UNKNOWN, recorded_storage_id


def left_storage_id(
    context: Context[StoreOptions], namespace: str, cr: Object | None, new_storage_id: str
) -> str | None:
    """The storage ID that the registry served last: new_storage_id if that is certain, `unknown/...` if it cannot be resolved.

    None if the DockerRegistry names nothing but the new storage and no canary was recorded, if no deployment has written its status, so that no
    registry has served it, and for a claim that has no volume.
    """
    if cr is None or not status_of(cr).get("storage"):
        return None
    credentials = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    canary = annotations_of(credentials).get(constants.CANARY) or ""
    found = recorded_storage_id(cr) or _named_storage_id(context, namespace, cr, new_storage_id, canary)
    if found == new_storage_id:
        # A switch that was killed names the new storage before any Pod uses it. The canary is in the storage that was verified last.
        found = canary
    if not found or (is_claim(found) and not _is_bound(context, namespace, found)):
        return None
    return found


def _named_storage_id(
    context: Context[StoreOptions], namespace: str, cr: Object, new_storage_id: str, canary: str
) -> str:
    """The storage ID by spec.storage, which has neither root directory nor driver parameters of direct mode: the record of the canary has them.

    Without that record, a root directory in the named storage is assumed to be the same.
    """
    storage = spec_of(cr).get("storage")
    store = read_requested_store(context, cr, storage, namespace)
    named = None if store is None else store.storage_id
    parameters = context.options.driver_parameters
    if parameters and store is not None and new_storage_id != named:
        deployed = read_requested_store(context, cr, storage, namespace, parameters)
        if deployed is not None and deployed.storage_id == new_storage_id and canary in ("", new_storage_id):
            return new_storage_id
    if named is None or canary == named or canary.startswith(f"{named}/"):
        return canary or UNKNOWN
    return new_storage_id if new_storage_id.startswith(f"{named}/") else named


def _is_bound(context: Context[Options], namespace: str, storage_id: str) -> bool:
    name = storage_id.removeprefix(claim_storage_id(""))
    claim = context.cluster.get("PersistentVolumeClaim", name, namespace)
    return claim is not None and status_of(claim).get("phase") == "Bound"
