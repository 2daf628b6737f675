# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment with state `restored` in operator mode: the last verified spec.storage, credentials and overlay are used again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    is_managed,
    secret_data,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.way_back import keeps_images
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import is_open
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import OperatorOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.operator_login import (
    published_login_mark,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.restore_causes import (
    can_be_due_to_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import live, overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import predict

from . import operator_secret, verified_state
from .deploy import complete_deployment
from .former_cr import remove_accepted_loss, restore_cr
from .operator_wait import OperatorWait
from .plan import OperatorPlan, namespace_claims
from .secret_in_use import secret_of_storage
from .unlock import release_storage_lock

_PATH = f"Deployment/{constants.REGISTRY}"


def restore_with_operator(
    context: Context[OperatorOptions], codes: Iterable[str] | None, due_to_revision: bool
) -> None:
    """Restores the last verified state if the present one differs, and waits for the operator. codes: of the failure, None for any.

    due_to_revision: whether the change can be the cause. If it is not, a registry that the run has left read-only is restored anyway, and Pods that
    were started before the run changed the password are replaced.
    Raises Refusal (restore-failed, restore-not-confirmed) if the registry does not become ready with it, or if that cannot be seen; nothing is
    tried after that.
    """
    name, namespace = context.options.name, context.options.namespace
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    cr = context.cluster.get("DockerRegistry", name, namespace)
    former = verified_state.read_verified_state(deployment)
    if deployment is None or is_managed(deployment) or cr is None or former is None:
        return
    present = overlay.login_of(deployment)
    login = published_login_mark(context, context.options.login_fingerprint) or present
    locked_out = login != present
    # The former Pods accept what clients read now.
    former = replace(former, overlay=overlay.with_login(former.overlay, login))
    same = former == verified_state.read_present_state(context, cr, deployment)
    if same:
        context.result.update(_storage_in_use(former, restored=False))
        remove_accepted_loss(context)
    if not due_to_revision and not is_open(deployment) and not locked_out:
        return
    switched = _is_switched(context, cr, deployment, former)
    due_to_values = codes is None or can_be_due_to_values(codes)
    values = _former_values(context, former, due_to_values=due_to_values, switched=switched)
    if same and values is None and not context.options.values_restored:
        return
    if not keeps_images(context, deployment, former.storage_id):
        return
    wait = _deploy_former(context, cr, deployment, former, values)
    restored = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if restored is not None:
        verified_state.record_verified_state(context, wait.cr, restored, ",".join(codes or ()) or "unknown")
    remove_accepted_loss(context)
    if values is not None:
        operator_secret.delete_former_values(context, namespace)
    context.result.update({"restored": True, **_storage_in_use(former, restored=switched)})
    context.report([restored_warning(due_to_revision=due_to_revision, locked_out=locked_out)])


def _deploy_former(
    context: Context[OperatorOptions],
    cr: ObjectDict,
    deployment: ObjectDict,
    former: verified_state.VerifiedState,
    values: ObjectDict | None,
) -> OperatorWait:
    """Writes the former state and waits for the operator. values: of our Secret, None if they stay."""
    namespace = context.options.namespace
    if values is not None:
        operator_secret.restore_operator_secret(context, namespace, values)
    plan = _make_plan(context, cr, former)
    if any(live.find_missing(deployment, plan.expected)):
        release_storage_lock(context, namespace, deployment)
    restore_cr(context, former.storage, {name: former.annotations.get(name) for name in verified_state.CR_ANNOTATIONS})
    try:
        wait = OperatorWait(context, plan, former.overlay, status_of(cr))
        complete_deployment(context, former.overlay, wait.await_deployment(), wait)
    except Refusal as refusal:
        raise restore_failure(refusal) from None
    return wait


def restored_warning(*, due_to_revision: bool, locked_out: bool = False) -> Finding:
    """What a run reports that has restored the former state.

    due_to_revision: False if it was restored only because it was left read-only or, locked_out, because its Pods did not accept a changed password.
    """
    if due_to_revision:
        cause = "the registry failed with the new one"
    elif locked_out:
        cause = "the run failed after it had changed the password, which only new Pods accept"
    else:
        cause = "the run failed and left the registry read-only"
    text = f"is the last verified one again, because {cause}."
    return warning("deployment-restored", _PATH, text, "Correct the cause of the failure and run again.")


def restore_failure(refusal: Refusal) -> Refusal:
    """The failure of the former state, or of the requests that wait for it."""
    reported = refusal.findings[0]
    if isinstance(refusal, ClusterError):
        text = f"was restored, and it is not known whether its rollout completes: {reported.message}"
        return Refusal([error("restore-not-confirmed", _PATH, text, reported.remedy)])
    text = f"was restored, and its rollout failed too: {reported.message}"
    return Refusal([error("restore-failed", _PATH, text, reported.remedy)])


def _storage_in_use(former: verified_state.VerifiedState, *, restored: bool) -> dict[str, Any]:
    """Of the result, for a storage that is in use as before. The user may have asked for it with another Secret than the operator reads."""
    requested = former.annotations.get(constants.REQUESTED_STORAGE)
    storage = former.storage if requested is None else json.loads(requested)
    return {"storage_secret": secret_of_storage(storage), "storage_restored": restored}


def _is_switched(
    context: Context[OperatorOptions], cr: ObjectDict, deployment: ObjectDict, former: verified_state.VerifiedState
) -> bool:
    """Whether the DockerRegistry or the Deployment has another storage ID than the former state."""
    running = running_storage_id(context, context.options.namespace, deployment)
    return {annotations_of(cr).get(constants.STORAGE_ID), running} != {former.storage_id}


def _former_values(
    context: Context[OperatorOptions], former: verified_state.VerifiedState, *, due_to_values: bool, switched: bool
) -> ObjectDict | None:
    """The former content of our Secret for the operator if it has to be restored: it can be the cause, or it belongs to the other storage."""
    if secret_of_storage(former.storage) != constants.OPERATOR_SECRET or not (due_to_values or switched):
        return None
    return operator_secret.read_former_values(context, context.options.namespace)


def _make_plan(context: Context[OperatorOptions], cr: ObjectDict, former: verified_state.VerifiedState) -> OperatorPlan:
    """What the operator renders from the former spec.storage."""
    namespace, name = context.options.namespace, secret_of_storage(former.storage)
    secret = None if name is None else context.cluster.get("Secret", name, namespace)
    claims = frozenset(namespace_claims(context, namespace))
    expected = predict(
        former.storage,
        None if secret is None else secret_data(secret),
        context.options.operator_version,
        claims=claims,
        logging=spec_of(cr).get("logging") or {},
    )
    intended = expected.secret if expected.data is None and expected.secret else {}
    return OperatorPlan(former.storage, expected, None, intended, claims)
