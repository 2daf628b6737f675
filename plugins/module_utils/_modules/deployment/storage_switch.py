# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A switch of the storage in direct mode: in a maintenance window, and with the former state after a rejection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, annotations_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    maintenance_window,
    was_closed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    keep_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.former_cr import restore_cr

from .confirmation import confirm_deployment
from .options import DeploymentOptions
from .previous_deployment import read_previous_deployment


@contextmanager
def switch_window(
    context: Context[DeploymentOptions],
    live: ObjectDict | None,
    wanted: ObjectDict,
    new_storage_id: str,
    judge: Callable[[], Iterable[Finding]],
) -> Iterator[tuple[ObjectDict | None, ObjectDict]]:
    """Runs the body, which applies the wanted Deployment, in a maintenance window if that switches the storage.

    Yields the live and the wanted Deployment in their state at that time. judge: see maintenance_window(). If the switch is rejected or fails before it is
    made, the former Deployment and spec.storage are restored, and an error is raised as it was.
    """
    if live is None or context.check_mode or storage_id_of(live) == new_storage_id:
        yield live, _with_record(context, wanted, live)
        return
    try:
        with ExitStack() as stack:
            current = stack.enter_context(maintenance_window(context, context.options.namespace, live, judge))
            yield current, _with_record(context, wanted, current)
    except Refusal:
        if was_closed(context.findings):
            _restore_records(context)
        raise


def _with_record(context: Context[DeploymentOptions], wanted: ObjectDict, live: ObjectDict | None) -> ObjectDict:
    """The wanted Deployment with the record of a window. A run that does not wait cannot remove it after the rollout."""
    return keep_record(wanted, live) if context.options.wait else wanted


def _restore_records(context: Context[DeploymentOptions]) -> None:
    """The Deployment is the former one again: it is as verified as it was, and the DockerRegistry asks for its storage."""
    namespace = context.options.namespace
    try:
        live = context.cluster.get("Deployment", constants.REGISTRY, namespace)
        if live is None:
            return
        if owned_part(live, constants.FIELD_MANAGER) == read_previous_deployment(live):
            confirm_deployment(context, annotations_of(live).get(REVISION))
        restore_cr(context, json.loads(annotations_of(live)[constants.REQUESTED_STORAGE]))
    except Refusal as refusal:
        context.report(warning(item.code, item.path, item.message, item.remedy) for item in refusal.findings)
