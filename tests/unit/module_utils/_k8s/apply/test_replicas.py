# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of replicas: an apply without it keeps it, also if another client has set it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Conflict
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server


def _deployment(number: int | None, image: str = "one", strategy: str = "RollingUpdate") -> dict[str, Any]:
    container = {"name": "app", "image": image, "env": [], "volumeMounts": []}
    spec = {"template": {"spec": {"containers": [container], "volumes": []}}, "strategy": {"type": strategy}}
    metadata = {"name": "sample", "namespace": "ns"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {**spec, "replicas": number}}


def _number(server: Server) -> int:
    return int(server.objects["Deployment", "sample"]["spec"]["replicas"])


def _server(*applied: int | None) -> tuple[Server, Cluster]:
    server = Server()
    cluster = server.cluster()
    for number in applied:
        cluster.apply(_deployment(number))
    return server, cluster


@pytest.mark.parametrize("scaled", [None, 5])
@pytest.mark.parametrize("applied", [None, 2])
@pytest.mark.parametrize("image", ["one", "two"])
@pytest.mark.parametrize("strategy", ["RollingUpdate", "Recreate"])
def test_a_number_that_is_left_out_stays(applied: int | None, scaled: int | None, image: str, strategy: str) -> None:
    """Ours and another client's, also beside a change of the image or the strategy. Then nothing differs any more."""
    server, cluster = _server(applied)
    if scaled is not None:
        server.scale("sample", scaled)
    wanted = _deployment(None, image, strategy)
    number = _number(server)
    changes = (image, strategy) != ("one", "RollingUpdate")
    before = list(server.writes)
    planned = cluster.apply(wanted, dry_run=True)
    assert (planned.changed, planned.after["spec"]["replicas"], server.writes) == (changes, number, before)
    applied_now = cluster.apply(wanted)
    assert (applied_now.changed, _number(server)) == (changes, number)
    assert replicas.owns_replicas(applied_now.after) == (scaled is None)
    assert "spec.replicas" not in applied_now.fields
    before = list(server.writes)
    assert not cluster.apply(wanted).changed
    assert server.writes == before


def test_a_number_that_is_given_counts() -> None:
    """Another client's is a conflict, which names it."""
    server, cluster = _server(2)
    server.scale("sample", 5)
    with pytest.raises(Conflict) as caught:
        cluster.apply(_deployment(2))
    assert caught.value.managers == {"kube-controller-manager"}
    assert cluster.apply(_deployment(2), force=True).fields == ["spec.replicas"]
    assert _number(server) == 2


def test_scaled_between_read_and_write() -> None:
    """The number of the other client stays."""
    server, cluster = _server(2)
    live = cluster.get("Deployment", "sample", "ns")
    server.scale("sample", 5)
    cluster.apply(_deployment(None), live=live)
    assert _number(server) == 5
