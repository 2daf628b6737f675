# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Memory and CPU of the registry under load, from the kubelet's metrics: what the defaults of registry_resources are measured with."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.quantity import parse_quantity
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import image, playbook, registry_client, roundtrip
from ansible_collections.kyma.docker_registry.tests.support.kubelet_metrics import Usage, read_usage
from ansible_collections.kyma.docker_registry.tests.support.repeated import Repeated

PULLS, PUSHES = 20, 8
MIB = 2**20
# Of an image, in bytes: several parts of an upload (chunksize is 10 MiB).
SIZE = 32 * MIB
# Rounds of everything at once. The kubelet measures every ten seconds.
ROUNDS = 3


class _Samples(Repeated):
    """What the kubelet reports, each second. peak: the largest working set in bytes."""

    def __init__(self, read: Callable[[], Usage]) -> None:
        super().__init__(1.0)
        self._read = read
        self.first = self.last = read()
        self.peak = self.first.memory

    def step(self) -> None:
        """One look."""
        self.last = self._read()
        self.peak = max(self.peak, self.last.memory)

    @property
    def cores(self) -> float:
        """CPU on average, as the kubelet dated it."""
        return (self.last.cpu - self.first.cpu) / max(1.0, self.last.at - self.first.at)


def _all(work: Iterable[Callable[[], None]]) -> None:
    jobs = list(work)
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


@pytest.mark.parametrize("storage", ["volume", "s3"])
def test_parallel_pulls_and_pushes(
    storage: str, cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any], tmp_path: Path
) -> None:
    """20 pulls and 8 pushes at once, three times, with the default resources: each succeeds and the container is not restarted."""
    variables: dict[str, Any] = {"registry_namespace": namespace, "registry_wait_timeout": 120}
    variables.update(lab_clouds.own_s3(clouds, namespace) if storage == "s3" else {})
    deployed = playbook.run(SITE, kubeconfig=kubeconfig, variables=variables)
    assert deployed.returncode == 0, deployed.output
    client = registry_client.from_cluster(cluster, namespace)
    (pod,) = cluster.list("Pod", namespace, label_selector=roundtrip.SELECTOR)
    layouts = [tmp_path / f"layout-{number}" for number in range(PUSHES)]
    for layout in layouts:
        image.oci_layout(layout, SIZE)
    client.push(layouts[0], "team/base:v1")

    def pull(number: int) -> None:
        folder = tmp_path / f"pulled-{number}"
        client.pull("team/base:v1", folder)
        shutil.rmtree(folder)

    with _Samples(lambda: read_usage(kubeconfig, pod)) as samples:
        idle = samples.first.memory
        start = time.monotonic()
        for turn in range(ROUNDS):
            jobs: list[Callable[[], None]] = [lambda number=number: pull(number) for number in range(PULLS)]
            # Each image has its own repository, so that no layer exists already.
            jobs += [
                lambda layout=layout, name=f"team/app-{turn}-{number}:v1": client.push(layout, name)
                for number, layout in enumerate(layouts)
            ]
            _all(jobs)
        seconds = time.monotonic() - start
    (after,) = cluster.list("Pod", namespace, label_selector=roundtrip.SELECTOR)
    resources = after["spec"]["containers"][0]["resources"]
    limit = parse_quantity(resources["limits"]["memory"])
    assert limit is not None
    print(
        f"{storage}: {ROUNDS} x ({PULLS} pulls and {PUSHES} pushes of {SIZE // MIB} MiB) in {seconds:.0f} s; "
        f"memory {idle // MIB} MiB idle, {samples.peak // MIB} MiB at most; "
        f"CPU {samples.cores * 1000:.0f}m on average; resources {resources}"
    )
    assert after["metadata"]["uid"] == pod["metadata"]["uid"]
    assert after["status"]["containerStatuses"][0]["restartCount"] == 0
    assert samples.peak < limit[0]
