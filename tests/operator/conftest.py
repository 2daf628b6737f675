# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the operator's tests: the lab's operator (or LAB_OPERATOR's) has to run, see tests/lab/README.md."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster, connect
from ansible_collections.kyma.docker_registry.tests.operator.scene import REGISTRY, Scene
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY


@pytest.fixture(scope="session", autouse=True)
def serves() -> str:
    """The namespaces that the operator serves. Refuses to begin without one: every test would only time out.

    OPERATOR_NAMESPACES (and OPERATOR_BASE_NAMESPACE) say it of an operator that was not started by the lab.
    """
    if os.environ.get("OPERATOR_NAMESPACES"):
        return os.environ["OPERATOR_NAMESPACES"]
    asked = [REPOSITORY / "tests/lab/lab", "operator", "status", "--json"]
    status = json.loads(subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=False).stdout)
    if not status["running"]:
        pytest.exit(f"{'; '.join(status['problems'])}: start it with `tests/lab/lab operator up`", returncode=1)
    return str(status["serves"])


@pytest.fixture(scope="module")
def one_cluster(kubeconfig: str) -> Cluster:
    """The cluster, for all tests of a file."""
    return connect({"kubeconfig": kubeconfig}, {}, user_agent="tests")


@pytest.fixture(scope="module", autouse=True)
def alone(one_cluster: Cluster, serves: str) -> None:
    """Refuses to begin beside a registry that is served already: all others are redundant then."""
    for found in one_cluster.list(REGISTRY):
        namespace = found["metadata"]["namespace"]
        served = any(fnmatch.fnmatchcase(namespace, pattern) for pattern in serves.split(","))
        if served and found.get("status", {}).get("served") == "True":
            name = f"{namespace}/{found['metadata']['name']}"
            pytest.exit(f"The operator serves {name}; it serves one registry at a time: delete that.", returncode=1)


@pytest.fixture(scope="module")
def shared_scene(one_cluster: Cluster) -> Iterator[Scene]:
    """One namespace with the Secrets and the claim of the recordings, for all tests of a file."""
    scene = Scene(one_cluster)
    scene.prepare()
    yield scene
    scene.remove()


@pytest.fixture
def scene(one_cluster: Cluster) -> Iterator[Scene]:
    """The same for one test."""
    scene = Scene(one_cluster)
    scene.prepare()
    yield scene
    scene.remove()
