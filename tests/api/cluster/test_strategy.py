# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Deployment changes its strategy, in each order, for each owner of the fields of the former one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.cluster import workload

pytestmark = [pytest.mark.smoke, pytest.mark.beside]

STRATEGIES: dict[str, dict[str, Any]] = {
    "recreate": {"type": "Recreate"},
    "default": {"type": "RollingUpdate"},
    "explicit": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
}


def _deployment(namespace: str, strategy: dict[str, Any], image: str) -> dict[str, Any]:
    return workload.without_pods(namespace, strategy, image=image)


def _strategy(found: Any) -> dict[str, Any]:
    return dict(found["spec"]["strategy"])


def _specification(cluster: Cluster, namespace: str) -> Any:
    found = cluster.get("Deployment", "sample", namespace)
    assert found is not None
    return found["spec"]


def _switch(cluster: Cluster, namespace: str, former: str, wanted: str) -> None:
    """A dry run stores nothing and says what would come; the switch changes strategy and template; a second one changes nothing."""
    before = _specification(cluster, namespace)
    desired = _deployment(namespace, STRATEGIES[wanted], "new")
    planned = cluster.apply(desired, dry_run=True)
    assert planned.changed and _strategy(planned.after)["type"] == STRATEGIES[wanted]["type"], (former, wanted)
    assert planned.after["spec"]["template"]["spec"]["containers"][0]["image"] == "new"
    assert _specification(cluster, namespace) == before
    done = cluster.apply(desired)
    assert done.changed and STRATEGIES[wanted].items() <= _strategy(done.after).items()
    assert ("rollingUpdate" in _strategy(done.after)) == (wanted != "recreate")
    assert "spec.template.spec.containers[c].image" in done.fields
    assert not cluster.apply(desired).changed


def test_each_order(cluster: Cluster, namespace: str) -> None:
    """All ordered pairs, one after the other on the same object: later ones meet what earlier ones own."""
    cluster.apply(_deployment(namespace, STRATEGIES["default"], "old"))
    for former, wanted in [*itertools.permutations(STRATEGIES, 2)] * 2:
        cluster.apply(_deployment(namespace, STRATEGIES[former], "old"))
        _switch(cluster, namespace, former, wanted)


def test_fields_of_another_manager(cluster: Cluster, namespace: str) -> None:
    """A client has set rollingUpdate with kubectl; the API server would keep it forever."""
    cluster.create(_deployment(namespace, STRATEGIES["recreate"], "old"))
    patch = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2}}}}
    cluster.patch("Deployment", "sample", namespace, patch, content_type="application/merge-patch+json")
    done = cluster.apply(_deployment(namespace, STRATEGIES["recreate"], "new"), force=True)
    assert _strategy(done.after) == STRATEGIES["recreate"]


def test_a_changed_object_is_not_patched(cluster: Cluster, namespace: str) -> None:
    """The strategy is replaced in the state that was read: another client's change since then is an error, and stays."""
    cluster.apply(_deployment(namespace, STRATEGIES["default"], "old"))
    seen = cluster.get("Deployment", "sample", namespace)
    cluster.apply({**_deployment(namespace, STRATEGIES["default"], "theirs")})
    with pytest.raises(Exception, match="cluster-precondition"):
        cluster.apply(_deployment(namespace, STRATEGIES["recreate"], "new"), live=seen)
    now = cluster.get("Deployment", "sample", namespace)
    assert now is not None and _strategy(now)["type"] == "RollingUpdate"
