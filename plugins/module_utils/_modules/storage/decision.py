# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run wants of the DockerRegistry, and what it found: the input of everything that writes it or compares it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import (
    build_record,
    kept_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import guard_images
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    is_switch_interrupted,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    NOT_SWITCHED,
    describe_unchanged,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import plan
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import Mode
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import current_state, desired_state
from .options import StorageOptions


@dataclass(frozen=True)
class Decision:
    """operator_plan: None in direct mode. consent: to the loss of images that the data guard has accepted, '' if it had to accept none."""

    desired: desired_state.DesiredState
    current: current_state.CurrentState
    mode: Mode
    store: Store
    operator_plan: plan.OperatorPlan | None
    consent: str = ""

    @property
    def written(self) -> desired_state.DesiredState:
        """The DockerRegistry as it will be."""
        written = self.desired
        if self.operator_plan is not None:
            written = written.with_storage(self.operator_plan.sent, self.store.storage_id)
        record = self.record
        return written if record is None else written.with_accepted_loss(record)

    @property
    def record(self) -> str | None:
        """The record of an accepted loss of images, None for none."""
        if self.consent:
            return build_record(self.consent, self.store.storage_id)
        return kept_record(self.current.cr, self.store.storage_id)


def guard(context: Context[StorageOptions], decision: Decision, *, in_window: bool = False) -> list[Finding]:
    """What the data guard says about the change. in_window: in the maintenance window of the switch. Raises Refusal if images would be left behind."""
    desired, current = decision.desired, decision.current
    # The role writes other objects between the validation and this state.
    written = context.options.state == "present"
    return guard_images(
        context,
        namespace=desired.namespace,
        new_storage_id=decision.store.storage_id,
        deployment=current.deployment,
        default_claim=current.default_claim,
        consent=context.options.accept_data_loss,
        registry_name=desired.name,
        path=desired.path,
        interrupted=is_switch_interrupted(current.cr, current.deployment),
        outcome=NOT_SWITCHED if in_window else describe_unchanged(current.deployment, written=written),
        in_window=in_window,
    )
