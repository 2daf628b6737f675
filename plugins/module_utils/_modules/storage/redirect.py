# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the registry sends its clients to the store for layers."""

from __future__ import annotations

import ipaddress

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.endpoints import parse_endpoint

from .options import StorageOptions

_PATH = "registry_redirect"
# RFC 6761, RFC 6762, RFC 8375, RFC 9476 and Kubernetes' own: names that no public DNS answers.
_PRIVATE_ENDS = (".svc", ".local", ".internal", ".localdomain", ".test", ".invalid", ".home.arpa", ".lan")


def is_cluster_internal(host: str) -> bool:
    """True if clients outside the cluster's network cannot reach the host: a private name or address."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_ENDS)


def resolve_redirect(context: Context[StorageOptions], store: Store) -> bool | None:
    """The user's setting, else False for a store that clients outside the cluster cannot reach, None for the driver's default."""
    requested: bool | None = context.options.redirect
    driver = catalog.drivers()[store.driver]
    if driver.signs_with_key_file and not store.key_file and requested is not False:
        text = "without a key file, signed URLs for clients require the permission iam.serviceAccounts.signBlob."
        remedy = "Grant the service account this permission on itself, or set registry_redirect to false."
        context.report([warning("redirect-needs-signing", _PATH, text, remedy)])
    names = ("redirectendpoint", "regionendpoint", "serviceurl")
    endpoint, _problem = parse_endpoint(
        str(next((store.parameters[name] for name in names if store.parameters.get(name)), ""))
    )
    if requested is not None or endpoint is None:
        return requested
    if driver.signs_https_only and endpoint.scheme == "http":
        return _report_off(
            context, f"the driver signs only https URLs, and the address is {endpoint.place}.", "Use an https address."
        )
    if is_cluster_internal(endpoint.host):
        remedy = "Set registry_redirect: true if all clients and nodes can reach it."
        return _report_off(context, f"only the cluster can reach {endpoint.place}.", remedy)
    return None


def _report_off(context: Context[StorageOptions], reason: str, remedy: str) -> bool:
    text = f"clients are not redirected to the store for layers, because {reason}"
    context.report([Finding("redirect-off", "info", _PATH, text, remedy)])
    return False
