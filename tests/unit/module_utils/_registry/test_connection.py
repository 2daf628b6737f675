# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets to an address, plain and TLS."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.connection import address_opener
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    names = ("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1")
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    files = ("-keyout", str(folder / "key"), "-out", str(folder / "crt"))
    subprocess.run(["openssl", "req", "-x509", *made, *names, *files], check=True, capture_output=True)
    return folder / "crt", folder / "key"


def _answer(server: socket.socket, context: ssl.SSLContext | None) -> None:
    with server:
        while True:
            try:
                plain, _address = server.accept()
            except OSError:
                return
            plain.settimeout(5)
            try:
                with context.wrap_socket(plain, server_side=True) if context else plain as connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            except OSError:
                plain.close()


@pytest.fixture
def tls_port(certificate: tuple[Path, Path]) -> Iterator[int]:
    """A TLS server on the loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    yield from _served(context)


@pytest.fixture
def plain_port() -> Iterator[int]:
    """A server without TLS."""
    yield from _served(None)


def _served(context: ssl.SSLContext | None) -> Iterator[int]:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    thread = threading.Thread(target=_answer, args=(server, context), daemon=True)
    thread.start()
    yield port
    server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


def _ping(host: str, port: int, *, tls: bool = True) -> None:
    opener = address_opener(host, port, tls=tls, timeout=5)
    api = RegistryApi(open_connection=opener, username="u", password="p", timeout=5)
    try:
        api.ping()
    finally:
        api.close()


@needs_openssl
@pytest.mark.usefixtures("trusted")
def test_trusted_certificate(tls_port: int) -> None:
    """The system's authorities are trusted."""
    _ping("127.0.0.1", tls_port)


@needs_openssl
def test_unknown_authority(tls_port: int) -> None:
    """Without the authority it is refused, with the reason."""
    with pytest.raises(RegistryError) as caught:
        _ping("127.0.0.1", tls_port)
    assert caught.value.code == "registry-tls" and "self" in str(caught.value)


@needs_openssl
@pytest.mark.usefixtures("trusted")
def test_other_name(tls_port: int) -> None:
    """The certificate is for an address, not for this name."""
    with pytest.raises(RegistryError) as caught:
        _ping("localhost", tls_port)
    assert caught.value.code in ("registry-tls", "registry-not-answering")
    assert caught.value.code == "registry-tls" or "ConnectionRefused" in str(caught.value)


@needs_openssl
@pytest.mark.usefixtures("trusted")
def test_http_and_https_taken_for_each_other(tls_port: int, plain_port: int) -> None:
    """In both directions: the error is not about a certificate."""
    with pytest.raises(RegistryError) as caught:
        _ping("127.0.0.1", plain_port)
    assert caught.value.code == "registry-protocol"
    with pytest.raises(RegistryError) as caught:
        _ping("127.0.0.1", tls_port, tls=False)
    assert caught.value.code in ("registry-protocol", "registry-not-answering")


def test_plain(plain_port: int) -> None:
    """Without TLS."""
    _ping("127.0.0.1", plain_port, tls=False)
