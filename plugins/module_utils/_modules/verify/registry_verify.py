# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_verify: verifies that the running registry accepts an image and returns it."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.canary import keep_canary
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    connect_registry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import PLAN_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LEASE_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.registry_failure import (
    explain_failure,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.node_ports import (
    NAMESPACE,
    check_localhost,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.releases import check_release

from .options import VerifyOptions

LEVELS = ("none", *smoke_test.LEVELS)

SPEC = (
    Spec(
        {
            "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
            "level": {"type": "str", "choices": list(LEVELS), "default": "image"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    .merged(LEASE_SPEC)
    .merged(PLAN_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)

# Transient: Pods are replaced during a rollout, and the API server may be unreachable for a while.
_TRANSIENT = frozenset(
    {
        "registry-not-running",
        "registry-not-answering",
        "registry-unhealthy",
        "cluster-not-found",
        "cluster-unreachable",
        "cluster-timeout",
        "cluster-server-error",
    }
)
_PAUSE = 1.0


def verify_running_registry(context: Context[VerifyOptions]) -> None:
    """Verifies the registry at the level that the user requested. Never a change."""
    level = context.options.level
    context.result["level"] = level
    if level == "none" or context.check_mode:
        context.result["verified"] = False
        return
    timeout = context.options.wait_timeout
    deadline = time.monotonic() + timeout
    progress = context.awaiting(f"answer of the registry in namespace {context.options.namespace}", timeout)
    unhealthy: Refusal | None = None
    while True:
        try:
            context.result.update(_verify_once(context, level))
            return
        except Refusal as refusal:
            if any(finding.code == "registry-unhealthy" for finding in refusal.findings):
                unhealthy = refusal
            transient = all(finding.code in _TRANSIENT for finding in refusal.findings)
            if transient and time.monotonic() + _PAUSE > deadline:
                # A registry whose store fails is unhealthy first, and has no ready Pod then.
                raise unhealthy or refusal from None
            if not transient:
                raise
            progress(str(refusal))
            time.sleep(_PAUSE)


def _verify_once(context: Context[VerifyOptions], level: str) -> dict[str, Any]:
    failure: RegistryError | None = None
    with connect_registry(context, context.options.namespace) as registry:
        try:
            result = smoke_test.verify_registry(registry.api, level, identity=registry.user.identity)
            if level == "image":
                context.report(keep_canary(context, context.options.namespace, registry))
        except RegistryError as problem:
            failure = problem
    if failure is not None:
        raise explain_failure(context, registry.pod, failure)
    if result.unreached:
        text = f"the registry redirects its clients to its store for layers, and the store {result.unreached}. The layers were not compared."
        remedy = "Run the verification on a machine that can reach the store, or set registry_redirect to false."
        context.report([Finding("verification-redirect-unreachable", "info", "registry_redirect", text, remedy)])
    if result.stale_cache:
        text = "the cache of the registry contains blobs that a garbage collection has deleted. A push of such a blob is accepted, but the blob is lost."
        remedy = "Restart the registry now, and after each garbage collection."
        context.report([warning("registry-cache-stale", f"Deployment/{constants.REGISTRY}", text, remedy)])
    context.report(check_release(registry.image, registry.storage_id.partition("/")[0]))
    if level == "image":
        # Only the first verification of a storage reads kube-proxy's configuration: the ConfigMaps of a large cluster are many.
        config_maps = [] if registry.has_canary else _read_kube_proxy(context)
        context.report(check_localhost(config_maps, registry.addresses))
    return {
        "verified": True,
        "pod": registry.pod,
        "repository": result.repository,
        "digest": result.digest,
        "tag": result.tag,
        "removed": result.removed,
        "steps": list(result.steps),
    }


def _read_kube_proxy(context: Context[VerifyOptions]) -> list[ObjectDict]:
    """The ConfigMaps of its namespace, none without the right to list them: what they show is a warning at most."""
    try:
        return context.cluster.list("ConfigMap", NAMESPACE)
    except ClusterError:
        return []
