# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment in operator mode: overlay and storage lock onto the operator's Deployment, and the strict wait until all is true."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import registry
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import ca_bundle, object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import (
    apply_object,
    note_creation,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.registry_failure import (
    explain_failure,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import ResolvedStore
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import live, overlay, readiness
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import first_cause
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import Resolved

from . import plan
from .ownership import foreign

Object = dict[str, Any]

# Seconds after which what the operator says is about the DockerRegistry as it is now: it looks again after 3 s.
_PATIENCE = 12.0
_TICK = 1.0


def run(context: Context, resolved: Resolved, resolved_store: ResolvedStore) -> None:
    """Completes what the operator makes, as soon as it has made it, and waits until the registry is what was asked for."""
    params, namespace = context.params, context.params["namespace"]
    context.report(environment.findings(params["environment"]))
    cr = context.cluster.get("DockerRegistry", params["name"], namespace)
    if cr is None and not context.check_mode:
        text = "does not exist."
        raise Refusal(
            [error("cr-missing", f"DockerRegistry/{params['name']}", text, "Run docker_registry_storage first.")]
        )
    logging = ((cr or {}).get("spec") or {}).get("logging") or {}
    made = plan.plan(context, resolved, resolved_store, namespace, params["operator_version"], logging)
    account = _account(context)
    desired = overlay.Extras(
        storage_lock=params["storage_lock"],
        ca_bundle=ca_bundle.parse(params["ca_bundle"]),
        service_account=account,
        environment={str(key): str(value) for key, value in params["environment"].items()},
    )
    thing, found = overlay.overlay(
        resolved_store.store, made.expected, namespace=namespace, delete_enabled=resolved.delete_enabled, extras=desired
    )
    context.report(found)
    wait = _Wait(context, made, thing, (cr or {}).get("status") or {})
    deployment = None if context.check_mode else wait.rendered()
    if context.check_mode:
        deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    _apply(context, thing, deployment)
    if not context.check_mode and params["wait"]:
        wait.ready(resolved_store)


def _account(context: Context) -> str:
    """The ServiceAccount that the Pods shall have, where one is among the objects; its name, '' for the namespace's own."""
    objects = [item for item in context.params["objects"] if item]
    accounts = [item for item in objects if object_catalog.key(item) == ("ServiceAccount", constants.REGISTRY)]
    if len(objects) != len(accounts):
        text = "holds objects that the operator makes itself."
        raise Refusal([error("operator-object", "objects", text, "Leave all but the ServiceAccount out.")])
    for item in accounts:
        there = context.cluster.get("ServiceAccount", constants.REGISTRY, context.params["namespace"])
        context.report(foreign(there))
        apply_object(context, item, there)
    return constants.REGISTRY if accounts else ""


def _apply(context: Context, thing: Object, deployment: Object | None) -> None:
    title = f"Deployment/{constants.REGISTRY} (overlay)"
    if deployment is None:
        # Check mode before the operator has made anything: a server's answer would be about a Deployment without a container.
        note_creation(context, thing, title)
        return
    apply_object(context, thing, deployment, force=True, title=title)


class _Wait:
    """One wait for the operator, bounded by wait_timeout over all its parts."""

    def __init__(self, context: Context, made: plan.Plan, thing: Object, before: Object) -> None:
        self.context = context
        self.namespace = context.params["namespace"]
        self.made = made
        self.thing = thing
        self.before = before
        self.began = time.monotonic()
        self.deadline = self.began + context.params["wait_timeout"]
        self.progress = context.awaiting(
            f"DockerRegistry/{context.params['name']} through Kyma's operator in namespace {self.namespace}",
            context.params["wait_timeout"],
        )
        self.last = "nothing was seen"

    def rendered(self) -> Object:
        """The Deployment as soon as it holds what the DockerRegistry implies; what an earlier overlay left does not count."""
        for deployment in self._states():
            if deployment is not None:
                reasons = list(live.missing(deployment, self.made.expected))
                if not reasons:
                    return deployment
                self._see("; ".join(reasons))
            verdict = self._verdict(deployment, None)
            if isinstance(verdict, readiness.Failed):
                raise Refusal([verdict.finding])
        raise self._timed_out()

    def ready(self, resolved_store: ResolvedStore) -> None:
        """Until the strict rule holds; a Pod that fails ends the wait with its reason. Then the registry itself is asked."""
        left = max(1.0, self.deadline - time.monotonic())
        wait_rollout(
            self.context.cluster,
            self.namespace,
            constants.REGISTRY,
            left,
            explain_log=first_cause,
            awaiting=self.context.awaiting,
        )
        for deployment in self._states():
            verdict = self._verdict(deployment, self.thing)
            if isinstance(verdict, readiness.Ready):
                break
            if isinstance(verdict, readiness.Failed):
                raise Refusal([verdict.finding])
            self._see(verdict.reason)
        else:
            raise self._timed_out()
        if resolved_store.store.claim is None:
            self._ask_the_store()

    def _see(self, reason: str) -> None:
        self.last = reason
        self.progress(reason)

    def _ask_the_store(self) -> None:
        """A registry with dead credentials is Ready for half a minute: its catalog asks the store now."""
        failure: RegistryError | None = None
        with registry(self.context, self.namespace) as (api, pod):
            try:
                next(iter(api.catalog()), None)
            except RegistryError as problem:
                failure = problem
        if failure is not None:
            raise explain_failure(self.context, pod, failure)

    def _states(self) -> Iterator[Object | None]:
        return self.context.cluster.watch("Deployment", constants.REGISTRY, self.namespace, self.deadline, tick=_TICK)

    def _verdict(self, deployment: Object | None, applied: Object | None) -> readiness.Verdict:
        get = self.context.cluster.get
        generated: Mapping[str, bytes] | None = None
        if self.made.intended:
            generated = secret_data(get("Secret", constants.STORAGE_SECRET, self.namespace))
        return readiness.verdict(
            get("DockerRegistry", self.context.params["name"], self.namespace),
            deployment,
            self.made.expected,
            sent=self.made.sent,
            applied=applied,
            generated=generated,
            intended=self.made.intended or None,
            before=self.before if time.monotonic() - self.began < _PATIENCE else None,
        )

    def _timed_out(self) -> Refusal:
        text = f"it was not ready after {self.context.params['wait_timeout']} s: {self.last}."
        remedy = "Look at the operator's log and at the Pod, or give a longer registry_wait_timeout."
        return Refusal([error("operator-timeout", f"Deployment/{constants.REGISTRY}", text, remedy)])
