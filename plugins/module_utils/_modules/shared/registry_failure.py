# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cause of a registry's error answer, read from the log of its Pod."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause


def explain_failure(context: Context, pod: str, failure: RegistryError) -> Refusal:
    """The failure with the cause that the registry logged, if its store is the cause."""
    if failure.status is not None and failure.status < 500:
        return failure
    try:
        log = context.cluster.pod_log(context.params["namespace"], pod, constants.CONTAINER, tail_lines=100)
    except ClusterError:
        return failure
    cause = find_cause(log)
    if cause is None or not cause.cause:
        return failure
    reported = failure.findings[0]
    return Refusal(
        [
            error(
                cause.code,
                reported.path,
                f"{reported.message} {cause.cause}. The registry logs: {cause.line}.",
                cause.remedy,
            )
        ]
    )
