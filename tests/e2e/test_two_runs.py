# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs of the role at once, and the Lease of runs that succeed, change nothing or fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

# Those that a run without changes calls.
MODULES = [
    "Validate the storage and guard the images",
    "Run the preflight for the new configuration",
    "Verify the registry with a push and a pull",
]


def _of_lease(audit: Audit) -> list[str]:
    return [item.verb for item in audit.requests() if item.resource == "leases"]


def test_lease_of_runs(deploy: Deploy, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """The first run takes and releases it once. A second one does not ask for it: it validates, compares and verifies with few requests.

    One that fails after a write releases it.
    """
    first = deploy()
    assert first.returncode == 0, first.output
    used = _of_lease(audit)
    assert (used.count("create"), used.count("delete"), used[-1]) == (1, 1, "delete")
    audit.restart()
    second = deploy()
    assert second.returncode == 0 and second.changed == 0, second.output
    assert _of_lease(audit) == []
    audit.require_few()
    called = [task for task in second.tasks if task.result.keys() & {"plan", "current", "level"}]
    assert [task.task.rpartition(" : ")[2] for task in called] == MODULES
    failed = deploy(registry_image="127.0.0.1:1/no/such:image", registry_wait_timeout=15)
    assert failed.returncode != 0 and "create" in _of_lease(audit)
    assert cluster.get("Lease", constants.LEASE, namespace) is None


@pytest.mark.long
def test_two_runs_at_once(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """With the same variables both succeed, one after the other. With others the second may find its plan outdated, and then writes nothing."""

    def run(level: str) -> playbook.Run:
        return deploy(registry_logging={"level": level}, registry_wait_timeout=300)

    with ThreadPoolExecutor(2) as pool:
        assert [item.output for item in pool.map(run, ("info", "info")) if item.returncode] == []
        done = list(pool.map(run, ("debug", "error")))
    failed = [item for item in done if item.returncode]
    assert len(failed) < len(done), failed[0].output
    assert [item.failure.codes() for item in failed] in ([], [["plan-outdated"]]), failed[0].output
    assert sum(item.changed for item in failed) == 0
    document = cluster.get("DockerRegistry", constants.CR_NAME, namespace)
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    assert document is not None and deployment is not None
    assert cluster.get("Lease", constants.LEASE, namespace) is None
    level = document["spec"]["logging"]["level"]
    (name,) = [
        volume["configMap"]["name"]
        for volume in deployment["spec"]["template"]["spec"]["volumes"]
        if "configMap" in volume
    ]
    config = cluster.get("ConfigMap", name, namespace)
    assert config is not None and f"level: {level}" in next(iter(config["data"].values()))
