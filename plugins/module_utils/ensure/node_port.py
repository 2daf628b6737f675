# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's NodePort: chosen once, then kept, because every pull address holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Refusal, error

_PORT = re.compile(r"[0-9]{5}")


def _recorded(pull_address: str | None) -> int | None:
    """The port in `localhost:<port>`, None where there is no valid one."""
    _host, _colon, port = (pull_address or "").rpartition(":")
    return int(port) if _PORT.fullmatch(port) and int(port) in names.NODE_PORT_RANGE else None


def _ports(spec: dict[str, Any]) -> Iterator[int]:
    """Every port of the range that a Service holds; health checks of load balancers take theirs from it as well."""
    for port in (spec, *(spec.get("ports") or [])):
        for key in ("nodePort", "healthCheckNodePort"):
            if port.get(key):
                yield int(port[key])


def choose(cluster: Cluster, namespace: str, pull_address: str | None) -> int:
    """The port of the existing Service, else the recorded one, else 32137, else the first free one of the range.

    pull_address: as recorded in the credentials Secret. Raises Refusal where no port is free.
    """
    service = cluster.get("Service", names.REGISTRY, namespace)
    for port in ((service or {}).get("spec") or {}).get("ports") or []:
        if port.get("port") == names.API_PORT and port.get("nodePort"):
            return int(port["nodePort"])
    taken = {port for item in cluster.list("Service") for port in _ports(item["spec"])}
    recorded = _recorded(pull_address)
    candidates: tuple[int, ...] = (*([recorded] if recorded else []), names.NODE_PORT, *names.NODE_PORT_RANGE)
    for candidate in candidates:
        if candidate not in taken:
            return int(candidate)
    raise Refusal(
        [
            error(
                "node-port-none-free", f"Service/{names.REGISTRY}", "no NodePort is free.", "Remove a NodePort Service."
            )
        ]
    )
