# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the body of a module gets, and where it leaves what it finds and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Progress, Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect

from .known_secrets import KnownSecrets


@dataclass
class Context:
    """Options, cluster and check mode of one task; its findings, changes and result. say: shows progress to the user."""

    params: Mapping[str, Any]
    check_mode: bool
    secrets: KnownSecrets = field(default_factory=KnownSecrets)
    findings: list[Finding] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    say: Say = silent
    _cluster: Cluster | None = None

    @property
    def cluster(self) -> Cluster:
        """The cluster. It is connected at first use, so that wrong input is reported without a cluster."""
        if self._cluster is None:
            self._cluster = connect(self.params)
            self.result["cluster"] = {"host": self._cluster.target.host, "source": self._cluster.target.source}
        return self._cluster

    @property
    def connected(self) -> Cluster | None:
        """The cluster if the task has connected it."""
        return self._cluster

    def report(self, findings: Iterable[Finding]) -> None:
        """Records findings. Raises Refusal if an error is among them."""
        recorded = tuple(findings)
        self.findings.extend(recorded)
        if errors(recorded):
            raise Refusal(errors(recorded))

    def change(self, what: str, before: Any, after: Any) -> None:
        """Records one change for `changed` and the diff. before, after: texts or structures without secrets."""
        self.changes.append({"before_header": what, "after_header": what, "before": before, "after": after})

    def awaiting(self, what: str, limit: float | None = None) -> Progress:
        """Progress of a wait for `what` of at most `limit` seconds, without secrets."""

        def say_masked(text: str) -> None:
            self.say(str(self.secrets.mask(text)))

        return Progress(say_masked, what, limit)
