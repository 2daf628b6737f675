# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's NodePort: chosen once, then kept, because every pull address holds it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options

from . import object_catalog

_PORT = re.compile(r"[0-9]{5}")
_TAKEN = "provided port is already allocated"


def _recorded_port(pull_address: str | None) -> int | None:
    """The port in `localhost:<port>`, None if there is no valid one."""
    _host, _colon, port = (pull_address or "").rpartition(":")
    return int(port) if _PORT.fullmatch(port) and int(port) in constants.NODE_PORT_RANGE else None


def _used_ports(spec: dict[str, Any]) -> Iterator[int]:
    """Every port of the range that a Service holds; health checks of load balancers take theirs from it as well."""
    for port in (spec, *(spec.get("ports") or [])):
        for key in ("nodePort", "healthCheckNodePort"):
            if port.get(key):
                yield int(port[key])


@dataclass(frozen=True)
class NodePortChoice:
    """A NodePort. reserved: whether the registry's Service exists, which has or gets this port."""

    port: int
    reserved: bool


def choose_node_port(
    cluster: Cluster, namespace: str, pull_address: str | None, refused: Collection[int] = frozenset()
) -> NodePortChoice:
    """The port of the existing Service, else the recorded one, else 32137, else the first free one of the range.

    pull_address: as recorded in the credentials Secret. refused: ports that other Services got since. Raises Refusal if
    no port is free.
    """
    service = cluster.get("Service", constants.REGISTRY, namespace)
    for port in spec_of(service).get("ports") or []:
        if port.get("port") == constants.API_PORT and port.get("nodePort"):
            return NodePortChoice(int(port["nodePort"]), True)
    taken = {port for item in cluster.list("Service") for port in _used_ports(item["spec"])}
    recorded = _recorded_port(pull_address)
    ports: tuple[int, ...] = (*([recorded] if recorded else []), constants.NODE_PORT, *constants.NODE_PORT_RANGE)
    for port in ports:
        if port not in taken and port not in refused:
            return NodePortChoice(int(port), service is not None)
    raise Refusal(
        [
            error(
                "node-port-none-free",
                f"Service/{constants.REGISTRY}",
                "no NodePort is free.",
                "Delete a Service of type NodePort.",
            )
        ]
    )


def reserve_node_port(
    context: Context[Options], namespace: str, choice: NodePortChoice, pull_address: str | None
) -> int:
    """Creates the Service if there is none, which reserves the port. It has no selector yet.

    If another Service got the port, the next free one is taken. Returns the reserved port.
    """
    refused: set[int] = set()
    while not choice.reserved:
        try:
            applied = context.cluster.apply(_build_service(namespace, choice.port), live=None)
        except ClusterError as problem:
            if not is_port_taken(problem):
                raise
            refused.add(choice.port)
            choice = choose_node_port(context.cluster, namespace, pull_address, refused)
            continue
        context.change(f"Service/{constants.REGISTRY}", {}, object_catalog.diff_object(applied.after))
        break
    return choice.port


def is_port_taken(problem: ClusterError) -> bool:
    """Whether the API server rejected a Service because another one has its NodePort."""
    return problem.code == "cluster-invalid" and _TAKEN in problem.findings[0].message


def _build_service(namespace: str, port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": constants.REGISTRY, "namespace": namespace, "labels": dict(constants.MANAGED_BY)},
        "spec": {"type": "NodePort", "ports": [{"port": constants.API_PORT, "protocol": "TCP", "nodePort": port}]},
    }
