# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of modules, filters and role is run on the lab, twice. What the tables of support/examples.py put into them is said there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import examples, module_rights
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.examples import Sandbox

# One list for all filters: none of them changes anything.
# A migration needs a registry with a storage beside it, and leaves the registry read-only: tests/e2e/test_migration.py.
MODULES = {name: text for name, text in examples.modules().items() if name != "registry_migration"}
TEXTS = {**MODULES, "filters": "\n".join(examples.filters().values())}
# These look at a registry that is there: that of the role's first play.
LOOKING = ("registry_verify", "registry_info")
PLAYS = examples.plays()


@pytest.fixture
def sandbox(
    cluster: Cluster, namespace: str, kubeconfig: str, clouds: dict[str, Any], tmp_path: Path
) -> Iterator[Sandbox]:
    """A namespace with nothing in it; namespaces that examples need besides are removed as well."""
    yield Sandbox(namespace, kubeconfig, tmp_path, clouds)
    for item in cluster.list("Namespace"):
        if item["metadata"]["name"].startswith(f"{namespace}-"):
            cluster.delete("Namespace", item["metadata"]["name"], None, uid=item["metadata"]["uid"])


def _prepare(text: str, sandbox: Sandbox, cluster: Cluster) -> None:
    for item in examples.needed(text, sandbox):
        metadata = item["metadata"]
        if cluster.get(item["kind"], metadata["name"], metadata.get("namespace")) is None:
            cluster.create(item)


def _run_listing(name: str, sandbox: Sandbox, cluster: Cluster) -> None:
    text = TEXTS[name]
    _prepare(text, sandbox, cluster)
    examples.run_twice(examples.steps(name, examples.adapted(text, sandbox)), sandbox)


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in LOOKING])
def test_listing(name: str, sandbox: Sandbox, cluster: Cluster, audit: Audit) -> None:
    """From an empty namespace; what is asked of the API server stands among the rights of the modules that are called."""
    _run_listing(name, sandbox, cluster)
    _judge_rights(name, audit)


def _judge_rights(name: str, audit: Audit) -> None:
    modules = {module for step in examples.steps(name, TEXTS[name]) if (module := examples.called(step[0]))}
    assert module_rights.unnamed(modules, audit) == set()


def test_role(sandbox: Sandbox, cluster: Cluster, audit: Audit) -> None:
    """Its plays, one after the other in one namespace; the modules that look do so at the first registry."""
    first = next(iter(PLAYS))
    for text in PLAYS.values():
        _prepare(text, sandbox, cluster)
    examples.run_role_twice({first: PLAYS[first]}, sandbox)
    for name in LOOKING:
        audit.restart()
        _run_listing(name, sandbox, cluster)
        _judge_rights(name, audit)
    examples.run_role_twice({place: text for place, text in PLAYS.items() if place != first}, sandbox)
