# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that end with kill -9 after any of their writes: the next one gets on from there, and no image is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE, Deploy
from ansible_collections.kyma.docker_registry.tests.support import image, interruption, registry_client
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

# More writes than a deployment makes: a run that never gets on would be killed forever.
MOST = 40
# A kill comes a moment after the write, and a few more may have been made by then.
FEWEST = 3


def test_first_deployment(deploy: Deploy, kubeconfig: str, namespace: str, audit: Audit) -> None:
    """Each run is killed right after its first writes, so that the next begins from what they left; then one is let through."""
    variables = {"registry_namespace": namespace, "registry_wait_timeout": 120}
    killed = 0
    while killed < MOST:
        audit.restart()
        if not interruption.run_until(1, audit, SITE, kubeconfig=kubeconfig, variables=variables):
            break
        killed += 1
    assert FEWEST <= killed < MOST
    last = deploy()
    assert last.returncode == 0, last.output
    assert last.changed == 0, [(task.task, task.result.get("diff")) for task in last.tasks if task.changed]


@pytest.mark.long
def test_lease_of_an_interrupted_run(deploy: Deploy, kubeconfig: str, namespace: str, audit: Audit) -> None:
    """The next run waits for a minute at most, also with a lower limit, and says whose Lease it has taken over."""
    variables = {"registry_namespace": namespace, "registry_wait_timeout": 120}
    assert interruption.run_until(2, audit, SITE, kubeconfig=kubeconfig, variables=variables, expired=False)
    last = deploy(registry_wait_timeout=50)
    assert last.returncode == 0, last.output
    assert "lease-taken-over" in {code for task in last.tasks for code in task.codes("info")}
    assert "another run holds the Lease" in last.output and last.waited


@pytest.mark.parametrize("which", ["first, middle, last", pytest.param("others", marks=pytest.mark.long)])
def test_changed_configuration(
    which: str, deploy: Deploy, kubeconfig: str, cluster: Cluster, namespace: str, audit: Audit, tmp_path: Path
) -> None:
    """A change to and fro, killed after one of its writes each time: the next run completes it, and the image is served."""
    settings: tuple[dict[str, Any], ...] = (
        {"registry_logging": {"level": "debug"}, "registry_password": "another-pass-word-1"},
        {"registry_logging": {"level": "info"}, "registry_password": "another-pass-word-2"},
    )
    assert deploy(**settings[0]).returncode == 0
    digest = image.oci_layout(tmp_path / "image")
    registry_client.from_cluster(cluster, namespace).push(tmp_path / "image", "team/app:v1")
    # To and fro: what a run writes depends on what an earlier one has left.
    counts = []
    for change in reversed(settings):
        audit.restart()
        assert deploy(**change).returncode == 0
        counts.append(len(audit.changes()))
    writes = min(counts)
    assert writes > 3
    # After the last one there is nothing to interrupt.
    daily = {1, writes // 2, writes - 1}
    numbers = sorted(set(range(1, writes)) - daily if which == "others" else daily)
    for turn, number in enumerate(numbers):
        change = settings[1 - turn % 2]
        variables = {"registry_namespace": namespace, "registry_wait_timeout": 120, **change}
        audit.restart()
        assert interruption.run_until(number, audit, SITE, kubeconfig=kubeconfig, variables=variables)
        run = deploy(**change)
        assert run.returncode == 0, run.output
        client = registry_client.from_cluster(cluster, namespace)
        assert client.password == change["registry_password"]
        assert client.digest("team/app:v1") == digest
        document = cluster.get("DockerRegistry", "default", namespace)
        assert document["spec"]["logging"]["level"] == change["registry_logging"]["level"]
