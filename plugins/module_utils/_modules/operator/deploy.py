# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment in operator mode: overlay and storage lock onto the operator's Deployment, and the strict wait until all is true."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    secret_data,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    clear_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    keep_record,
    read_only_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import OperatorOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.operator_login import (
    publish_login,
    read_login_mark,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import ca_bundle, object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import (
    apply_object,
    note_creation,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import ResolvedStore
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import overlay, readiness
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment import check_environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment_table import ROLE_SECTIONS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import Resolved

from . import operator_secret, plan, verified_state
from .operator_wait import OperatorWait
from .ownership import check_ownership


def deploy_with_operator(context: Context[OperatorOptions], resolved: Resolved, resolved_store: ResolvedStore) -> None:
    """Adds the overlay to the operator's Deployment as soon as it exists, and waits until the registry is what the user requested."""
    options, namespace = context.options, context.options.namespace
    own = {name: value for name, value in options.environment.items() if name not in ROLE_SECTIONS}
    # The plan does not hold the variables.
    context.require_unplanned(check_environment(own, catalog.library_variables()))
    cr = context.cluster.get("DockerRegistry", options.name, namespace)
    if cr is None and not context.check_mode:
        text = "does not exist."
        raise Refusal(
            [error("cr-missing", f"DockerRegistry/{options.name}", text, "Run docker_registry_storage first.")]
        )
    operator_plan, document, found = plan_overlay(context, resolved, resolved_store, cr)
    context.require(found)
    _apply_service_account(context)
    wait = OperatorWait(context, operator_plan, document, status_of(cr))
    deployment = None if context.check_mode else wait.await_deployment()
    if context.check_mode:
        deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    document = _publish_login(context, document, deployment)
    if context.check_mode or not options.wait:
        _apply_overlay(context, document, deployment)
    else:
        deployed = complete_deployment(context, document, deployment, wait)
        kept = operator_plan.derived is not None and operator_secret.read_former_values(context, namespace) is not None
        # The wait has made the registry read its store.
        context.result["storage_verified"] = True
        context.result["revision"] = annotations_of(deployed).get(REVISION)
        context.result["confirmed"] = not kept and verified_state.is_state_verified(context, wait.cr, deployed)


def plan_overlay(
    context: Context[OperatorOptions], resolved: Resolved, resolved_store: ResolvedStore, cr: ObjectDict | None
) -> tuple[plan.OperatorPlan, ObjectDict, tuple[Finding, ...]]:
    """What the operator will make of the storage, the overlay for it, and findings about the overlay. cr: the DockerRegistry."""
    options, namespace = context.options, context.options.namespace
    logging = spec_of(cr).get("logging") or {}
    operator_plan = plan.make_operator_plan(
        context, resolved, resolved_store, namespace, options.operator_version, logging
    )
    extras = overlay.Extras(
        storage_lock=options.storage_lock,
        ca_bundle=ca_bundle.parse_ca_bundle(options.ca_bundle),
        service_account=constants.REGISTRY if wanted_account(context) else "",
        environment={str(key): str(value) for key, value in options.environment.items()},
    )
    document, found = overlay.build_overlay(
        resolved_store.store,
        operator_plan.expected,
        namespace=namespace,
        delete_enabled=resolved.delete_enabled,
        extras=extras,
    )
    return operator_plan, document, found


def is_deployed(
    context: Context[OperatorOptions],
    operator_plan: plan.OperatorPlan,
    document: ObjectDict,
    cr: ObjectDict | None,
    live: ObjectDict | None,
) -> bool:
    """True if a deployment would write nothing and wait for nothing, and the registry was verified as it is. document: the overlay."""
    if live is None or read_only_since(live) is not None:
        return False
    mark = read_login_mark(context, context.options.login_fingerprint)
    if find_difference(_with_login(document, mark, live), live, constants.FIELD_MANAGER) is not None:
        return False
    account = wanted_account(context)
    namespace = context.options.namespace
    if account is not None:
        there = context.cluster.get(*object_catalog.SERVICE_ACCOUNT, namespace)
        if find_difference(account, there, constants.FIELD_MANAGER) is not None:
            return False
    if not verified_state.is_state_verified(context, cr, live):
        return False
    if operator_plan.derived is not None and operator_secret.read_former_values(context, namespace) is not None:
        return False
    intended, generated = operator_plan.intended or None, None
    if intended is not None:
        generated = secret_data(context.cluster.get("Secret", constants.STORAGE_SECRET, namespace))
    verdict = readiness.judge_readiness(
        cr,
        live,
        operator_plan.expected,
        sent=operator_plan.sent,
        applied=document,
        generated=generated,
        intended=intended,
    )
    return isinstance(verdict, readiness.Ready)


def complete_deployment(
    context: Context[OperatorOptions], document: ObjectDict, deployment: ObjectDict | None, wait: OperatorWait
) -> ObjectDict:
    """Applies the overlay and waits for the registry. The record of a maintenance window stays until writable Pods serve."""
    _apply_overlay(context, keep_record(document, deployment), deployment)
    deployed = wait.await_ready()
    clear_record(context, deployed)
    return deployed


def _publish_login(
    context: Context[OperatorOptions], document: ObjectDict, deployment: ObjectDict | None
) -> ObjectDict:
    """Gives clients the requested user and password, and returns the overlay with which the Pods accept them.

    Raises ClusterError before that if the API server rejects this overlay: the Pods would stay, and clients would be locked out.
    """
    fingerprint = context.options.login_fingerprint
    planned = _with_login(document, read_login_mark(context, fingerprint), deployment)
    if not context.check_mode and overlay.login_of(planned) != overlay.login_of(deployment):
        context.cluster.apply(keep_record(planned, deployment), dry_run=True, live=deployment, force=True)
    return _with_login(document, publish_login(context, fingerprint), deployment)


def _with_login(document: ObjectDict, mark: str, deployment: ObjectDict | None) -> ObjectDict:
    """The overlay with the mark of the user that the Pods have to accept. A run that gives none does not replace the Pods."""
    return overlay.with_login(document, mark or overlay.login_of(deployment))


def wanted_account(context: Context[OperatorOptions]) -> ObjectDict | None:
    """The ServiceAccount for the Pods, None if they use the namespace's default. Raises Refusal for other objects."""
    objects = [item for item in context.options.objects if item]
    accounts = [item for item in objects if object_catalog.object_key(item) == object_catalog.SERVICE_ACCOUNT]
    if len(objects) != len(accounts):
        text = "contains objects that the operator creates itself."
        raise Refusal([error("operator-object", "objects", text, "Remove all objects except the ServiceAccount.")])
    return accounts[0] if accounts else None


def _apply_service_account(context: Context[OperatorOptions]) -> None:
    account = wanted_account(context)
    if account is not None:
        live = context.cluster.get(*object_catalog.SERVICE_ACCOUNT, context.options.namespace)
        context.require(check_ownership(live))
        apply_object(context, account, live)


def _apply_overlay(context: Context[OperatorOptions], document: ObjectDict, deployment: ObjectDict | None) -> None:
    title = f"Deployment/{constants.REGISTRY} (overlay)"
    if deployment is None:
        # Check mode before the operator has created the Deployment: the API server would answer for a Deployment without a container.
        note_creation(context, document, title)
        return
    apply_object(context, document, deployment, force=True, title=title)
