# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wait until Kyma's operator has deployed what the user requested, and the registry works."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    connect_registry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import OperatorOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.registry_failure import (
    explain_failure,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import live, readiness
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause

from .plan import OperatorPlan

# Seconds after which what the operator reports is about the DockerRegistry in its current state: it looks again after 3 s.
_PATIENCE = 12.0
_TICK = 1.0


class OperatorWait:
    """One wait for the operator, bounded by wait_timeout over all its parts."""

    def __init__(
        self, context: Context[OperatorOptions], plan: OperatorPlan, document: ObjectDict, status: Mapping[str, Any]
    ) -> None:
        self.context = context
        self.namespace = context.options.namespace
        self.plan = plan
        self.document = document
        self.first_status = status
        self.cr: ObjectDict | None = None
        self.start = time.monotonic()
        self.deadline = self.start + context.options.wait_timeout
        self.progress = context.awaiting(
            f"DockerRegistry/{context.options.name} through Kyma's operator in namespace {self.namespace}",
            context.options.wait_timeout,
        )
        self.last = "no state was read"

    def await_deployment(self) -> ObjectDict:
        """The Deployment as soon as it holds what the DockerRegistry implies; what an earlier overlay left is ignored."""
        for deployment in self._states():
            if deployment is not None:
                reasons = list(live.find_missing(deployment, self.plan.expected))
                if not reasons:
                    return deployment
                self._record("; ".join(reasons))
            verdict = self._verdict(deployment, None)
            if isinstance(verdict, readiness.Failed):
                raise Refusal([verdict.finding])
        raise self._timed_out()

    def await_ready(self) -> ObjectDict:
        """The Deployment when the strict rule holds; a Pod that fails ends the wait with its reason. The registry itself is asked, too."""
        left = max(1.0, self.deadline - time.monotonic())
        wait_rollout(
            self.context.cluster,
            self.namespace,
            constants.REGISTRY,
            left,
            explain_log=find_cause,
            awaiting=self.context.awaiting,
        )
        for deployment in self._states():
            verdict = self._verdict(deployment, self.document)
            if deployment is not None and isinstance(verdict, readiness.Ready):
                if self.plan.expected.data is None:
                    self._check_store()
                return deployment
            if isinstance(verdict, readiness.Failed):
                raise Refusal([verdict.finding])
            if isinstance(verdict, readiness.NotYet):
                self._record(verdict.reason)
        raise self._timed_out()

    def _record(self, reason: str) -> None:
        self.last = reason
        self.progress(reason)

    def _check_store(self) -> None:
        """A registry with wrong credentials is Ready for half a minute. A request for its catalog asks the store now."""
        failure: RegistryError | None = None
        with connect_registry(self.context, self.namespace) as registry:
            try:
                registry.api.read_store()
            except RegistryError as problem:
                failure = problem
        if failure is not None:
            raise explain_failure(self.context, registry.pod, failure)

    def _states(self) -> Iterator[ObjectDict | None]:
        return self.context.cluster.watch("Deployment", constants.REGISTRY, self.namespace, self.deadline, tick=_TICK)

    def _verdict(self, deployment: ObjectDict | None, applied: ObjectDict | None) -> readiness.Verdict:
        get = self.context.cluster.get
        self.cr = get("DockerRegistry", self.context.options.name, self.namespace)
        generated: Mapping[str, bytes] | None = None
        if self.plan.intended:
            generated = secret_data(get("Secret", constants.STORAGE_SECRET, self.namespace))
        return readiness.judge_readiness(
            self.cr,
            deployment,
            self.plan.expected,
            sent=self.plan.sent,
            applied=applied,
            generated=generated,
            intended=self.plan.intended or None,
            before=self.first_status if time.monotonic() - self.start < _PATIENCE else None,
        )

    def _timed_out(self) -> Refusal:
        text = f"the registry was not ready after {self.context.options.wait_timeout} s: {self.last}."
        remedy = "Check the operator's log and the Pod, or increase registry_wait_timeout."
        return Refusal([error("operator-timeout", f"Deployment/{constants.REGISTRY}", text, remedy)])
