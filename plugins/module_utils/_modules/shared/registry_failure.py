# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cause of a registry's error answer, read from the log of its Pod."""

from __future__ import annotations

import time
from contextlib import suppress

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import Cause, find_cause

_LOG_SECONDS = 3.0
_PAUSE = 0.2


def explain_failure(context: Context[Options], pod: str, failure: RegistryError) -> Refusal:
    """The failure with the cause that the registry logged, if its store is the cause."""
    if failure.status is not None and failure.status < 500:
        return failure
    cause = read_logged_cause(context, context.options.namespace, pod, constants.CONTAINER)
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


def read_logged_cause(context: Context[Options], namespace: str, pod: str, container: str) -> Cause | None:
    """The cause that the container's log names, None if none is in it after some seconds: the log follows the response a moment later."""
    deadline = time.monotonic() + _LOG_SECONDS
    while True:
        log = ""
        with suppress(ClusterError):
            log = context.cluster.pod_log(namespace, pod, container, tail_lines=200)
        cause = find_cause(log)
        if cause is not None or time.monotonic() > deadline:
            return cause
        time.sleep(_PAUSE)
