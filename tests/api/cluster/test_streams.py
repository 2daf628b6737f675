# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports, commands and the log of a Pod, on a real cluster with nodes."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.streams import Stream
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.tests.api.cluster.workload import LABELS, NAME, registry
from ansible_collections.kyma.docker_registry.tests.support.objects import get_by_path

pytestmark = pytest.mark.beside
CATALOG = "/v2/_catalog"
SECOND = "second"


@pytest.fixture
def pod(cluster: Cluster, namespace: str) -> Iterator[str]:
    """The name of a running registry's Pod; it also mounts the configuration of a second one."""
    if not get_by_path(cluster, "/api/v1/nodes")["items"]:
        pytest.skip("this cluster runs no Pods")
    config = {"version": 0.1, "http": {"addr": "127.0.0.1:5009"}, "storage": {"filesystem": {}}}
    metadata = {"name": SECOND, "namespace": namespace}
    data = {"config.yml": json.dumps(config)}
    cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    volumes = [{"name": "data", "emptyDir": {}}, {"name": SECOND, "configMap": {"name": SECOND}}]
    mounts = [{"name": "data", "mountPath": "/data"}, {"name": SECOND, "mountPath": f"/{SECOND}"}]
    cluster.apply(registry(namespace, pod={"volumes": volumes}, volumeMounts=mounts))
    wait_rollout(cluster, namespace, NAME, 90, explain_log=find_cause)
    selector = ",".join(f"{key}={value}" for key, value in LABELS.items())
    return cluster.list("Pod", namespace, label_selector=selector)[0]["metadata"]["name"]


def over(stream: Stream, timeout: float = 20) -> http.client.HTTPConnection:
    """http.client over the stream."""
    stream.settimeout(timeout)
    connection = http.client.HTTPConnection("registry", 5000)
    connection.sock = stream
    return connection


def sockets() -> int:
    """Open sockets of this process."""
    links = (os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
    return sum(link.startswith("socket:") for link in links)


def upload(opened: Callable[[], Stream], size: int) -> None:
    """Pushes and pulls a blob of this size."""
    data = os.urandom(size)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    connection = over(opened())
    connection.request("POST", "/v2/a/blobs/uploads/", body=b"")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 202
    place = answer.headers["Location"]
    place = place[place.index("/v2/") :]
    connection.request(
        "PUT", f"{place}&digest={digest}", body=data, headers={"Content-Type": "application/octet-stream"}
    )
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 201
    connection.request("GET", f"/v2/a/blobs/{digest}")
    assert connection.getresponse().read() == data
    connection.close()


def test_requests_over_a_port(cluster: Cluster, namespace: str, pod: str) -> None:
    """Many on one stream, each stream by itself, large bodies, and nothing left behind."""
    before, threads = sockets(), threading.active_count()
    with cluster.port_forward(namespace, pod, 5000) as opened:
        connection = over(opened())
        for _ in range(20):
            connection.request("GET", CATALOG)
            assert connection.getresponse().read() == b'{"repositories":[]}\n'
        upload(opened, 20_000_000)
        other = over(opened())
        other.request("GET", CATALOG, headers={"Connection": "close"})
        answer = other.getresponse()
        other.close()
        assert b"repositories" in answer.read()
    with pytest.raises(OSError, match=r"."):
        connection.request("GET", CATALOG)
    assert (sockets(), threading.active_count()) == (before, threads)


def test_a_closed_port(cluster: Cluster, namespace: str, pod: str) -> None:
    """The kubelet's reason comes with the reset."""
    with cluster.port_forward(namespace, pod, 4999) as opened:
        connection = over(opened())
        with pytest.raises(OSError, match="4999"):
            connection.request("GET", "/")
            connection.getresponse()


def test_a_pod_that_is_not_there(cluster: Cluster, namespace: str) -> None:
    """A finding, at once."""
    with cluster.port_forward(namespace, "missing", 5000) as opened, pytest.raises(ClusterError) as caught:
        opened()
    assert caught.value.status == 404


def test_with_the_rights_of_somebody_else(kubeconfig: str, namespace: str) -> None:
    """Impersonation holds for streams too."""
    eve = connect({"kubeconfig": kubeconfig, "impersonate_user": "eve"}, {})
    with (
        eve.port_forward(namespace, "p", 5000) as opened,
        pytest.raises(ClusterError, match="eve is not allowed") as caught,
    ):
        opened()
    assert caught.value.code == "cluster-forbidden"
    with pytest.raises(ClusterError, match=r"eve is not allowed to (create|get) pods/exec"):
        eve.exec((namespace, "p", "c"), ["true"], 10, 5)


def test_commands(cluster: Cluster, namespace: str, pod: str) -> None:
    """Output, exit codes, bounds."""
    good = cluster.exec((namespace, pod, NAME), ["/bin/registry", "--version"], 10_000, 20)
    assert (good.code, "/bin/registry" in good.stdout) == (0, True)
    bad = cluster.exec((namespace, pod, NAME), ["/bin/registry", "serve", "/none"], 10_000, 20)
    assert bad.code not in (0, None)
    assert "configuration error" in bad.stderr
    short = cluster.exec((namespace, pod, NAME), ["/bin/registry", "help"], 20, 20)
    assert (len(short.stdout) <= 20, short.code) == (True, None)
    with pytest.raises(ClusterError, match="/none"):
        cluster.exec((namespace, pod, NAME), ["/none"], 100, 20)


def test_a_command_that_does_not_end(cluster: Cluster, namespace: str, pod: str) -> None:
    """A second registry on another port serves until the time is up."""
    with pytest.raises(ClusterError, match="did not end within 3 s") as caught:
        cluster.exec((namespace, pod, NAME), ["/bin/registry", "serve", f"/{SECOND}/config.yml"], 1_000_000, 3)
    assert caught.value.code == "cluster-timeout"


def test_logs(cluster: Cluster, namespace: str, pod: str) -> None:
    """The end of it; empty if there is none."""
    text = cluster.pod_log(namespace, pod, NAME, tail_lines=2)
    assert 1 <= len(text.splitlines()) <= 2
    assert cluster.pod_log(namespace, pod, NAME, previous=True) == ""
    assert cluster.pod_log(namespace, "missing", NAME) == ""
