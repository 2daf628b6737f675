# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of docker_registry_storage: options and the order of its steps."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import container_image, memory_limit
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import (
    build_record,
    kept_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import (
    guard_images,
    is_loss_accepted,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    maintenance_window,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    is_switch_interrupted,
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    describe_unchanged,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import (
    LEASE_SPEC,
    new_identity,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import (
    handover,
    operator_secret,
    plan,
    reaction,
    unlock,
    verified_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    MODES,
    Mode,
    detect_mode,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import (
    check_operator_ownership,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.secret_in_use import (
    check_shared_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    namespace,
    resolve_store,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.ca_bundle import (
    CA_BUNDLE,
    read_ca_bundle,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import (
    SOURCES,
    read_given_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment import check_environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import PARAMETERS_PATH, Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.releases import (
    check_newer_parameters,
    check_supported,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.upload_memory import (
    PARAMETER,
    check_upload_memory,
)

from . import current_state, definition, desired_state, desired_state_input, foreign_objects, redirect, removal
from .cr_write import apply_cr, record_annotations

SPEC = (
    Spec(
        {
            "state": {"type": "str", "choices": ["present", "validated", "absent"], "default": "present"},
            "mode": {"type": "str", "choices": list(MODES), "default": "auto"},
            "name": {"type": "str", "default": constants.CR_NAME},
            "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
            "storage": {"type": "raw"},
            "logging": {"type": "dict"},
            "driver_parameters": {"type": "dict", "default": {}},
            "environment": {"type": "dict", "default": {}},
            "redirect": {"type": "bool"},
            "image": {"type": "str"},
            "memory_limit": {"type": "str"},
            "ca_bundle": CA_BUNDLE,
            "volume_size": {"type": "str", "default": "20Gi"},
            "volume_storage_class": {"type": "str"},
            "volume_access_modes": {"type": "list", "elements": "str", "default": ["ReadWriteOnce"]},
            "replicas": {"type": "int"},
            "labels": {"type": "dict", "default": {}},
            "install_crd": {"type": "bool", "default": True},
            "create_namespace": {"type": "bool", "default": True},
            "accept_data_loss": {"type": "str", "default": ""},
            "wait_timeout": {"type": "int", "default": 300},
        },
        mutually_exclusive=[("storage", "manifest"), ("logging", "manifest")],
    )
    .merged(SOURCES)
    .merged(LEASE_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_docker_registry(context: Context) -> None:
    """Writes the CR, only validates it, or removes it (see the module's documentation)."""
    if context.params["state"] == "absent":
        removal.remove_docker_registry(context)
        context.result["lease_identity"] = new_identity()
        return
    desired = desired_state_input.read_desired_state(context)
    context.report(check_environment(context.params["environment"], catalog.library_variables()))
    current = current_state.read_current_state(context, desired)
    obstacles = current_state.check_current_state(context, desired, current)
    mode = _detect_mode(context, current, obstacles)
    context.report([mode.finding(), *current_state.check_unsupported_access(desired, current, mode)])
    context.report(obstacles)
    if not mode.sure:
        context.report(check_operator_ownership(current.deployment, current.cr))
    values = read_given_values(context, desired.secret)
    resolved_store = resolve_store.resolve_store(context, desired.resolved, values, desired.namespace)
    store = resolved_store.store
    driver, image = catalog.drivers()[store.driver], _image(context, current, mode)
    context.report(check_supported(image))
    context.report(check_newer_parameters(driver, store.parameters, image, PARAMETERS_PATH))
    context.report(_check_memory(context, desired, current, mode, store))
    result = _build_result(context, desired, current, mode, store, bool(values))
    context.secrets.require_visible(result)
    operator_plan = None
    if mode.is_operator:
        operator_plan = plan.make_plan(
            context, desired.resolved, resolved_store, desired.namespace, mode.version, desired.logging
        )
        context.report(
            plan.check_plan(
                context,
                operator_plan,
                resolved_store,
                desired.namespace,
                mode,
                current.deployment,
                current.default_claim,
            )
        )
        context.report(
            check_shared_secret(context, current.cr, desired.resolved.secret_name, values, result["storage_switch"])
        )
    elif context.params["state"] == "validated":
        context.report(foreign_objects.check_foreign_objects(context, desired, current, store))
    judged = _guard(context, desired, current, store)
    context.report(judged)
    if mode.is_operator and current.cr is not None:
        # Before any task of the role has written something.
        reaction.require_reaction(context, mode, current.cr)
    if context.params["state"] == "present":
        _write(context, desired, current, mode, operator_plan, store, accepted=is_loss_accepted(judged))
    context.result.update(result, lease_identity=new_identity())


def _image(context: Context, current: current_state.CurrentState, mode: Mode) -> str:
    """The image that will run, '' if it is not known. An operator has its own, which is not that of a Deployment of direct mode."""
    if mode.is_operator:
        return "" if is_managed(current.deployment) else container_image(current.deployment)
    return str(context.params["image"] or "")


def _check_memory(
    context: Context,
    desired: desired_state.DesiredState,
    current: current_state.CurrentState,
    mode: Mode,
    store: Store,
) -> list[Finding]:
    """Findings about uploads that do not fit into the memory of the registry. An operator has its own limit."""
    limit = memory_limit(current.deployment) if mode.is_operator else context.params["memory_limit"]
    place = PARAMETERS_PATH if PARAMETER in context.params["driver_parameters"] else desired.resolved.path
    return check_upload_memory(catalog.drivers()[store.driver], store.parameters, limit, f"{place}.{PARAMETER}")


def _guard(
    context: Context,
    desired: desired_state.DesiredState,
    current: current_state.CurrentState,
    store: Store,
    outcome: str | None = None,
) -> list[Finding]:
    # The role writes other objects between the validation and this state.
    written = context.params["state"] == "present"
    return guard_images(
        context,
        namespace=desired.namespace,
        new_storage_id=store.storage_id,
        deployment=current.deployment,
        default_claim=current.default_claim,
        consent=context.params["accept_data_loss"],
        registry_name=desired.name,
        path=desired.path,
        interrupted=is_switch_interrupted(current.cr, current.deployment),
        outcome=outcome or describe_unchanged(current.deployment, written=written),
    )


def _build_result(
    context: Context,
    desired: desired_state.DesiredState,
    current: current_state.CurrentState,
    mode: Mode,
    store: Store,
    secret_given: bool,
) -> dict[str, Any]:
    """What the following tasks need to know."""
    ca_bundle = read_ca_bundle(context, desired.namespace)
    return {
        **desired.result(current.claim),
        "mode": mode.name,
        "operator_version": mode.version,
        "storage_type": store.storage_type,
        "storage_id": store.storage_id,
        "storage_switch": running_storage_id(context, desired.namespace, current.deployment)
        not in (None, store.storage_id),
        "driver": {store.driver: dict(store.parameters)},
        "object_store": store.claim is None,
        "secret_name": desired.resolved.secret_name,
        "secret_given": secret_given,
        "secret_environment": dict(store.environment),
        "key_file": store.key_file,
        "ca_bundle": ca_bundle,
        "redirect": redirect.resolve_redirect(context, store),
        "planned": context.check_mode,
    }


def _detect_mode(context: Context, current: current_state.CurrentState, obstacles: list[Finding]) -> Mode:
    """The mode. If it cannot be detected, every obstacle is reported too, so that missing rights are requested once."""
    try:
        return detect_mode(context, context.params["mode"], current.cr, current.deployment)
    except Refusal as refusal:
        context.report([*refusal.findings, *obstacles])
        raise


def _write(
    context: Context,
    desired: desired_state.DesiredState,
    current: current_state.CurrentState,
    mode: Mode,
    operator_plan: plan.Plan | None,
    store: Store,
    *,
    accepted: bool,
) -> None:
    dry = context.check_mode
    if current.namespace is None:
        namespace.create_namespace(context, desired.namespace)
    if not current.defined:
        definition.install_definition(context, desired.namespace)
    written = desired if operator_plan is None else desired.with_storage(operator_plan.sent, store.storage_id)
    record = kept_record(current.cr, store.storage_id)
    if accepted:
        record = build_record(context.params["accept_data_loss"], store.storage_id)
    if record is not None:
        written = written.with_accepted_loss(record)
    if dry and (not current.defined or current.namespace is None):
        # The server cannot answer a dry run for what has no namespace or no definition yet.
        context.change(f"DockerRegistry/{desired.name}", {}, written.document())
        return
    if operator_plan is not None and current.cr is not None:
        verified_state.record_found_state(context, current.cr, current.deployment)
    if accepted and current.cr is not None:
        # The writes that follow change or delete the Deployment, and the consent fits only in its current state.
        pending = handover.is_hand_over_pending(current.deployment, current.cr)
        record_annotations(context, desired.with_accepted_loss(str(record)) if pending else written, current.cr)
    with _switch_window(context, desired, current, store, direct=operator_plan is None) as deployment:
        if operator_plan is None:
            handover.hand_over_to_direct_mode(context, desired.namespace, deployment, current.cr)
            apply_cr(context, written, _read_cr(context, desired, current))
        else:
            _write_for_operator(context, written, current, deployment, mode, operator_plan, store)


def _switch_window(
    context: Context,
    desired: desired_state.DesiredState,
    current: current_state.CurrentState,
    store: Store,
    *,
    direct: bool,
) -> AbstractContextManager[ObjectDict | None]:
    """A maintenance window if the writes switch the storage of the registry: with an operator, or because they hand the registry over.

    If direct mode keeps the registry, registry_deployment switches the storage.
    """
    deployment = current.deployment
    if deployment is None or context.check_mode or (direct and is_managed(deployment)):
        return nullcontext(deployment)
    if running_storage_id(context, desired.namespace, deployment) == store.storage_id:
        return nullcontext(deployment)
    judge = functools.partial(_guard, context, desired, current, store, outcome="The storage was not switched.")
    return maintenance_window(context, desired.namespace, deployment, judge)


def _write_for_operator(
    context: Context,
    written: desired_state.DesiredState,
    current: current_state.CurrentState,
    deployment: ObjectDict | None,
    mode: Mode,
    operator_plan: plan.Plan,
    store: Store,
) -> None:
    """Writes what the operator reads. A registry that runs in direct mode is handed over after the operator has reacted to the DockerRegistry."""
    waits_for_operator = current.cr is None and is_managed(deployment) and not context.check_mode
    if not waits_for_operator:
        handover.hand_over_to_operator(context, written.namespace, deployment, current.cr)
    unlock.lift_storage_lock(context, written.namespace, deployment, store)
    derived = operator_secret.write_operator_secret(context, written.namespace, operator_plan.derived)
    live = _read_cr(context, written, current)
    cr = apply_cr(context, written.before_hand_over() if waits_for_operator else written, live)
    if current.cr is None:
        if live is None:
            reaction.require_reaction_to_new(context, mode, cr, derived=derived)
        else:
            # Another client created it after the first look.
            reaction.require_reaction(context, mode, cr)
    if waits_for_operator:
        handover.hand_over_to_operator(context, written.namespace, deployment, cr)
        apply_cr(context, written, _read_cr(context, written, current))


def _read_cr(
    context: Context, desired: desired_state.DesiredState, current: current_state.CurrentState
) -> dict[str, Any] | None:
    """The DockerRegistry in its current state: in check mode as it was read before, because nothing was written since."""
    if context.check_mode:
        return current.cr
    return context.cluster.get("DockerRegistry", desired.name, desired.namespace)
