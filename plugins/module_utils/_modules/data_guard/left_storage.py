# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage of a registry whose Deployment was deleted, for example by hand or by a hand-over that was killed. Its DockerRegistry still exists."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    secret_data,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    PARAMETERS_PATH,
    claim_storage_id,
    is_claim,
)

from .storage_ids import UNKNOWN, recorded_storage_id


def left_storage_id(context: Context, namespace: str, cr: Object | None, new_storage_id: str) -> str | None:
    """The storage ID that the DockerRegistry names, `unknown/...` if it names none that can be resolved. None if it is the new one.

    Also None if no deployment has written its status, so that no registry has served it, and for a claim that has no volume.
    """
    if cr is None or not status_of(cr).get("storage"):
        return None
    found = recorded_storage_id(cr) or _named_storage_id(context, namespace, cr, new_storage_id)
    if found == new_storage_id or (is_claim(found) and not _is_bound(context, namespace, found)):
        return None
    return found


def _named_storage_id(context: Context, namespace: str, cr: Object, new_storage_id: str) -> str:
    """The storage ID by spec.storage, which does not have the root directory of direct mode: the record of the canary has it.

    Without that record, a root directory in the named storage is assumed to be the same.
    """
    credentials = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    canary = annotations_of(credentials).get(constants.CANARY) or ""
    named = _resolve(context, namespace, cr)
    if named is None or canary == named or canary.startswith(f"{named}/"):
        return canary or UNKNOWN
    return new_storage_id if new_storage_id.startswith(f"{named}/") else named


def _resolve(context: Context, namespace: str, cr: Object) -> str | None:
    """The storage ID of spec.storage, None if it cannot be resolved, for example because its Secret does not exist any more."""
    resolved, _found = spec.check_storage(spec_of(cr).get("storage"), "spec.storage")
    if resolved is None:
        return None
    name = resolved.secret_name
    live = None if name is None else context.cluster.get("Secret", name, namespace)
    data = None if live is None else secret_data(live)
    store, _found = resolved.store(data, {}, secret_path=f"Secret/{name}", parameters_path=PARAMETERS_PATH)
    return None if store is None else store.storage_id


def _is_bound(context: Context, namespace: str, storage_id: str) -> bool:
    name = storage_id.removeprefix(claim_storage_id(""))
    claim = context.cluster.get("PersistentVolumeClaim", name, namespace)
    return claim is not None and status_of(claim).get("phase") == "Bound"
