# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the AWX tests: the controller's content, the project, one launcher for each ansible-core, and runs by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.awx.by_hand import ByHand
from ansible_collections.kyma.docker_registry.tests.support import configuration, jobs, rights, shared
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

CORES = ("main", "core219")
every_core = pytest.mark.parametrize("core", CORES)
# What differs between the cores is seen by the tests of answers, leaks, and whole deployments.
second_core_long = pytest.mark.parametrize("core", [CORES[0], pytest.param(CORES[1], marks=pytest.mark.long)])

Launch = Callable[[str], jobs.Launcher]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> configuration.Configuration:
    """What awx/configure.yml makes in a controller."""

    def configure() -> configuration.Configuration:
        folder = tmp_path_factory.mktemp("configure")
        found = configuration.configure(folder, CORES[0], controller_project_url=configuration.URL)
        assert found.returncode == 0, found.output
        return found

    return shared.once(shared.folder(tmp_path_factory), "configuration", configure)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of this checkout."""
    return shared.once(shared.folder(tmp_path_factory), "repository", lambda: jobs.checkout("awx"))


@pytest.fixture(scope="session")
def project(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> jobs.Project:
    """The project after its update."""

    def update() -> jobs.Project:
        folder = tmp_path_factory.mktemp("project")
        return jobs.install_collections(CORES[0], jobs.clone(repository, folder / "source"), folder / "stage")

    return shared.once(shared.folder(tmp_path_factory), "project", update)


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
