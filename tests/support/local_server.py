# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP server in a thread, for proxies of tests: a thread for each connection, nothing is logged, and it ends with the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LocalServer(ThreadingHTTPServer):
    """Clients may close connections at any time."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients close connections, which is not an error."""

    @contextmanager
    def serving(self, name: str) -> Iterator[None]:
        """Serves until the block ends. name: of the thread."""
        worker = threading.Thread(target=self.serve_forever, args=(0.1,), name=name, daemon=True)
        worker.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()
            worker.join()


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections open, and sends small answers at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""
