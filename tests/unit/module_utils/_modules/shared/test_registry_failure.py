# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cause in the log of a registry that returned an error: it can be written after the response."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import registry_failure
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import error_from_answer
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

LINE = '{"level":"error","msg":"s3aws: InvalidAccessKeyId: The AWS Access Key Id you provided does not exist"}'
OTHER = '{"level":"info","msg":"response completed"}'


class _Cluster:
    """Logs, one for each time that they are read; the last one stays."""

    def __init__(self, *logs: str | ClusterError) -> None:
        self.logs, self.reads = list(logs), 0

    def pod_log(self, *_place: Any, **_bounds: Any) -> str:
        self.reads += 1
        log = self.logs.pop(0) if len(self.logs) > 1 else self.logs[0]
        if isinstance(log, ClusterError):
            raise log
        return log


@pytest.mark.parametrize(
    ("status", "logs", "code", "reads"),
    [
        (500, (LINE,), "store-credentials", 1),
        (500, ("", OTHER, LINE), "store-credentials", 3),
        (500, (ClusterError("cluster-timeout", "Pod", "no answer", "", 504), LINE), "store-credentials", 2),
        (500, (OTHER,), "registry-refused", None),
        (404, (LINE,), "registry-protocol", 0),
    ],
)
def test_a_line_that_follows_the_response(
    monkeypatch: pytest.MonkeyPatch, status: int, logs: tuple[Any, ...], code: str, reads: int | None
) -> None:
    """The log is read again for some seconds; a client error has no cause in the store."""
    monkeypatch.setattr(registry_failure, "_LOG_SECONDS", 0.2)
    monkeypatch.setattr(registry_failure, "_PAUSE", 0.01)
    cluster = _Cluster(*logs)
    context = make_context({"namespace": "ns"}, check_mode=False, cluster=cluster)
    failure = error_from_answer("GET", "/v2/name/tags/list", status, b"{}")
    found = registry_failure.explain_failure(context, "pod", failure)
    assert found.findings[0].code == code
    assert cluster.reads == reads if reads is not None else cluster.reads > 2
