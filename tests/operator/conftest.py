# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the operator's tests: the lab's operator (or LAB_OPERATOR's) has to run, see tests/lab/README.md."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.tests.operator import running
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.operator.running import Operator
from ansible_collections.kyma.docker_registry.tests.operator.sandbox import REGISTRY, Sandbox
from ansible_collections.kyma.docker_registry.tests.support import playbook


@pytest.fixture(scope="session", autouse=True)
def operator() -> Operator:
    """The operator that runs."""
    try:
        return running.find()
    except SystemExit as missing:
        pytest.exit(str(missing), returncode=1)


@pytest.fixture(scope="session")
def serves(operator: Operator) -> str:
    """The namespaces that it serves."""
    return operator.serves


@pytest.fixture(autouse=True)
def kymas_time(request: pytest.FixtureRequest, operator: Operator) -> None:
    """The model is compared with Kyma's operator as it is, waits included."""
    if request.node.get_closest_marker("model") and operator.fast:
        pytest.exit(
            "Tests of the model need an operator without --fast; leave them out with -m 'not model'.", returncode=1
        )


@pytest.fixture(scope="module")
def one_cluster(kubeconfig: str) -> Cluster:
    """The cluster, for all tests of a file."""
    return connect({"kubeconfig": kubeconfig}, {}, user_agent="tests")


@pytest.fixture(scope="module", autouse=True)
def alone(one_cluster: Cluster, serves: str) -> None:
    """Fails if the operator serves a registry already: it does not serve others then."""
    for found in one_cluster.list(REGISTRY):
        namespace = found["metadata"]["namespace"]
        served = any(fnmatch.fnmatchcase(namespace, pattern) for pattern in serves.split(","))
        if served and found.get("status", {}).get("served") == "True":
            name = f"{namespace}/{found['metadata']['name']}"
            pytest.exit(f"The operator serves {name}; it serves one registry at a time: delete that.", returncode=1)


@pytest.fixture(scope="module")
def shared_sandbox(one_cluster: Cluster) -> Iterator[Sandbox]:
    """One namespace with the Secrets and the claim of the recordings, for all tests of a file."""
    sandbox = Sandbox(one_cluster)
    sandbox.prepare()
    yield sandbox
    sandbox.remove()


@pytest.fixture
def sandbox(one_cluster: Cluster) -> Iterator[Sandbox]:
    """The same for one test."""
    sandbox = Sandbox(one_cluster)
    sandbox.prepare()
    yield sandbox
    sandbox.remove()


@pytest.fixture
def role_registry(one_cluster: Cluster, kubeconfig: str) -> Iterator[RoleRegistry]:
    """The role in a fresh namespace."""
    yield from _role_registry(one_cluster, kubeconfig)


@pytest.fixture(scope="module")
def shared_role_registry(one_cluster: Cluster, kubeconfig: str) -> Iterator[RoleRegistry]:
    """The same for all tests of a file."""
    yield from _role_registry(one_cluster, kubeconfig)


def _role_registry(cluster: Cluster, kubeconfig: str) -> Iterator[RoleRegistry]:
    role_registry = RoleRegistry(cluster, kubeconfig)
    role_registry.begin()
    with playbook.known_as(role_registry.namespace):
        yield role_registry
    role_registry.remove()
