# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of docker_registry_storage: validate spec.storage, guard the images, make the CR the record of what is wanted."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import storage_ids
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import (
    abandoned_claim,
    guard_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import (
    handover,
    operator_secret,
    plan,
    unlock,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    MODES,
    Mode,
    detect_mode,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import (
    check_operator_ownership,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    ca_bundle,
    namespace,
    resolve_store,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.ca_bundle import CA_BUNDLE
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import (
    SOURCES,
    read_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import current_state, definition, desired_state, desired_state_input, redirect, removal
from .cr_write import apply_cr

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
            "ca_bundle": CA_BUNDLE,
            "volume_size": {"type": "str", "default": "20Gi"},
            "volume_storage_class": {"type": "str"},
            "volume_access_modes": {"type": "list", "elements": "str", "default": ["ReadWriteOnce"]},
            "replicas": {"type": "int", "default": 1},
            "labels": {"type": "dict", "default": {}},
            "install_crd": {"type": "bool", "default": True},
            "create_namespace": {"type": "bool", "default": True},
            "accept_data_loss": {"type": "str", "default": ""},
            "wait_timeout": {"type": "int", "default": 300},
        },
        mutually_exclusive=[("storage", "manifest"), ("logging", "manifest")],
    )
    .merged(SOURCES)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_docker_registry(context: Context) -> None:
    """Makes the CR true, only validates it, or removes it (see the module's documentation)."""
    if context.params["state"] == "absent":
        removal.remove_docker_registry(context)
        return
    desired = desired_state_input.read_desired_state(context)
    context.report(environment.check_environment(context.params["environment"]))
    seen = current_state.read_current_state(context, desired)
    against = current_state.check_current_state(context, desired, seen)
    mode = _mode(context, seen, against)
    context.report([mode.finding()])
    context.report(against)
    if not mode.sure:
        context.report(check_operator_ownership(seen.deployment, seen.cr))
    values = read_values(context, desired.secret)
    resolved_store = resolve_store.resolve_store(context, desired.resolved, values, desired.namespace)
    store = resolved_store.store
    bundle = ca_bundle.read_ca_bundle(context, desired.namespace)
    result = {
        **desired.result(seen.claim),
        "mode": mode.name,
        "operator_version": mode.version,
        "storage_type": store.storage_type,
        "storage_id": store.storage_id,
        "driver": {store.driver: dict(store.parameters)},
        "object_store": store.claim is None,
        "secret_name": desired.resolved.secret_name,
        "secret_given": bool(values),
        "secret_environment": dict(store.environment),
        "key_file": store.key_file,
        "ca_bundle": bundle,
        "redirect": redirect.resolve_redirect(context, store),
        "planned": context.check_mode,
    }
    context.secrets.require_visible(result)
    made = None
    if mode.operator_mode:
        made = plan.make_plan(
            context, desired.resolved, resolved_store, desired.namespace, mode.version, desired.logging
        )
        context.report(
            plan.check_plan(context, made, resolved_store, desired.namespace, mode, seen.deployment, seen.default_claim)
        )
    context.report(
        guard_images(
            context,
            namespace=desired.namespace,
            wanted=store.storage_id,
            deployment=seen.deployment,
            left=abandoned_claim(seen.default_claim),
            accept=context.params["accept_data_loss"],
            path=desired.path,
            pending_storage_id=storage_ids.pending_storage_id(seen.cr, seen.deployment),
        )
    )
    if context.params["state"] == "present":
        _apply(context, desired, seen, made, store)
    context.result.update(result)


def _mode(context: Context, seen: current_state.CurrentState, against: list[Finding]) -> Mode:
    """The mode. Where it cannot be decided, all that stands against the wish is told with it: who asks for rights asks once."""
    try:
        return detect_mode(context, context.params["mode"], seen.cr)
    except Refusal as refusal:
        context.report([*refusal.findings, *against])
        raise


def _apply(
    context: Context,
    desired: desired_state.DesiredState,
    seen: current_state.CurrentState,
    made: plan.Plan | None,
    store: Store,
) -> None:
    dry = context.check_mode
    if seen.namespace is None:
        namespace.create_namespace(context, desired.namespace)
    if not seen.defined:
        definition.install_definition(context, desired.namespace)
    sent = desired if made is None else desired.with_storage(made.sent, store.storage_id)
    if dry and (not seen.defined or seen.namespace is None):
        # The server cannot answer a dry run for what has no namespace or no definition yet.
        context.change(f"DockerRegistry/{desired.name}", {}, sent.document())
        return
    if made is None:
        handover.hand_over_to_direct_mode(context, desired.namespace, seen.deployment, seen.cr)
    else:
        handover.hand_over_to_operator(context, desired.namespace, seen.deployment)
        unlock.lift_storage_lock(context, desired.namespace, seen.deployment, store)
        operator_secret.write_operator_secret(context, desired.namespace, made.derived)
    live = seen.cr if dry else context.cluster.get("DockerRegistry", desired.name, desired.namespace)
    apply_cr(context, sent, live)
