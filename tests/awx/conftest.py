# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the AWX tests: the controller's content, the project, one launcher for each ansible-core, and runs by hand."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.awx.by_hand import ByHand
from ansible_collections.kyma.docker_registry.tests.support import configuration, jobs, rights
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

CORES = ("main", "core219")

Launch = Callable[[str], jobs.Launcher]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> configuration.Configuration:
    """What awx/configure.yml makes in a controller."""
    found = configuration.configure(
        tmp_path_factory.mktemp("configure"), CORES[0], controller_project_url=configuration.URL
    )
    assert found.returncode == 0, found.output
    return found


@pytest.fixture(scope="session")
def repository() -> Path:
    """A repository of this checkout, each of several processes its own."""
    return jobs.checkout(f"awx-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")


@pytest.fixture(scope="session")
def project(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> jobs.Project:
    """The project after its update."""
    folder = tmp_path_factory.mktemp("project")
    return jobs.install_collections(CORES[0], jobs.clone(repository, folder / "source"), folder / "stage")


@pytest.fixture
def kubernetes(kubeconfig: str, cluster: Cluster, namespace: str) -> Iterator[jobs.Credential]:
    """A token of a ServiceAccount of the test's own."""

    def kubectl(*words: str) -> str:
        return rights.kubectl(kubeconfig, "--namespace", namespace, *words).strip()

    kubectl("create", "serviceaccount", "awx")
    binding = f"{namespace}-awx"
    kubectl("create", "clusterrolebinding", binding, "--clusterrole=cluster-admin", f"--serviceaccount={namespace}:awx")
    token = kubectl("create", "token", "awx")
    inputs = {
        "host": cluster.target.host,
        "bearer_token": token,
        "verify_ssl": True,
        "ssl_ca_cert": rights.certificate(kubeconfig),
    }
    yield jobs.Credential(jobs.KUBERNETES, inputs)
    kubectl("delete", "clusterrolebinding", binding)


@pytest.fixture
def launcher(
    project: jobs.Project, made: configuration.Configuration, kubernetes: jobs.Credential, tmp_path: Path
) -> Launch:
    """Jobs with the credential of the cluster, on the core of that name."""

    def of(core: str) -> jobs.Launcher:
        if not (REPOSITORY / ".venv" / core / "bin/ansible-playbook").exists():
            pytest.fail(f"there is no virtual environment {core}: run make venvs")
        return jobs.Launcher(core, tmp_path, project, made, kubernetes)

    return of


@pytest.fixture
def by_hand(kubeconfig: str) -> ByHand:
    """Runs by hand."""
    return ByHand(kubeconfig)


@pytest.fixture
def fresh(cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Makes further namespaces, removed afterwards (their removal is not awaited)."""
    made = {}

    def namespace() -> str:
        name = f"test-{uuid.uuid4().hex[:10]}"
        made[name] = cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return name

    yield namespace
    for name, found in made.items():
        cluster.delete("Namespace", name, None, uid=found["metadata"]["uid"])
