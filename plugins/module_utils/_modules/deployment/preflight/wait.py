# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits until the preflight Pod runs."""

from __future__ import annotations

import time

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, rollout_problems
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import describe_pod
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import events_about
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .admission import NoRoomError
from .cause import preflight_error, raise_cause

GRACE = 30.0


def await_start(context: Context[DeploymentOptions], namespace: str, path: str, *, replaces_pods: bool) -> None:
    """Until all containers run. A registry that rejects its configuration logs the cause.

    replaces_pods: whether the registry's running Pod ends before its new one is created. Raises Refusal, and NoRoomError.
    """
    timeout = context.options.wait_timeout
    deadline = time.monotonic() + timeout
    progress = context.awaiting(
        f"start of Pod/{constants.PREFLIGHT} in namespace {namespace}, which tests the new configuration", timeout
    )
    since: dict[str, float] = {}
    for state in context.cluster.watch("Pod", constants.PREFLIGHT, namespace, deadline, tick=1.0):
        if state is None:
            raise preflight_error(
                "preflight-gone", "was deleted during the preflight.", "Run again. Find out which client deletes Pods."
            )
        statuses = status_of(state).get("containerStatuses") or []
        ended = [item["name"] for item in statuses if (item.get("state") or {}).get("terminated")]
        if ended:
            raise_cause(context, namespace, ended[0], None, path)
        if len(statuses) == len(state["spec"]["containers"]) and all(
            (item.get("state") or {}).get("running") for item in statuses
        ):
            return
        progress(describe_pod(state))
        uid = str(state["metadata"]["uid"])
        snapshot = rollout_problems.Snapshot(
            {}, pods=(state,), events={uid: events_about(context.cluster, namespace, uid)}
        )
        found = rollout_problems.find_pod_problems(state, snapshot)
        now = time.monotonic()
        since = {problem.key: since.get(problem.key, now) for problem in found}
        for problem in found:
            patience = GRACE if problem.patience == rollout_problems.GRACE else problem.patience
            # The ConfigMap and the Secret come a moment after the Pod: what is missing now may be there soon.
            if now - since[problem.key] >= max(patience, rollout_problems.SOON):
                if replaces_pods and _is_full(problem):
                    raise NoRoomError(problem.message)
                raise preflight_error(problem.code, f"{problem.message.rstrip('.')}.", problem.remedy)
    raise preflight_error(
        "preflight-timeout",
        f"the preflight Pod did not start within {timeout} s.",
        "Check the events of the namespace, or increase registry_wait_timeout.",
    )


def _is_full(problem: rollout_problems.Problem) -> bool:
    """Whether a node would take the Pod if it had more room."""
    full = ("Insufficient ", "Too many pods")
    return problem.code == "rollout-unschedulable" and any(words in problem.message for words in full)
