# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redirects of a registry: the signed address of a blob in its store."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .connection import StreamConnection, address_opener
from .errors import RegistryError, protocol_error

_PORTS = {"https": 443, "http": 80}
_OK = 200


class UnreachableError(Exception):
    """The store cannot be reached from here; the text says why and names only its host."""


@dataclass(frozen=True)
class RedirectTarget:
    """The address of a blob in the store. Its signature lets any client read the blob: it is never shown."""

    address: str = field(repr=False)

    def fetch(self, limit: int, timeout: float) -> bytes:
        """The bytes at the address, at most `limit` of them, requested without the registry's credentials.

        timeout: seconds to connect, and for one read. Raises UnreachableError if this machine cannot reach or does not trust
        the store, RegistryError if the store rejects the address.
        """
        try:
            parts = urlsplit(self.address)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            parts, port = urlsplit(""), 0
        host = parts.hostname or ""
        if not host or not port or not _is_name(host):
            raise protocol_error("the registry redirects its clients to an invalid URL")
        opener = address_opener(host, port, tls=parts.scheme == "https", timeout=timeout)
        connection = StreamConnection(opener, timeout)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        reason = ""
        try:
            connection.request("GET", target, headers={"Host": parts.netloc.rpartition("@")[2]})
            response = connection.getresponse()
            content = response.read(limit)
        except (OSError, http.client.HTTPException) as problem:
            reason = _reason(problem)
        else:
            if response.status == _OK:
                return content
            raise _refused(host, response.status)
        finally:
            connection.close()
        raise UnreachableError(f"{host} {reason}")


def _is_name(host: str) -> bool:
    """False for labels that are empty or too long: for them the resolver raises UnicodeError, not OSError."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _reason(problem: Exception) -> str:
    if isinstance(problem, socket.gaierror):
        return "cannot be resolved by DNS"
    if isinstance(problem, ssl.SSLCertVerificationError):
        return "has a certificate that this machine does not trust"
    return f"does not respond to this machine ({type(problem).__name__})"


def _refused(host: str, status: int) -> RegistryError:
    return RegistryError(
        "registry-redirect-refused",
        f"the registry redirects its clients to {host}, which returns status {status}.",
        "Check the permissions of the credentials and the clock of the store, or set registry_redirect to false.",
        status,
    )
