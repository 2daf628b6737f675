# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to a registry, all as a function that returns a connected socket: of a port-forward, or of an address (here)."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from typing import Any

# Makes a fresh connected stream socket, or what behaves like one (sendall, makefile, settimeout, close).
Opener = Callable[[], Any]


def address_opener(host: str, port: int, *, tls: bool = False, timeout: float = 30.0) -> Opener:
    """Opens connections to host and port.

    tls: use https; the certificate must be valid for the host and issued by an authority that the system trusts.
    timeout: seconds to connect. The opener raises OSError (ssl.SSLError among them).
    """
    context = ssl.create_default_context() if tls else None

    def connect() -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if context is None:
            return plain
        try:
            return context.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise

    return connect


class StreamConnection(http.client.HTTPConnection):
    """HTTP over sockets that the given function opens. timeout: seconds for one read or write."""

    def __init__(self, opener: Opener, timeout: float) -> None:
        """Keep the opener; it is called at the first request and after each loss of the connection."""
        super().__init__("registry", timeout=timeout)
        self._opener = opener

    def connect(self) -> None:
        """Take a fresh socket."""
        self.sock = self._opener()
        self.sock.settimeout(self.timeout)
