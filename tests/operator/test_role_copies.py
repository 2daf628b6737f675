# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the pull Secret with the operator, which makes the Service, and with it the port in the pull address, itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.operator.bench import DEFAULT_HOLDER, Bench


@pytest.fixture
def team(bench: Bench) -> Iterator[str]:
    """A namespace that wants a copy."""
    name = f"{bench.namespace}-team"
    made = bench.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    bench.cluster.delete("Namespace", name, None, uid=made["metadata"]["uid"])


@pytest.fixture
def taken(bench: Bench) -> None:
    """Somebody has the port that the operator would take first."""
    ports = [{"port": 80, "nodePort": names.NODE_PORT}]
    metadata = {"name": "somebody", "namespace": bench.namespace}
    # Where another registry of the lab has it, it is taken as well.
    with suppress(ClusterError):
        bench.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": metadata,
                "spec": {"type": "NodePort", "ports": ports},
            }
        )


def _data(bench: Bench, namespace: str) -> dict[str, str]:
    secret = bench.cluster.get("Secret", names.CREDENTIALS_SECRET, namespace)
    assert secret is not None
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


@pytest.mark.usefixtures("taken")
def test_copies_hold_the_port_of_the_service(bench: Bench, team: str) -> None:
    """After the first run already, though the operator draws the port; the second run writes nothing, a removal takes them away."""
    variables = {"registry_pull_secret_namespaces": [team]}
    bench.deployed(**variables)
    service = bench.cluster.get("Service", names.REGISTRY, bench.namespace)
    assert service is not None
    (port,) = [item["nodePort"] for item in service["spec"]["ports"] if item["port"] == names.API_PORT]
    assert port != names.NODE_PORT
    copy = _data(bench, team)
    assert copy["pullRegAddr"] == names.pull_address(port)
    assert copy == _data(bench, bench.namespace)
    bench.unchanged(**variables)
    bench.deployed(registry_state="absent", registry_accept_data_loss=DEFAULT_HOLDER)
    assert bench.cluster.get("Secret", names.CREDENTIALS_SECRET, team) is None
