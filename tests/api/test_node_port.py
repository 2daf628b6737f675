# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The NodePort against the real API server: registries that are created at the same moment get different ports."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LeaseTaken
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import node_port
from ansible_collections.kyma.docker_registry.tests.api.cases import LABELS, objects
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

pytestmark = pytest.mark.nodeless

MANY = 6


@pytest.fixture
def namespaces(namespace: str, cluster: Cluster) -> Iterator[list[str]]:
    """The test's namespace and more."""
    more = [f"{namespace}-{number}" for number in range(1, MANY)]
    made = [
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})["metadata"]
        for name in more
    ]
    yield [namespace, *more]
    for metadata in made:
        cluster.delete("Namespace", metadata["name"], None, uid=metadata["uid"])


def _held(cluster: Cluster, namespace: str) -> int:
    service = cluster.get("Service", "dockerregistry", namespace)
    assert service is not None
    return int(service["spec"]["ports"][0]["nodePort"])


def _hold(kubeconfig: str, namespace: str, wait: Callable[[], object] = lambda: None) -> int:
    context = make_context({"kubeconfig": kubeconfig, "namespace": namespace}, check_mode=False)
    # A module would start again then.
    with suppress(LeaseTaken):
        context.lease.before_write("Service")
    choice = node_port.choose_node_port(context.cluster, namespace, None)
    wait()
    return node_port.reserve_node_port(context, namespace, choice, None)


def _service(namespace: str, port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "dockerregistry", "namespace": namespace, "labels": LABELS},
        "spec": {"type": "NodePort", "ports": [{"port": 5000, "nodePort": port}]},
    }


def test_all_choose_before_any_holds(namespaces: list[str], kubeconfig: str, cluster: Cluster) -> None:
    """All runs have seen the same port free. One gets it, the others get the next ones, in the same run."""
    chosen = threading.Barrier(MANY)

    with ThreadPoolExecutor(MANY) as pool:
        ports = list(pool.map(lambda namespace: _hold(kubeconfig, namespace, lambda: chosen.wait(60)), namespaces))
    assert len(set(ports)) == MANY
    assert [_held(cluster, namespace) for namespace in namespaces] == ports


def test_credentials_name_the_port_that_is_held(namespaces: list[str], call: Call, cluster: Cluster) -> None:
    """Runs at the same moment: the pull address is good before anything else is there, and stays."""
    pair = namespaces[:2]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda namespace: call("registry_secret", {"namespace": namespace}), pair))
    ports = [_held(cluster, namespace) for namespace in pair]
    assert len(set(ports)) == 2
    assert [result.result["node_port"] for result in results] == ports
    for namespace, port in zip(pair, ports, strict=True):
        data = cluster.get("Secret", "dockerregistry-config", namespace)["data"]
        assert base64.b64decode(data["pullRegAddr"]).decode() == f"localhost:{port}"
        assert not call("registry_secret", {"namespace": namespace}).changed


def test_an_operator_makes_the_service(namespace: str, call: Call, cluster: Cluster) -> None:
    """With an operator the port is its business."""
    result = call("registry_secret", {"namespace": namespace, "mode": "operator", "registry_password": "a-pass-word"})
    assert not result.failed, result.result
    assert cluster.get("Service", "dockerregistry", namespace) is None


def test_check_mode_of_a_port_that_went(namespaces: list[str], kubeconfig: str, call: Call) -> None:
    """A client gets the port between two tasks: check mode still reports the plan; a run fails, because it does not change the port at this point."""
    namespace, other = namespaces[:2]
    port = _hold(kubeconfig, other)
    assert not call("docker_registry_storage", {"namespace": namespace}).failed
    arguments = {"namespace": namespace, "storage": {}, "objects": [*objects(namespace), _service(namespace, port)]}
    planned = call("registry_deployment", arguments, check=True)
    assert not planned.failed, planned.result
    assert "Service/dockerregistry" in [entry["after_header"] for entry in planned.result["diff"]]
    assert call("registry_deployment", arguments).codes() == ["cluster-invalid"]
