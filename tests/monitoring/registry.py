# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry that is used, then broken, and what was scraped of it and of its node each time."""

from __future__ import annotations

import base64
import contextlib
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import annotations_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import build_lease
from ansible_collections.kyma.docker_registry.tests.monitoring.scraped import Scrape, parsed
from ansible_collections.kyma.docker_registry.tests.support import (
    image,
    monitoring,
    objects,
    playbook,
    registry_client,
    roundtrip,
)
from ansible_collections.kyma.docker_registry.tests.support.waiting import until
from kubernetes import client, config

CLAIM = "images"
# The kubelet measures volumes once a minute by default, in the lab every ten seconds. It may miss a turn.
_MEASURING = 180.0
_IMAGE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Observed:
    """What was seen: the registry's own words, and the scrapes of good and of bad days, oldest first."""

    namespace: str
    exposition: str
    healthy: list[Scrape]
    failing: list[Scrape]


class Scraper:
    """Asks as Prometheus does with the ServiceMonitor, through the API server, and adds the labels that it adds."""

    def __init__(self, cluster: Cluster, kubeconfig: str, namespace: str) -> None:
        self._cluster = cluster
        self._api = client.CoreV1Api(config.new_client_from_config(kubeconfig))
        self._namespace = namespace

    def _pod(self) -> dict[str, str]:
        (pod,) = self._cluster.list("Pod", self._namespace, label_selector=roundtrip.SELECTOR)
        return {"name": pod["metadata"]["name"], "node": pod["spec"]["nodeName"], "ip": pod["status"]["podIP"]}

    def exposition(self) -> str:
        """What the registry reports at its metrics port."""
        answer = self._api.connect_get_namespaced_pod_proxy_with_path(
            f"{self._pod()['name']}:{constants.DEBUG_PORT}", self._namespace, "metrics", _preload_content=False
        )
        return str(answer.data.decode())

    def node(self) -> Scrape:
        """The kubelet's metrics of the namespace, with labels that kube-prometheus-stack adds."""
        node = self._pod()["node"]
        target = {"job": "kubelet", "node": node}
        found = {}
        for path in ("metrics", "metrics/probes"):
            answer = self._api.connect_get_node_proxy_with_path(node, path, _preload_content=False)
            found.update(parsed(answer.data.decode(), target))
        return {series: value for series, value in found.items() if ("namespace", self._namespace) in series[1]}

    def scrape(self) -> Scrape:
        """Registry and node at once. `up` is Prometheus' own, for a scrape that succeeded."""
        pod = self._pod()
        target = {
            "job": constants.METRICS_SERVICE,
            "service": constants.METRICS_SERVICE,
            "namespace": self._namespace,
            "pod": pod["name"],
            "container": constants.CONTAINER,
            "endpoint": "http-metrics",
            "instance": f"{pod['ip']}:{constants.DEBUG_PORT}",
        }
        return {
            **parsed("up 1\n" + self.exposition(), target),
            **self.node(),
            **self.annotations(),
            **self.migration(),
            **self.lease(),
        }

    def annotations(self) -> Scrape:
        """What kube-state-metrics exports of the Deployment; an annotation that is not there is an empty label, as Prometheus takes it."""
        found = annotations_of(self._cluster.get("Deployment", constants.REGISTRY, self._namespace))
        labels = {label: found.get(name, "") for name, label in monitoring.exported_annotations().items()}
        labels.update(namespace=self._namespace, deployment=constants.REGISTRY)
        return {("kube_deployment_annotations", frozenset(labels.items())): 1.0}

    def migration(self) -> Scrape:
        """What kube-state-metrics exports of the record of a migration, if there were one."""
        found = annotations_of(self._cluster.get("ConfigMap", constants.DAY2_RECORD, self._namespace))
        labels = {label: found.get(name, "") for name, label in monitoring.exported_annotations("configmaps").items()}
        labels.update(namespace=self._namespace, configmap=constants.DAY2_RECORD)
        return {("kube_configmap_annotations", frozenset(labels.items())): 1.0}

    def lease(self) -> Scrape:
        """What kube-state-metrics exports of the Lease of a run."""
        lease = self._cluster.get("Lease", constants.LEASE, self._namespace)
        assert lease is not None
        renewed = datetime.fromisoformat(lease["spec"]["renewTime"].replace("Z", "+00:00"))
        labels = {"namespace": self._namespace, "lease": constants.LEASE}
        return {("kube_lease_renew_time", frozenset(labels.items())): renewed.timestamp()}


def deployed(cluster: Cluster, kubeconfig: str, namespace: str) -> None:
    """A registry in direct mode, on a claim whose volume the kubelet can measure (the lab's default kind is a hostPath)."""
    claim = objects.claim(CLAIM, namespace)
    claim["metadata"]["annotations"] = {"volumeType": "local"}
    cluster.create(claim)
    run = playbook.run(
        playbook.REPOSITORY / "playbooks/site.yml",
        kubeconfig=kubeconfig,
        variables={
            "registry_namespace": namespace,
            "registry_mode": "direct",
            "registry_storage": {"pvc": {"name": CLAIM}},
            "registry_wait_timeout": 120,
        },
    )
    assert run.returncode == 0, run.output


@contextmanager
def another_run(cluster: Cluster, namespace: str) -> Iterator[None]:
    """As if another run had begun: its Lease is there."""
    made = cluster.create(build_lease(namespace, "another-run", datetime.now(timezone.utc)))
    try:
        yield
    finally:
        cluster.delete("Lease", constants.LEASE, namespace, uid=made["metadata"]["uid"])


def observe(cluster: Cluster, kubeconfig: str, namespace: str) -> Observed:
    """Uses the registry, breaks its store, and scrapes twice each time: a rate needs two values."""
    deployed(cluster, kubeconfig, namespace)
    user = registry_client.from_cluster(cluster, namespace)
    scraper = Scraper(cluster, kubeconfig, namespace)
    healthy, failing = [], []
    with another_run(cluster, namespace):
        for number in range(2):
            _use(user, f"team/app-{number}")
            if not number:
                until("the kubelet to measure the volume", lambda: _measured(scraper.node()), _MEASURING)
            healthy.append(scraper.scrape())
        with _broken(cluster, namespace):
            for _number in range(2):
                for path in ("_catalog", "team/app-0/manifests/v1", "team/app-0/tags/list"):
                    _get(user, path)
                failing.append(scraper.scrape())
            return Observed(namespace, scraper.exposition(), healthy, failing)


def _measured(scrape: Scrape) -> bool:
    return any(name == "kubelet_volume_stats_capacity_bytes" for name, _labels in scrape)


def _use(user: registry_client.Client, repository: str) -> None:
    """Every handler is asked, some for what is not there."""
    with tempfile.TemporaryDirectory(prefix="kyma-image-") as folder:
        image.oci_layout(Path(folder, "pushed"), _IMAGE_BYTES)
        user.push(Path(folder, "pushed"), f"{repository}:v1")
        user.pull(f"{repository}:v1", Path(folder, "pulled"))
    for path in ("", "_catalog", f"{repository}/tags/list", f"{repository}/manifests/absent"):
        _get(user, path)


def _get(user: registry_client.Client, path: str) -> None:
    """One request with credentials, whatever the answer."""
    token = base64.b64encode(f"{user.username}:{user.password}".encode()).decode()
    request = urllib.request.Request(f"http://{user.address}/v2/{path}", headers={"Authorization": f"Basic {token}"})
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


@contextmanager
def _broken(cluster: Cluster, namespace: str) -> Iterator[None]:
    """In the context the registry cannot read its content: the lab's volumes are folders of this machine."""
    claim = cluster.get("PersistentVolumeClaim", CLAIM, namespace)
    assert claim is not None
    volume = objects.get_by_path(cluster, f"/api/v1/persistentvolumes/{claim['spec']['volumeName']}")
    folder = Path(volume["spec"]["local"]["path"])
    (root,) = folder.glob("**/docker/registry")
    mode = root.stat().st_mode
    root.chmod(0)
    try:
        yield
    finally:
        root.chmod(mode)
