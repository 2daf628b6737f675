# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and keys that were loaded once: requests and websockets to a server that asks for them, after their files are removed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import select
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import websocket
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import websockets
from ansible_collections.kyma.docker_registry.tests.support import keys
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.connection.test_loading import kubeconfig

_ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CALL = Call("create", "Pod", "Pod/p")
# Host that the proxy of a test answers for.
DRIPPING = "dripping.invalid"


@dataclass
class Server:
    """A server with TLS that asks for a client certificate. authority: its certificate, in PEM."""

    port: int
    authority: bytes
    user: dict[str, Any]

    def document(self, user: dict[str, Any] | None = None, **cluster: Any) -> dict[str, Any]:
        """A kubeconfig for it, without files."""
        authority = base64.b64encode(self.authority).decode()
        address = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority-data": authority}
        return kubeconfig(self.user if user is None else user, **{**address, **cluster})


def _serve(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _address = listening.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.sendall(_answer(tls.recv(65536).decode()))
        except OSError:
            connection.close()


def _answer(request: str) -> bytes:
    headers = dict(line.split(": ", 1) for line in request.split("\r\n") if ": " in line)
    if "Sec-WebSocket-Key" not in headers:
        return b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"items":[]}'
    digest = hashlib.sha1((headers["Sec-WebSocket-Key"] + _ACCEPT).encode()).digest()
    accept = base64.b64encode(digest).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Accept: {accept}", f"Sec-WebSocket-Protocol: {websockets.PROTOCOL}", "", ""]
    return "\r\n".join(lines).encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One whose certificate is for its address."""
    key, certificate, client = (str(tmp_path / name) for name in ("key.pem", "cert.pem", "client.pem"))
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=own -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    pair = keys.client_pair()
    Path(client).write_bytes(base64.b64decode(pair[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(client)
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listening, context), daemon=True).start()
    user = {"client-certificate-data": pair[0], "client-key-data": pair[1]}
    yield Server(listening.getsockname()[1], Path(certificate).read_bytes(), user)
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


def _connected(document: dict[str, Any], **options: Any) -> Cluster:
    limits = {"request_timeout": 2, "connect_timeout": 2, "retry_timeout": 0}
    return connect({"kubeconfig": document, **limits, **options}, {"HOME": "/nonexistent"})


def _open(cluster: Cluster) -> None:
    """Opens a websocket and closes it."""
    websockets.close(websockets.open_socket(cluster._transport, CALL, "/api", []))


def _code(document: dict[str, Any], action: Any = lambda cluster: cluster.list("Pod")) -> str:
    with pytest.raises(ClusterError) as caught:
        action(_connected(document))
    return caught.value.code


def test_without_files(server: Server, folder: Path) -> None:
    """Verified and not; the client's certificate is sent in each case."""
    for options in ({}, {"validate_certs": False}):
        cluster = _connected(server.document(), **options)
        assert list(folder.iterdir()) == []
        assert cluster.list("Pod") == []
        _open(cluster)


def test_the_server_is_verified(server: Server) -> None:
    """By its authority and its name, for requests and websockets."""
    other = {"certificate-authority-data": server.user["client-certificate-data"]}
    for document in (server.document(**other), server.document(**{"tls-server-name": "other"})):
        assert _code(document) == "cluster-tls"
        with pytest.raises(ClusterError):
            _open(_connected(document))


def test_no_certificate_of_the_client(server: Server) -> None:
    """The files of the authority alone are loaded as well; this server does not answer then."""
    assert _code(server.document({"token": "t0ken"})) in ("cluster-tls", "cluster-unreachable")


def test_an_encrypted_key(server: Server) -> None:
    """It is reported, and no password is asked for."""
    encrypted = base64.b64encode(keys.private_key("encrypted").encode()).decode()
    document = server.document({**server.user, "client-key-data": encrypted})
    assert _code(document) == "cluster-tls" and _code(document, _open) == "cluster-tls"


def test_an_old_websocket_client(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would leave out the certificates."""
    monkeypatch.setattr(websocket, "__version__", "1.1.0")
    assert _code(server.document(), _open) == "cluster-library"


def test_authorities_of_a_proxy_with_tls(server: Server) -> None:
    """They are the same as before, without the client's certificate."""
    cluster = _connected(server.document(**{"proxy-url": "https://127.0.0.1:1"}))
    context = cluster._transport.pool.proxy_config.ssl_context
    assert context.verify_mode == ssl.CERT_REQUIRED and len(context.get_ca_certs()) == 1


@pytest.fixture(name="proxy")
def _proxy(tmp_path: Path, server: Server) -> Iterator[int]:
    """Port of a proxy with TLS in front of the server, and with its certificate."""
    assert server.port
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_tunnel_all, args=(listening, context), daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def _tunnel_all(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _address = listening.accept()
        except OSError:
            return
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as client:
            host, port = client.recv(65536).decode().split()[1].rsplit(":", 1)
            if host == DRIPPING:
                _drip(client)
                continue
            with socket.create_connection((host, int(port)), 5) as server:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                _forward(client, server)


def _drip(client: ssl.SSLSocket) -> None:
    """A part of a handshake that never ends."""
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    client.recv(65536)
    client.sendall(b"\x16\x03\x03\x10\x00")
    for _number in range(100):
        client.sendall(b"\x00")
        time.sleep(0.1)


def _forward(client: ssl.SSLSocket, server: socket.socket) -> None:
    """One direction after the other, as a handshake and one request need it."""
    while True:
        readable, _writable, _failed = select.select([client, server], [], [], 5)
        for source in readable:
            data = source.recv(65536)
            if not data:
                return
            (server if source is client else client).sendall(data)


def test_a_request_through_a_proxy_with_tls(server: Server, proxy: int) -> None:
    """TLS to the server within TLS to the proxy."""
    cluster = _connected(server.document(**{"proxy-url": f"https://127.0.0.1:{proxy}"}))
    assert cluster.list("Pod") == []


def test_a_server_behind_a_proxy_with_tls_that_drips(server: Server, proxy: int) -> None:
    """Each byte comes in time, the handshake does not end: the request still ends at the limit."""
    address = {"server": f"https://{DRIPPING}", "proxy-url": f"https://127.0.0.1:{proxy}"}
    began = time.monotonic()
    with pytest.raises(ClusterError) as caught:
        _connected(server.document(**address)).list("Pod")
    assert caught.value.code == "cluster-timeout"
    assert time.monotonic() - began < 6


def test_files_of_the_user(server: Server, tmp_path: Path) -> None:
    """A path that the user names is read at each connection."""
    (tmp_path / "authority").write_bytes(server.authority)
    for name, part in (("cert", "client-certificate-data"), ("key", "client-key-data")):
        (tmp_path / name).write_bytes(base64.b64decode(server.user[part]))
    files = {"ca_cert": "authority", "client_cert": "cert", "client_key": "key"}
    options = {option: str(tmp_path / name) for option, name in files.items()}
    cluster = connect({"host": f"https://127.0.0.1:{server.port}", **options}, {"HOME": "/nonexistent"})
    assert cluster._transport.websocket_context is None and cluster.list("Pod") == []
    _open(cluster)
