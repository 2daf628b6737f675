# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of others under the registry's names, found before the first task of a role run writes something."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    is_managed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.handover import (
    check_left_object,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    has_finalizer,
    is_operator_owned,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import check_ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from .current_state import CurrentState
from .desired_state import DesiredState
from .options import StorageOptions

_CLAIM = ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)


def check_foreign_objects(
    context: Context[StorageOptions], desired: DesiredState, current: CurrentState, store: Store
) -> list[Finding]:
    """An error for each object that direct mode would write, or rejects beside its own, and that another owner has made.

    A registry that direct mode runs costs no request, unless it needs an object for the first time.
    """
    if current.namespace is None:
        return []
    known: dict[object_catalog.ObjectKey, ObjectDict | None] = {
        object_catalog.DEPLOYMENT: current.deployment,
        _CLAIM: current.default_claim,
    }
    taken_over = is_operator_owned(current.deployment) or has_finalizer(current.cr)
    found: list[Finding] = []
    for key in _keys(desired, current, store):
        item = known[key] if key in known else context.cluster.get(*key, desired.namespace)
        found += check_left_object(item) if taken_over else check_ownership(item)
    return found


def _keys(desired: DesiredState, current: CurrentState, store: Store) -> list[object_catalog.ObjectKey]:
    """What may be another's: all of the catalog, but of a registry that runs only what it is not deployed with and will be."""
    keys = [key for key in object_catalog.CATALOG if key not in object_catalog.OPERATOR_ONLY]
    recorded = annotations_of(current.deployment).get(constants.DEPLOYED_OBJECTS)
    if recorded is None or not is_managed(current.deployment):
        return keys
    wanted = {_CLAIM}
    if store.claim is None:
        wanted.add(object_catalog.EGRESS)
        if desired.replicas != 1:
            wanted.add(object_catalog.DISRUPTION_BUDGET)
    return [key for key in keys if key in wanted and "/".join(key) not in recorded.split(",")]
