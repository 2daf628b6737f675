"""HTTPS to the clouds by their names, which only Pods can resolve."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path

from kymalab.clouds import names


class CloudConnection(http.client.HTTPSConnection):
    """A connection to the front for one of its names, trusting one CA."""

    def __init__(self, host: str, authority: Path, timeout: float = 5) -> None:
        self._context = ssl.create_default_context(cafile=str(authority))
        super().__init__(host, names.HTTPS_PORT, timeout=timeout, context=self._context)

    def connect(self) -> None:
        """Connect to the front's address instead of asking DNS."""
        plain = socket.create_connection((names.ADDRESS, names.HTTPS_PORT), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def answers(host: str, path: str, authority: Path) -> bool:
    """Whether a name answers 200 through the front, with a certificate that can be trusted."""
    try:
        connection = CloudConnection(host, authority)
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
