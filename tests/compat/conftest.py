# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of tests/compat: one inventory whose hosts are registries with different storage, so that one start serves them all.

These tests use the ansible-core of the interpreter that runs them, for example `.venv/core216/bin/python -m pytest tests/compat`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.compat import inventory
from ansible_collections.kyma.docker_registry.tests.support import playbook

Play = Callable[..., playbook.Run]


@pytest.fixture
def play(kubeconfig: str, tmp_path: Path) -> Play:
    """Runs one of the collection's playbooks on all of the given hosts at once. hosts: variables by name of the host."""

    def run(name: str, hosts: inventory.Hosts, *arguments: str, **options: Any) -> playbook.Run:
        (tmp_path / "password").write_text(inventory.PASSWORD, encoding="utf-8")
        (tmp_path / "inventory.yml").write_text(inventory.text(hosts), encoding="utf-8")
        files = ("--inventory", str(tmp_path / "inventory.yml"), "--vault-password-file", str(tmp_path / "password"))
        return playbook.run(
            playbook.REPOSITORY / "playbooks" / f"{name}.yml",
            kubeconfig=kubeconfig,
            variables={"registry_hosts": "all"},
            arguments=(*files, "--forks", str(len(hosts)), *arguments),
            **options,
        )

    return run


@pytest.fixture
def namespaces(cluster: Cluster, namespace: str) -> Iterator[Callable[[str], str]]:
    """Makes namespaces whose names begin with the test's own."""
    made = []

    def make(name: str) -> str:
        document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{namespace}-{name}"}}
        made.append(cluster.create(document))
        return str(made[-1]["metadata"]["name"])

    yield make
    for item in made:
        cluster.delete("Namespace", item["metadata"]["name"], None, uid=item["metadata"]["uid"])
