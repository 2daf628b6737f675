# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of stores: their host, and who can reach it. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

# RFC 6761, RFC 6762, RFC 9476 and Kubernetes' own: names that no public DNS answers.
_PRIVATE_ENDS = (".svc", ".local", ".internal", ".localdomain", ".test", ".invalid", ".home.arpa", ".lan")


def host_of(endpoint: str) -> str:
    """The host of a URL or of `host[:port]`, lower-case; '' for what has none."""
    try:
        return urlsplit(endpoint if "://" in endpoint else f"//{endpoint}").hostname or ""
    except ValueError:
        return ""


def only_inside(host: str) -> bool:
    """True where clients outside the cluster's network cannot reach the host: a private name or address; False for ''."""
    if not host:
        return False
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    name = host.rstrip(".")
    return "." not in name or name.endswith(_PRIVATE_ENDS)
