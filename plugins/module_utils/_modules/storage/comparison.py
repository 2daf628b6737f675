# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the DockerRegistry, and what is written with it, is as it is wanted already. Writes nothing."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed, secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import handover, unlock
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    has_finalizer,
    is_operator_owned,
)

from .cr_document import build_corrections, keep_external_access
from .decision import Decision
from .options import StorageOptions


def is_cr_current(context: Context[StorageOptions], decision: Decision, *, switched: bool) -> bool:
    """True if writing it would change nothing. switched: the registry keeps its images elsewhere now. Any doubt means False."""
    current = decision.current
    if switched or decision.consent or current.namespace is None or current.cr is None:
        return False
    if decision.operator_plan is None:
        # What an operator has left is taken over with the DockerRegistry.
        if has_finalizer(current.cr) or is_operator_owned(current.deployment):
            return False
    elif not _is_operator_current(context, decision):
        return False
    wanted = keep_external_access(decision.written, current.cr)
    if build_corrections(wanted, current.cr):
        return False
    return find_difference(wanted.document(), current.cr, constants.FIELD_MANAGER) is None


def _is_operator_current(context: Context[StorageOptions], decision: Decision) -> bool:
    """With an operator: nothing of direct mode is left, the overlay is there, no storage lock prevents the storage, our Secret has its data."""
    cr, deployment = decision.current.cr, decision.current.deployment
    if deployment is None or handover.is_hand_over_pending(deployment, cr) or is_managed(deployment):
        return False
    if owned_part(deployment, constants.FIELD_MANAGER) is None or unlock.is_switch(deployment, decision.store):
        return False
    derived = decision.operator_plan.derived if decision.operator_plan is not None else None
    if derived is None:
        return True
    namespace = decision.desired.namespace
    live = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    wanted = secret_object(constants.OPERATOR_SECRET, namespace, derived)
    return find_difference(wanted, live, constants.FIELD_MANAGER) is None
