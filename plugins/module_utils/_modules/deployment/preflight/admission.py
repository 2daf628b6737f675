# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creates the preflight Pod, and explains why the API server rejects it: a quota, or a policy that would reject the registry's Pods as well."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import quantity
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, is_denied
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .cause import preflight_error

_EXCEEDED = re.compile(r"exceeded quota: .*?, requested: (.*?), used: .*?, limited: (.*?)\.?$")
_QUOTA = re.compile(r"(exceeded|failed) quota: ")


class NoRoomError(Exception):
    """A quota or the nodes have no room for one more Pod. The registry's new Pod fits anyway, because the running one ends first."""


def create_pod(context: Context[DeploymentOptions], pod: ObjectDict, *, replaces_pods: bool) -> ObjectDict:
    """The created Pod. replaces_pods: whether the registry's running Pod ends before its new one is created.

    Raises Refusal if a quota or a policy denies the Pod, and NoRoomError.
    """
    try:
        return context.cluster.create(pod)
    except ClusterError as problem:
        if not is_denied(problem):
            raise
        message = problem.findings[0].message
        if _QUOTA.search(message):
            if replaces_pods and _fits_alone(message):
                raise NoRoomError(message) from None
            raise _quota_refusal(message) from None
        raise _policy_refusal(message) from None


def _quota_refusal(message: str) -> Refusal:
    remedy = "Raise the ResourceQuota, or lower registry_resources: the preflight Pod requests the resources of one Pod of the registry."
    return preflight_error("preflight-quota", f"a ResourceQuota rejects the Pod: {message}", remedy)


def _policy_refusal(message: str) -> Refusal:
    remedy = "Correct what the message names; registry_security_context sets or omits user and group IDs."
    return preflight_error("preflight-admission", f"an admission policy rejects the Pod: {message}", remedy)


def _fits_alone(message: str) -> bool:
    """Whether the quota has room for what was requested if nothing else used it."""
    found = _EXCEEDED.search(message)
    if found is None:
        return False
    requested, limited = map(_amounts, found.groups())
    return requested.keys() == limited.keys() and all(requested[name] <= limited[name] for name in requested)


def _amounts(text: str) -> dict[str, Any]:
    """Names and amounts of `cpu=1,memory=1Gi`, without what is not a quantity."""
    pairs = (item.partition("=") for item in text.split(","))
    parsed = {name.strip(): quantity.parse_quantity(value) for name, _sign, value in pairs}
    return {name: amount[0] for name, amount in parsed.items() if amount is not None}
