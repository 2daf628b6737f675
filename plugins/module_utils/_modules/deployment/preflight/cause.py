# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a preflight Pod failed: its own log first, else the answer of its registry."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.registry_failure import (
    read_logged_cause,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import Cause

PAUSE = 0.2


def raise_cause(
    context: Context[DeploymentOptions], namespace: str, container: str, failure: RegistryError | None, path: str
) -> None:
    """Raises Refusal for a preflight Pod that failed, with the cause in its log, else with what it answered.

    A registry also logs that it lost its client, so its log does not count if the connection was lost while the container runs.
    """
    if failure is not None and failure.closed and not has_ended(context, namespace, container):
        raise preflight_error(
            "preflight-connection-lost",
            "runs, but each connection to it was lost before the test of the new configuration was complete.",
            "Run again. If this occurs again, check the proxies between this machine and the API server, and the node of the Pod.",
        )
    cause = read_logged_cause(context, namespace, constants.PREFLIGHT, container)
    if cause is not None and (cause.cause or failure is None):
        raise Refusal([_cause_finding(cause, path)])
    if failure is not None:
        reported = failure.findings[0]
        raise Refusal(
            [
                error(
                    reported.code,
                    path,
                    f"the preflight of the new configuration failed: {reported.message}",
                    reported.remedy,
                )
            ]
        )
    raise preflight_error("preflight-ended", "exited without an error message.", "Check registry_image.")


def has_ended(context: Context[DeploymentOptions], namespace: str, container: str) -> bool:
    """Whether the container of the preflight Pod does not run any more."""
    statuses = status_of(context.cluster.get("Pod", constants.PREFLIGHT, namespace)).get("containerStatuses") or []
    return not any(
        item["name"] == container and (item.get("state") or {}).get("running") is not None for item in statuses
    )


def _cause_finding(cause: Cause, path: str) -> Finding:
    meaning = f"{cause.cause}; " if cause.cause else ""
    return error(
        cause.code,
        path,
        f"the preflight of the new configuration failed: {meaning}the registry logs: {cause.line}. The running registry was not changed.",
        cause.remedy,
    )


def preflight_error(code: str, message: str, remedy: str) -> Refusal:
    """A refusal about the preflight Pod."""
    return Refusal([error(code, f"Pod/{constants.PREFLIGHT}", message, remedy)])
