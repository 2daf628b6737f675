# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of the DockerRegistry: in direct mode no other object depends on it; an operator deletes the registry and its volume with it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_being_deleted, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import TICK
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import (
    build_consent,
    describe_choice,
    describe_mismatch,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import abandoned_claim
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import (
    count_images_if_running,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    maintenance_window,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    describe_unchanged,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import handover
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    REQUESTED,
    Mode,
    detect_mode,
    has_finalizer,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import (
    check_operator_ownership,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import registries
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id

from . import cr_document
from .options import StorageOptions, read_name_and_namespace


def remove_docker_registry(context: Context[StorageOptions]) -> None:
    """Removes the DockerRegistry; what an operator would delete with it is guarded."""
    name, namespace = read_name_and_namespace(context)
    context.result.update(name=name, namespace=namespace, planned=context.check_mode)
    registries.check_removal(context, name, namespace)
    live = context.cluster.get("DockerRegistry", name, namespace)
    if live is None:
        text = f"does not exist in namespace {namespace}."
        context.report([Finding("cr-absent", "info", f"DockerRegistry/{name}", text)])
        return
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    mode = _detect_mode(context, live, deployment)
    if not mode.sure:
        context.require(check_operator_ownership(deployment, live))
    window: AbstractContextManager[object] = nullcontext()
    if not mode.is_operator or is_being_deleted(live):
        handover.remove_finalizer(context, live)
    elif _is_volume_empty(context, namespace, live, deployment):
        window = _removal_window(context, namespace, live, deployment)
    with window:
        uid = live["metadata"]["uid"]
        gone = context.check_mode or context.cluster.delete("DockerRegistry", name, namespace, uid=uid)
    if gone:
        context.change(f"DockerRegistry/{name}", cr_document.visible_cr(live), {})
    if mode.is_operator and not context.check_mode:
        _await_deletion(context, name, namespace)


def _detect_mode(context: Context[StorageOptions], cr: dict[str, Any], deployment: dict[str, Any] | None) -> Mode:
    """The mode. Without a Deployment nothing shows that direct mode ran the registry: the role removes the workload first.

    Nothing else is deleted with a DockerRegistry without the operator's finalizer, so direct mode can delete it beside an operator.
    """
    requested = context.options.mode
    if requested == "direct" and deployment is None and not has_finalizer(cr):
        return Mode("direct", REQUESTED)
    return detect_mode(context, requested, cr, deployment)


def _removal_window(
    context: Context[StorageOptions], namespace: str, cr: dict[str, Any], deployment: dict[str, Any] | None
) -> AbstractContextManager[object]:
    """A maintenance window: what is pushed between the count and the deletion would be lost with the volume."""
    if context.check_mode or deployment is None:
        return nullcontext()

    def judge() -> list[Finding]:
        _is_volume_empty(context, namespace, cr, deployment, in_window=True)
        return []

    return maintenance_window(context, namespace, deployment, judge)


def _is_volume_empty(
    context: Context[StorageOptions],
    namespace: str,
    cr: dict[str, Any],
    deployment: dict[str, Any] | None,
    *,
    in_window: bool = False,
) -> bool:
    """Whether the default volume, which the operator deletes with the DockerRegistry, was found empty. No storage lock stops that deletion.

    False if it is not deleted, or its loss is accepted. Raises Refusal if it can have images.
    """
    claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    storage_id = _abandoned_storage_id(claim, cr) if deployment is None else storage_id_of(deployment)
    if storage_id != claim_storage_id(constants.DEFAULT_CLAIM):
        return False
    consent, fitting = context.options.accept_data_loss, build_consent(storage_id, namespace, deployment, claim)
    if consent == fitting:
        return False
    image_count = count_images_if_running(context, namespace, deployment)
    if image_count.empty:
        return True
    unchanged = "The DockerRegistry was not removed." if in_window else describe_unchanged(deployment, written=False)
    text = f"the operator would delete the volume with the images ({image_count.describe()}). {unchanged}{describe_mismatch(consent)}"
    choice = describe_choice(fitting, in_window=in_window)
    remedy = f"{image_count.advice()}Copy the images or retain the volume first, {choice}"
    if deployment is None:
        remedy += " The registry must run so that its images can be listed. A restart of the operator creates its Deployment again."
    raise Refusal([error("images-at-risk", "registry_state", text, remedy)])


def _abandoned_storage_id(claim: dict[str, Any] | None, cr: dict[str, Any]) -> str | None:
    """The storage ID that is left without a Deployment. What direct mode made and no operator has taken is not deleted with a DockerRegistry."""
    if is_managed(claim) and not has_finalizer(cr):
        return None
    return abandoned_claim(claim)


def _await_deletion(context: Context[StorageOptions], name: str, namespace: str) -> None:
    timeout = context.options.wait_timeout
    progress = context.awaiting(f"end of DockerRegistry/{name} in namespace {namespace}", timeout)
    deadline = time.monotonic() + timeout
    for state in context.cluster.watch("DockerRegistry", name, namespace, deadline, tick=TICK):
        if state is None:
            return
        progress(f"finalizers: {', '.join(state['metadata'].get('finalizers') or ['nothing'])}")
    text = f"is still being deleted after {timeout} s."
    raise Refusal([error("cr-not-gone", f"DockerRegistry/{name}", text, "Check the operator's log.")])
