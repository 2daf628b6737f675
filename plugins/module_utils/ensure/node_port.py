# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's NodePort: chosen once, then kept, because every pull address holds it."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Refusal, error


def _recorded(pull_address: str | None) -> int | None:
    """The port in `localhost:<port>`, None where there is no valid one."""
    _host, _colon, port = (pull_address or "").rpartition(":")
    return int(port) if port.isdigit() and int(port) in names.NODE_PORT_RANGE else None


def choose(cluster: Cluster, namespace: str, pull_address: str | None) -> int:
    """The port of the existing Service, else the recorded one, else 32137, else the first free one of the range.

    pull_address: as recorded in the credentials Secret. Raises Refusal where no port is free.
    """
    service = cluster.get("Service", names.REGISTRY, namespace)
    for port in ((service or {}).get("spec") or {}).get("ports") or []:
        if port.get("port") == names.API_PORT and port.get("nodePort"):
            return int(port["nodePort"])
    taken = {
        port["nodePort"]
        for item in cluster.list("Service")
        for port in item["spec"].get("ports") or []
        if port.get("nodePort")
    }
    recorded = _recorded(pull_address)
    for candidate in (*([recorded] if recorded else []), names.NODE_PORT, *names.NODE_PORT_RANGE):
        if candidate not in taken:
            return int(candidate)
    raise Refusal(
        [
            error(
                "node-port-none-free", f"Service/{names.REGISTRY}", "no NodePort is free.", "Remove a NodePort Service."
            )
        ]
    )
