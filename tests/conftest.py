# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that need a cluster: KUBECONFIG's, or the running lab's."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import crd
from ansible_collections.kyma.docker_registry.tests.support import api_server, playbook, shared
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY
from ansible_collections.kyma.docker_registry.tests.support.rights import Accounts, Give

# The slowest tests, slowest first. Each entry is a part of a node ID. If the workers begin with them, all workers end at about the same time.
LONGEST = (
    "e2e/test_migration.py",
    "api/test_every_module.py::test_unknown_option[module-docker_registry_storage]",
    "awx/test_launch.py::test_default_volume",
    "e2e/test_no_leaks.py::test_no_leaks",
    "awx/test_launch.py::test_s3",
    "e2e/test_interrupted.py::test_changed_configuration",
    "e2e/test_rotation.py::test_keys_are_rotated",
    "e2e/test_guard.py::test_absent_keeps_the_volume",
    "api/test_examples.py::test_role",
    "e2e/test_private_store.py",
    "e2e/test_special_values.py",
    "awx/test_answers.py::test_taken",
    "e2e/test_object_stores.py",
    "api/test_kills.py::test_first_and_last_write[hand-over",
    "monitoring/test_scrape.py::test_metrics_are_sound",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Distributes the slowest tests to the workers: with `--dist worksteal`, each worker begins with its own slice of the list."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    longest = [item for part in LONGEST for item in items if part in item.nodeid]
    rest = iter([item for item in items if item not in longest])
    left = len(items)
    items.clear()
    for number in range(workers):
        size = left // (workers - number)
        left -= size
        first = longest[number::workers]
        items += [*first, *islice(rest, max(0, size - len(first)))]
    items += rest


def pytest_addoption(parser: pytest.Parser) -> None:
    """--own-server: for tests marked `nodeless` while an operator is in the lab."""
    text = "use an API server of this run's own, with controllers and without nodes, for tests marked nodeless"
    parser.addoption("--own-server", action="store_true", help=text)


def _status() -> dict[str, str]:
    done = subprocess.run(
        [REPOSITORY / "tests/lab/lab", "status", "--json"], capture_output=True, text=True, check=False
    )
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="session")
def own_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """The folder of the API server that all processes of this run share; None if they use the cluster."""
    if not request.config.getoption("--own-server"):
        yield None
        return
    with api_server.shared(shared.folder(tmp_path_factory) / "api-server-of-the-run", controllers=True) as folder:
        with suppress(ClusterError):
            connect({"kubeconfig": str(folder / "kubeconfig")}, {}, user_agent="tests").create(api_server.STORAGE_CLASS)
        yield folder


@pytest.fixture(scope="session")
def nodeless_server(own_server: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an API server with controllers and without nodes, whatever cluster other tests use."""
    with ExitStack() as stack:
        place = shared.folder(tmp_path_factory) / "nodeless-api-server"
        yield own_server or stack.enter_context(api_server.shared(place, controllers=True))


@pytest.fixture(scope="session")
def kubeconfig(own_server: Path | None) -> str:
    """Path of the cluster's kubeconfig."""
    if own_server:
        return str(own_server / "kubeconfig")
    return os.environ.get("KUBECONFIG") or _status()["kubeconfig"]


@pytest.fixture(scope="session")
def lab(kubeconfig: str, own_server: Path | None) -> dict[str, str]:
    """The lab's status. A test that uses it is left out in any other cluster."""
    status = _status()
    if not own_server and kubeconfig != status["kubeconfig"]:
        pytest.skip("the cluster of KUBECONFIG is not the lab: it has no audit log and no object stores for tests")
    return status


@pytest.fixture(scope="session")
def clouds(lab: dict[str, str]) -> dict[str, Any]:
    """The running clouds: keys, names and addresses."""
    assert lab
    return lab_clouds.load()


@pytest.fixture(scope="session")
def audit_log(request: pytest.FixtureRequest, own_server: Path | None) -> str:
    """Path of the audit log of the lab, or of this run's own API server."""
    if own_server:
        return str(own_server / "audit.log")
    return str(request.getfixturevalue("lab")["audit_log"])


@pytest.fixture
def audit(namespace: str, audit_log: str) -> Iterator[Audit]:
    """The audit log from here on, of this test: its runs of ansible-playbook impersonate a user of the namespace's name."""
    with playbook.known_as(namespace):
        yield Audit(audit_log, namespace, namespace)


@pytest.fixture(scope="session")
def definition(kubeconfig: str) -> None:
    """The DockerRegistry's definition is there: it belongs to no test, and the audit log would show whose run made it to all."""
    with suppress(ClusterError):
        connect({"kubeconfig": kubeconfig}, {}, user_agent="tests").create(crd())


@pytest.fixture
def cluster(kubeconfig: str, definition: None) -> Cluster:
    """The cluster with the administrator's rights, for looking from outside."""
    return connect({"kubeconfig": kubeconfig}, {}, user_agent="tests")


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A fresh namespace, removed afterwards (its removal is not awaited)."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    made = cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.delete("Namespace", name, None, uid=made["metadata"]["uid"])


@pytest.fixture
def grant(kubeconfig: str, cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[Give]:
    """Makes an account with the rights of manifests of docs/rbac, perhaps less one; returns what runs a playbook as that account."""
    accounts = Accounts(kubeconfig, cluster.target.host, namespace, tmp_path)
    yield accounts.give
    accounts.remove()
