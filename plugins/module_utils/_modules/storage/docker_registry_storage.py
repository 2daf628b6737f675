# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of docker_registry_storage: validate spec.storage, guard the images, make the CR the record of what is wanted."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import storage_ids
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import (
    abandoned_claim,
    guard,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import handover, plan, unlock
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import MODES, Mode, decide
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import operator_findings
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    ca_bundle,
    namespace,
    resolve_store,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.ca_bundle import CA_BUNDLE
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.runner import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES, given
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import stored_spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import current_state, definition, desired_state, redirect, removal

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

_ATTEMPTS = 6


def run(context: Context) -> None:
    """Makes the CR true, only validates it, or removes it (see the module's documentation)."""
    if context.params["state"] == "absent":
        removal.run(context)
        return
    want = desired_state.read(context)
    context.report(environment.findings(context.params["environment"]))
    seen = current_state.read_current_state(context, want)
    against = current_state.check(context, want, seen)
    mode = _mode(context, seen, against)
    context.report([mode.finding()])
    context.report(against)
    if not mode.sure:
        context.report(operator_findings(seen.deployment, seen.cr))
    values = given(context, want.secret)
    settled = resolve_store.resolve(context, want.resolved, values, want.namespace)
    reached = settled.store
    bundle = ca_bundle.read(context, want.namespace)
    result = {
        **want.result(seen.claim),
        "mode": mode.name,
        "operator_version": mode.version,
        "route": reached.route,
        "holder": reached.holder,
        "driver": {reached.driver: dict(reached.parameters)},
        "object_store": reached.claim is None,
        "secret_name": want.resolved.secret_name,
        "secret_given": bool(values),
        "secret_environment": dict(reached.environment),
        "key_file": reached.key_file,
        "ca_bundle": bundle,
        "redirect": redirect.decide(context, reached),
        "planned": context.check_mode,
    }
    context.require_visible(result)
    made = None
    if mode.operated:
        made = plan.plan(context, want.resolved, settled, want.namespace, mode.version, want.logging)
        context.report(plan.findings(context, made, settled, want.namespace, mode, seen))
    context.report(
        guard(
            context,
            namespace=want.namespace,
            wanted=reached.holder,
            deployment=seen.deployment,
            left=abandoned_claim(seen.default_claim),
            accept=context.params["accept_data_loss"],
            path=want.path,
            begun=storage_ids.begun(seen.cr, seen.deployment),
        )
    )
    if context.params["state"] == "present":
        _apply(context, want, seen, made, reached)
    context.result.update(result)


def _mode(context: Context, seen: current_state.Scene, against: list[Finding]) -> Mode:
    """The mode. Where it cannot be decided, all that stands against the wish is told with it: who asks for rights asks once."""
    try:
        return decide(context, context.params["mode"], seen.cr)
    except Refusal as refusal:
        context.report([*refusal.findings, *against])
        raise


def _apply(
    context: Context, want: desired_state.Wish, seen: current_state.Scene, made: plan.Plan | None, reached: Store
) -> None:
    dry = context.check_mode
    if seen.namespace is None:
        namespace.create(context, want.namespace)
    if not seen.defined:
        definition.install(context, want.namespace)
    sent = want if made is None else want.with_storage(made.sent, reached.holder)
    if dry and (not seen.defined or seen.namespace is None):
        # The server cannot answer a dry run for what has no namespace or no definition yet.
        context.change(f"DockerRegistry/{want.name}", {}, sent.document())
        return
    if made is None:
        handover.to_direct(context, want.namespace, seen.deployment, seen.cr)
    else:
        handover.to_operator(context, want.namespace, seen.deployment)
        unlock.before_switch(context, want.namespace, seen.deployment, reached)
        unlock.derived(context, want.namespace, made.derived)
    live = seen.cr if dry else context.cluster.get("DockerRegistry", want.name, want.namespace)
    _apply_cr(context, sent, live)


def _apply_cr(context: Context, want: desired_state.Wish, live: dict[str, Any] | None) -> None:
    """Writes the CR as it was judged. An operator writes its status at any moment: only a changed spec is somebody else's word."""
    judged = (live or {}).get("spec")
    for attempt in range(_ATTEMPTS):
        try:
            _write_cr(context, want, live)
            return
        except ClusterError as problem:
            if problem.code not in ("cluster-precondition", "cluster-invalid") or attempt == _ATTEMPTS - 1:
                raise
            fresh = context.cluster.get("DockerRegistry", want.name, want.namespace)
            spec = (fresh or {}).get("spec")
            expected = (judged, want.document()["spec"])
            if fresh is None or stored_spec.spec(spec) not in [stored_spec.spec(item) for item in expected]:
                raise
            # A guard that failed and a value that is refused have one code; what nobody touched meanwhile was refused for itself.
            if live is not None and fresh["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]:
                raise
            live = fresh


def _write_cr(context: Context, want: desired_state.Wish, live: dict[str, Any] | None) -> None:
    """Sets spec.storage exclusively: other fields there, whoever owns them, go in one request guarded by the version."""
    before = desired_state.visible(live)
    title = f"DockerRegistry/{want.name}"
    corrections = desired_state.corrections(want, live) if live is not None else []
    if live is not None and corrections:
        live = _correct(context, want, _note(context, want, live), corrections)
        if context.check_mode:
            context.change(title, before, desired_state.visible(live))
            return
    document = want.document()
    if live is not None:
        document["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    applied = context.cluster.apply(document, dry_run=context.check_mode, live=live, force=True)
    after = desired_state.visible(applied.after)
    if applied.changed or after != before:
        context.change(title, before, after)


def _note(context: Context, want: desired_state.Wish, live: dict[str, Any]) -> dict[str, Any]:
    """Says where the images will be before the operator is sent there: the next run has to understand what an interrupted one left."""
    if context.check_mode or not want.annotations:
        return live
    document = {**want.document(), "spec": live["spec"]}
    document["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    return context.cluster.apply(document, live=live, force=True).after


def _correct(
    context: Context, want: desired_state.Wish, live: dict[str, Any], corrections: list[dict[str, Any]]
) -> dict[str, Any]:
    version = {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
    dry = context.check_mode
    return context.cluster.patch("DockerRegistry", want.name, want.namespace, [version, *corrections], dry_run=dry)
