# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preStop hook on both sides of Kubernetes 1.30."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.compatibility import supported_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden

SLEEP = {"preStop": {"sleep": {"seconds": 5}}}
COMMAND = {"preStop": {"exec": {"command": ["sleep", "5"]}}}


def _deployment(lifecycle: dict[str, Any] | None) -> dict[str, Any]:
    containers = [{"name": "docker-registry", "lifecycle": lifecycle}, {"name": "other"}]
    metadata = {"name": "dockerregistry", "namespace": "ns"}
    spec = {"replicas": 2, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": containers}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


class _Server(Cluster):
    def __init__(self, answer: dict[str, Any] | ClusterError) -> None:
        self.answer, self.asked = answer, 0

    def version(self) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.answer, ClusterError):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "hook"),
    [
        ({"major": "1", "minor": "30"}, SLEEP),
        ({"major": "1", "minor": "29+"}, COMMAND),
        ({}, COMMAND),
        (Forbidden("Version", "may not", "Give it."), COMMAND),
    ],
    ids=["1.30", "1.29", "not known", "cannot be read"],
)
def test_the_hook_that_the_cluster_runs(answer: Any, hook: dict[str, Any]) -> None:
    """Only the hook changes, and the object that was given stays as it is."""
    given = _deployment(SLEEP)
    assert supported_object(_Server(answer), given) == _deployment(hook)
    assert given == _deployment(SLEEP)


@pytest.mark.parametrize("given", [_deployment(None), _deployment(COMMAND), {"kind": "ConfigMap", "metadata": {}}])
def test_nothing_is_asked_without_the_action(given: dict[str, Any]) -> None:
    """A registry on a volume of one Pod costs no request."""
    server = _Server({})
    assert supported_object(server, given) is given
    assert server.asked == 0
