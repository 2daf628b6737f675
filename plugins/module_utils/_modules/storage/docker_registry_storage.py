# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of docker_registry_storage: options and the order of its steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import container_image, memory_limit
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import is_loss_accepted
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.judged_objects import (
    require_planned_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import PLAN_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import (
    LEASE_SPEC,
    new_identity,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import plan, reaction
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
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import resolve_store
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

from . import current_state, desired_state, foreign_objects, redirect, removal
from .decision import Decision, guard
from .options import StorageOptions, read_desired_state
from .planning import make_plan
from .writing import write_docker_registry

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
            "credentials": {
                "type": "dict",
                "options": {
                    "username": {"type": "str"},
                    "password": {"type": "str", "no_log": True},
                    "pull_secret_namespaces": {"type": "list", "elements": "str", "default": [], "no_log": False},
                },
            },
        },
        mutually_exclusive=[("storage", "manifest"), ("logging", "manifest")],
    )
    .merged(SOURCES)
    .merged(LEASE_SPEC)
    .merged(PLAN_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_docker_registry(context: Context[StorageOptions]) -> None:
    """Writes the CR, only validates it, or removes it (see the module's documentation)."""
    require_planned_state(context)
    if context.options.state == "absent":
        removal.remove_docker_registry(context)
        context.result["lease_identity"] = new_identity()
        return
    desired = read_desired_state(context)
    if context.plan is None:
        context.require(check_environment(context.options.environment, catalog.library_variables()))
    current = current_state.read_current_state(context, desired)
    obstacles = current_state.check_current_state(context, desired, current)
    mode = _detect_mode(context, current, obstacles)
    context.report([mode.finding(), *current_state.check_unsupported_access(desired, current, mode)])
    context.require(obstacles)
    if not mode.sure:
        context.require(check_operator_ownership(current.deployment, current.cr))
    values = read_given_values(context, desired.secret)
    resolved_store = resolve_store.resolve_store(context, desired.resolved, values, desired.namespace)
    store = resolved_store.store
    driver, image = catalog.drivers()[store.driver], _image(context, current, mode)
    context.require(check_supported(image))
    context.require(check_newer_parameters(driver, store.parameters, image, PARAMETERS_PATH))
    context.require(_check_memory(context, desired, current, mode, store))
    result = _build_result(context, desired, current, mode, store, bool(values))
    context.secrets.require_visible(result)
    operator_plan = None
    if mode.is_operator:
        operator_plan = plan.make_operator_plan(
            context, desired.resolved, resolved_store, desired.namespace, mode.version, desired.logging
        )
        context.require(
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
        context.require(
            check_shared_secret(context, current.cr, desired.resolved.secret_name, values, result["storage_switch"])
        )
    elif context.options.state == "validated":
        context.require(foreign_objects.check_foreign_objects(context, desired, current, store))
    decision = Decision(desired, current, mode, store, operator_plan)
    judged = guard(context, decision)
    context.report(judged)
    if is_loss_accepted(judged):
        decision = replace(decision, consent=context.options.accept_data_loss)
    if mode.is_operator and current.cr is not None:
        # Before any task of the role has written something.
        reaction.require_reaction(context, mode, current.cr)
    if context.options.state == "present":
        write_docker_registry(context, decision)
    else:
        result["plan"] = make_plan(context, decision, resolved_store, values, result).to_result()
    context.result.update(result)


def _image(context: Context[StorageOptions], current: current_state.CurrentState, mode: Mode) -> str:
    """The image that will run, '' if it is not known. An operator has its own, which is not that of a Deployment of direct mode."""
    if mode.is_operator:
        return "" if is_managed(current.deployment) else container_image(current.deployment)
    return str(context.options.image or "")


def _check_memory(
    context: Context[StorageOptions],
    desired: desired_state.DesiredState,
    current: current_state.CurrentState,
    mode: Mode,
    store: Store,
) -> list[Finding]:
    """Findings about uploads that do not fit into the memory of the registry. An operator has its own limit."""
    limit = memory_limit(current.deployment) if mode.is_operator else context.options.memory_limit
    place = PARAMETERS_PATH if PARAMETER in context.options.driver_parameters else desired.resolved.path
    return check_upload_memory(catalog.drivers()[store.driver], store.parameters, limit, f"{place}.{PARAMETER}")


def _build_result(
    context: Context[StorageOptions],
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


def _detect_mode(
    context: Context[StorageOptions], current: current_state.CurrentState, obstacles: list[Finding]
) -> Mode:
    """The mode. If it cannot be detected, every obstacle is reported too, so that missing rights are requested once."""
    try:
        return detect_mode(context, context.options.mode, current.cr, current.deployment)
    except Refusal as refusal:
        context.require([*refusal.findings, *obstacles])
        raise
