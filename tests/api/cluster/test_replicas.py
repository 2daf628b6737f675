# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of replicas on the API server: an apply without it keeps it, also if another client has set it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Conflict
from ansible_collections.kyma.docker_registry.tests.support import objects

pytestmark = [pytest.mark.smoke, pytest.mark.beside]


def _deployment(namespace: str, number: int | None, image: str, strategy: str) -> dict[str, Any]:
    labels = {"app": "replicas"}
    # No node takes the Pods.
    pod = {"nodeSelector": {"no": "node"}, "containers": [{"name": "c", "image": image}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "sample", "namespace": namespace},
        "spec": {
            "replicas": number,
            "selector": {"matchLabels": labels},
            "strategy": {"type": strategy},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _live(cluster: Cluster, namespace: str) -> dict[str, Any]:
    found = cluster.get("Deployment", "sample", namespace)
    assert found is not None
    return found


@pytest.mark.parametrize("scaled", [None, 5])
@pytest.mark.parametrize("applied", [None, 2])
@pytest.mark.parametrize(
    ("image", "strategy"), [("one", "RollingUpdate"), ("two", "RollingUpdate"), ("two", "Recreate")]
)
def test_a_number_that_is_left_out_stays(
    cluster: Cluster, namespace: str, applied: int | None, scaled: int | None, image: str, strategy: str
) -> None:
    """A dry run stores nothing and shows the number; the apply keeps it, also that of another client; a second one changes nothing."""
    cluster.apply(_deployment(namespace, applied, "one", "RollingUpdate"))
    if scaled is not None:
        objects.scale(cluster, namespace, "sample", scaled)
    before = _live(cluster, namespace)
    wanted = _deployment(namespace, None, image, strategy)
    changes = image == "two"
    number = scaled or applied or 1
    planned = cluster.apply(wanted, dry_run=True)
    assert (planned.changed, planned.after["spec"]["replicas"]) == (changes, number)
    # Controllers write the status at any time.
    assert _live(cluster, namespace)["spec"] == before["spec"]
    done = cluster.apply(wanted)
    assert (done.changed, done.after["spec"]["replicas"]) == (changes, number)
    assert replicas.owns_replicas(done.after) == (scaled is None)
    assert ("kube-controller-manager" in replicas.find_scalers(done.after)) == (scaled is not None)
    assert not cluster.apply(wanted).changed


def test_scaled_between_read_and_write(cluster: Cluster, namespace: str) -> None:
    """The number of the other client stays, and a number that is given is a conflict that names it."""
    cluster.apply(_deployment(namespace, 2, "one", "RollingUpdate"))
    read = _live(cluster, namespace)
    objects.scale(cluster, namespace, "sample", 5)
    cluster.apply(_deployment(namespace, None, "two", "RollingUpdate"), live=read)
    assert _live(cluster, namespace)["spec"]["replicas"] == 5
    with pytest.raises(Conflict) as caught:
        cluster.apply(_deployment(namespace, 2, "two", "RollingUpdate"))
    assert caught.value.managers == {"kube-controller-manager"}
