# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the DockerRegistry, and before it what has to be there or has to go."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    maintenance_window,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import (
    handover,
    operator_secret,
    plan,
    reaction,
    unlock,
    verified_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import namespace

from . import definition
from .cr_write import apply_cr, record_accepted_loss
from .decision import Decision, guard
from .options import StorageOptions


def write_docker_registry(context: Context[StorageOptions], decision: Decision) -> None:
    """Writes it as it was decided. In check mode only reports what would be written."""
    desired, current, written = decision.desired, decision.current, decision.written
    if current.namespace is None:
        namespace.create_namespace(context, desired.namespace)
    if not current.defined:
        definition.install_definition(context, desired.namespace)
    if context.check_mode and (not current.defined or current.namespace is None):
        # The server cannot answer a dry run for what has no namespace or no definition yet.
        context.change(f"DockerRegistry/{desired.name}", {}, written.document())
        return
    operator_plan = decision.operator_plan
    if operator_plan is not None and current.cr is not None:
        verified_state.record_found_state(context, current.cr, current.deployment)
    if decision.consent and current.cr is not None:
        # The writes that follow change or delete the Deployment, and the consent fits only in its current state.
        pending = handover.is_hand_over_pending(current.deployment, current.cr)
        recorded = desired.with_accepted_loss(str(decision.record)) if pending else written
        record_accepted_loss(context, recorded, current.cr)
    with _switch_window(context, decision) as deployment:
        if operator_plan is None:
            handover.hand_over_to_direct_mode(context, desired.namespace, deployment, current.cr)
            apply_cr(context, written, _read_cr(context, decision))
        else:
            _write_for_operator(context, decision, operator_plan, deployment)


def _switch_window(context: Context[StorageOptions], decision: Decision) -> AbstractContextManager[ObjectDict | None]:
    """A maintenance window if the writes switch the storage of the registry: with an operator, or because they hand the registry over.

    If direct mode keeps the registry, registry_deployment switches the storage.
    """
    deployment, namespace_name = decision.current.deployment, decision.desired.namespace
    direct = decision.operator_plan is None
    if deployment is None or context.check_mode or (direct and is_managed(deployment)):
        return nullcontext(deployment)
    if running_storage_id(context, namespace_name, deployment) == decision.store.storage_id:
        return nullcontext(deployment)
    judge = functools.partial(guard, context, decision, in_window=True)
    return maintenance_window(context, namespace_name, deployment, judge)


def _write_for_operator(
    context: Context[StorageOptions],
    decision: Decision,
    operator_plan: plan.OperatorPlan,
    deployment: ObjectDict | None,
) -> None:
    """Writes what the operator reads. A registry that runs in direct mode is handed over after the operator has reacted to the DockerRegistry."""
    current, written, mode = decision.current, decision.written, decision.mode
    waits_for_operator = current.cr is None and is_managed(deployment) and not context.check_mode
    if not waits_for_operator:
        handover.hand_over_to_operator(context, written.namespace, deployment, current.cr)
    unlock.lift_storage_lock(context, written.namespace, deployment, decision.store)
    derived = operator_secret.write_operator_secret(context, written.namespace, operator_plan.derived)
    live = _read_cr(context, decision)
    cr = apply_cr(context, written.before_hand_over() if waits_for_operator else written, live)
    if current.cr is None:
        if live is None:
            reaction.require_reaction_to_new(context, mode, cr, derived=derived)
        else:
            # Another client created it after the first look.
            reaction.require_reaction(context, mode, cr)
    if waits_for_operator:
        handover.hand_over_to_operator(context, written.namespace, deployment, cr)
        apply_cr(context, written, _read_cr(context, decision))


def _read_cr(context: Context[StorageOptions], decision: Decision) -> dict[str, Any] | None:
    """The DockerRegistry in its current state: in check mode as it was read before, because nothing was written since."""
    if context.check_mode:
        return decision.current.cr
    return context.cluster.get("DockerRegistry", decision.desired.name, decision.desired.namespace)
