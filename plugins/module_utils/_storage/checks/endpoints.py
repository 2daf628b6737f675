# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of object stores as users write them: a URL or host[:port], and what is wrong with it. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import has_control

_LABEL = r"[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Endpoint:
    """A parsed address. scheme is '' if none was written; path is without slashes at its ends."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def place(self) -> str:
        """host[:port] for messages, the port left out if the scheme says it."""
        return self._bracketed if self.port in (None, _PORTS.get(self.scheme)) else f"{self._bracketed}:{self.port}"

    def server(self, scheme: str = "https") -> str:
        """host[:port], the same for every spelling of one server; the port 443 is left out. scheme: that of an address without one."""
        port = self.port or _PORTS[self.scheme or scheme]
        return self._bracketed if port == _PORTS["https"] else f"{self._bracketed}:{port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_endpoint(text: str) -> tuple[Endpoint | None, str]:
    """The address, or None and what is wrong with it (the text itself is not in it: it may hold a password)."""
    if has_control(text) or any(char.isspace() for char in text):
        return None, "contains white space or a control character."
    if any(char in text for char in "?#"):
        return None, "has a query or fragment (`?...` or `#...`) after the host."
    scheme, mark, _rest = text.partition("://")
    if mark and scheme.lower() not in _PORTS:
        return None, "has a scheme that is neither http nor https."
    try:
        parts = urlsplit(text if mark else f"//{text}")
        port = parts.port
    except ValueError:
        return None, "is not a host, host:port or URL."
    problem = _problem(parts)
    if problem:
        return None, problem
    return Endpoint(parts.scheme.lower(), _normalize_host(parts.hostname or ""), port, parts.path.strip("/")), ""


def _normalize_host(host: str) -> str:
    """The host without the dot at its end; an IPv6 address in its short form."""
    return ipaddress.ip_address(host).compressed if ":" in host else host.rstrip(".")


def _problem(parts: SplitResult) -> str:
    if "@" in parts.netloc:
        return "contains a user name or a password."
    if parts.netloc.endswith(":") or parts.port == 0:
        return "has no port after the colon."
    host = parts.hostname or ""
    if not host:
        return "has no host."
    if not _HOST.fullmatch(host) and not is_ip_address(host):
        return "has a host that is not a valid DNS name."
    return ""


def is_ip_address(host: str) -> bool:
    """True for an IP address, without brackets."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
