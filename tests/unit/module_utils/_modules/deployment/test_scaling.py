# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of replicas that others set: a run keeps them, and so does the restoration of a former Deployment."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import (
    previous_deployment,
    scaling,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.object_apply import apply_objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Object = dict[str, Any]
KEY = ("Deployment", constants.REGISTRY)


def _deployment(number: int | None, image: str = "one", strategy: str = "RollingUpdate") -> Object:
    container = {"name": "registry", "image": image, "env": [], "volumeMounts": []}
    spec = {"template": {"spec": {"containers": [container], "volumes": []}}, "strategy": {"type": strategy}}
    metadata = {"name": constants.REGISTRY, "namespace": "ns", "labels": dict(constants.MANAGED_BY)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {**spec, "replicas": number}}


def _server() -> tuple[Server, Cluster]:
    server = Server()
    return server, server.cluster()


def _context(cluster: Cluster, *, check_mode: bool = False) -> Context:
    return make_context({"namespace": "ns"}, check_mode, cluster=cluster)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("number", "scaled", "code"),
    [(None, 5, "replicas-scaled"), (None, 0, "replicas-zero"), (None, None, None), (2, 0, None), (2, 5, None)],
)
def test_a_number_that_is_left_out(number: int | None, scaled: int | None, code: str | None, check_mode: bool) -> None:
    """Who scales is named. A registry without a Pod gets one, and the next run has nothing to do."""
    server, cluster = _server()
    cluster.apply(_deployment(1))
    cluster.apply(_deployment(None))
    if scaled is not None:
        server.scale(constants.REGISTRY, scaled)
    context = _context(cluster, check_mode=check_mode)
    scaling.keep_replicas(context, _deployment(number), cluster.get("Deployment", constants.REGISTRY, "ns"))
    assert [item.code for item in context.findings] == ([code] if code else [])
    assert len(context.changes) == (code == "replicas-zero")
    expected = 1 if code == "replicas-zero" and not check_mode else scaled if scaled is not None else 1
    assert server.objects[KEY]["spec"]["replicas"] == expected
    if number is None and not check_mode:
        assert not cluster.apply(_deployment(None)).changed


def test_a_first_deployment() -> None:
    """No client scales it."""
    context = _context(_server()[1])
    scaling.keep_replicas(context, _deployment(None), None)
    assert context.findings == [] and context.changes == []


@pytest.mark.parametrize(
    ("former", "before", "failed", "during", "strategy", "after"),
    [
        (2, None, 2, None, "RollingUpdate", 2),
        (2, None, 3, None, "RollingUpdate", 2),
        (2, None, None, None, "RollingUpdate", 2),
        (2, None, 2, 5, "RollingUpdate", 5),
        (2, None, None, 5, "RollingUpdate", 5),
        (None, 5, None, None, "RollingUpdate", 5),
        (None, 5, None, 7, "RollingUpdate", 7),
        (None, 5, 3, None, "RollingUpdate", 5),
        (None, None, 3, None, "RollingUpdate", 1),
        (None, None, 3, None, "Recreate", 1),
        (None, None, None, 4, "Recreate", 1),
        (1, None, None, 4, "Recreate", 1),
    ],
)
def test_a_restored_deployment(
    former: int | None, before: int | None, failed: int | None, during: int | None, strategy: str, after: int
) -> None:
    """A number that an autoscaler sets stays; one that the failed run set does not. A volume for one node gets its number again.

    former, failed: what the two runs applied. before, during: what another client set after each of them.
    """
    server, cluster = _server()
    cluster.apply(_deployment(former, strategy=strategy))
    if before is not None:
        server.scale(constants.REGISTRY, before)
    annotations = server.objects[KEY]["metadata"].setdefault("annotations", {})
    annotations.update({"deployment.kubernetes.io/revision": "1", constants.VERIFIED_REVISION: "1"})
    server.objects[KEY]["status"] = {"observedGeneration": server.objects[KEY]["metadata"]["generation"]}
    wanted = _deployment(failed, image="two")
    live = cluster.get("Deployment", constants.REGISTRY, "ns")
    assert live is not None
    live = previous_deployment.record_previous(_context(cluster), live, wanted)
    cluster.apply(wanted, live=live, force=True)
    if during is not None:
        server.scale(constants.REGISTRY, during)
    live = cluster.get("Deployment", constants.REGISTRY, "ns")
    previous = previous_deployment.read_previous_deployment(live)
    assert live is not None and previous is not None
    document, live = scaling.restore_replicas(_context(cluster), previous, live)
    cluster.apply(document, live=live, force=True)
    spec = server.objects[KEY]["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (after, strategy)
    assert spec["template"]["spec"]["containers"][0]["image"] == "one"
    if former is None or (former == after and during is None):
        again = cluster.apply(_deployment(former, strategy=strategy))
        assert not again.changed, "the former run has something to do"


def test_a_number_that_is_set_back() -> None:
    """The warning names who scales, and the variable to leave out."""
    server, cluster = _server()
    cluster.apply(_deployment(2))
    server.scale(constants.REGISTRY, 5)
    context = _context(cluster)
    apply_objects(context, [_deployment(2)], {KEY: cluster.get(*KEY, "ns")})
    (found,) = context.findings
    assert found.code == "drift-corrected" and "kube-controller-manager owns spec.replicas" in found.message
    assert "registry_replicas" in found.remedy
    assert server.objects[KEY]["spec"]["replicas"] == 2
