# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the registry sends its clients to the store for layers."""

from __future__ import annotations

import ipaddress

from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.base import Store
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.endpoints import parse

# RFC 6761, RFC 6762, RFC 8375, RFC 9476 and Kubernetes' own: names that no public DNS answers.
_PRIVATE_ENDS = (".svc", ".local", ".internal", ".localdomain", ".test", ".invalid", ".home.arpa", ".lan")


def only_inside(host: str) -> bool:
    """True where clients outside the cluster's network cannot reach the host: a private name or address."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_ENDS)


def decide(context: Context, store: Store) -> bool | None:
    """The user's word; else False for a store that clients outside the cluster cannot reach, None for the driver's default."""
    asked: bool | None = context.params["redirect"]
    endpoint, _problem = parse(str(store.parameters.get("regionendpoint") or store.parameters.get("serviceurl") or ""))
    if asked is None and endpoint is not None and only_inside(endpoint.host):
        text = f"clients are not sent to {endpoint.place} for layers: only the cluster can reach it."
        _note(context, "redirect-off", text, "Set registry_redirect: true if all clients and nodes can reach it.")
        return False
    return asked


def _note(context: Context, code: str, message: str, remedy: str) -> None:
    context.report([Finding(code, "info", "registry_redirect", message, remedy)])
