# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests: credentials, retries, warnings, and failures before there is an answer."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import kubernetes
import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    CONFIG_MAP,
    Heard,
    Talk,
    serve,
    to,
)

ENVIRON = {"HOME": "/nonexistent"}
pytestmark = pytest.mark.usefixtures("slept")


def test_credentials_and_agent_are_sent() -> None:
    """A token as such, a user as basic, impersonation with a header for each group."""
    with serve(lambda _heard, talk: talk.reply(200, {"items": []})) as server:
        to(server.url).list("Pod")
        connect({"host": server.url, "username": "ü", "password": "p:w"}, ENVIRON).list("Pod")
        to(server.url, impersonate_user="eve", impersonate_groups=["a", "b"]).list("Pod")
        connect({"host": server.url}, ENVIRON, user_agent="me").list("Pod")
    token, basic, eve, anonymous = server.heard
    assert token.header("Authorization") == ["Bearer t0ken"]
    assert token.header("User-Agent") == ["kyma.docker_registry"]
    assert basic.header("Authorization") == ["Basic " + base64.b64encode("ü:p:w".encode()).decode()]
    assert (eve.header("Impersonate-User"), eve.header("Impersonate-Group")) == (["eve"], ["a", "b"])
    assert (anonymous.header("Authorization"), anonymous.header("User-Agent")) == ([], ["me"])


def test_resets_are_survived() -> None:
    """A request is sent again after a reset."""

    def answer(_heard: Heard, talk: Talk) -> None:
        talk.reset() if len(server.heard) < 5 else talk.reply(200, {"metadata": {}})

    with serve(answer) as server:
        assert to(server.url).get("Pod", "p", "n") == {"metadata": {}}
    assert len(server.heard) == 5


def test_a_redirection_is_not_followed() -> None:
    """The token stays with the server that it is for."""
    with (
        serve(lambda _heard, talk: talk.reply(200, {})) as other,
        serve(lambda _heard, talk: talk.reply(302, {}, {"Location": other.url})) as server,
        pytest.raises(ClusterError) as caught,
    ):
        to(server.url).get("Pod", "p", "n")
    assert caught.value.code == "cluster-unreachable"
    assert other.heard == []


@pytest.mark.parametrize("body", [b"<html>login</html>", b"[]", b"\xff"])
def test_an_answer_of_something_else(body: bytes) -> None:
    """A page instead of an API's answer."""
    with serve(lambda _heard, talk: talk.reply(200, body)) as server, pytest.raises(ClusterError) as caught:
        to(server.url).get("Pod", "p", "n")
    assert caught.value.code == "cluster-unreachable"


def test_warnings_of_the_api_are_kept_once() -> None:
    """Each text once, quotes restored, also when an answer carries several; without what a policy quotes."""
    header = {"Warning": '299 - "old \\"v1\\" goes", 299 - "second: TOKEN=c4n4ry"'}
    with serve(lambda _heard, talk: talk.reply(200, {"items": []}, header)) as server:
        cluster = to(server.url)
        cluster.list("Pod")
        cluster.list("Pod")
    assert cluster.warnings[1:] == ['old "v1" goes', "second: TOKEN=***"]
    assert "not encrypted" in cluster.warnings[0]


def test_pages_are_put_together_and_start_again_when_they_expire() -> None:
    """Items carry kind and apiVersion."""

    def answer(heard: Heard, talk: Talk) -> None:
        if "continue=" not in heard.path:
            talk.reply(200, {"items": [{"metadata": {"name": "1"}}], "metadata": {"continue": "x"}})
        elif len(server.heard) == 2:
            talk.reply(410, {"reason": "Expired"})
        else:
            talk.reply(200, {"items": [{"metadata": {"name": "2"}}], "metadata": {}})

    with serve(answer) as server:
        items = to(server.url).list("Deployment", "n", label_selector="a=b", field_selector="c=d")
    assert [item["metadata"]["name"] for item in items] == ["1", "2"]
    assert {(item["kind"], item["apiVersion"]) for item in items} == {("Deployment", "apps/v1")}
    assert all("labelSelector=a%3Db" in heard.path and "fieldSelector=c%3Dd" in heard.path for heard in server.heard)


def test_names_are_read_without_content() -> None:
    """The API server sends only metadata, on each page."""

    def answer(heard: Heard, talk: Talk) -> None:
        more = "" if "continue=" in heard.path else "x"
        name = "one" if more else "two"
        talk.reply(200, {"items": [{"metadata": {"name": name}}], "metadata": {"continue": more}})

    with serve(answer) as server:
        assert to(server.url).list_names("Secret", "n") == ["one", "two"]
    wanted = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    assert [heard.header("Accept") for heard in server.heard] == [[wanted]] * 2
    assert {heard.path.partition("?")[0] for heard in server.heard} == {"/api/v1/namespaces/n/secrets"}


def test_dry_run_is_asked_of_every_writing_request() -> None:
    """What check mode sends is never without it."""
    live = {"metadata": {"name": "c", "uid": "u"}}
    with serve(lambda _heard, talk: talk.reply(200, live)) as server:
        cluster = to(server.url)
        cluster.create(CONFIG_MAP, dry_run=True)
        cluster.apply(CONFIG_MAP, dry_run=True)
        cluster.apply_status({**CONFIG_MAP, "status": {}}, dry_run=True)
        cluster.patch("ConfigMap", "c", "n", [], dry_run=True)
        cluster.delete("ConfigMap", "c", "n", uid="u", dry_run=True)
    writes = [heard for heard in server.heard if heard.method != "GET"]
    assert [heard.method for heard in writes] == ["POST", "PATCH", "PATCH", "PATCH", "DELETE"]
    assert all("dryRun=All" in heard.path for heard in writes)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections, sends nothing and closes them after some seconds. The error differs from that of a time limit."""
    with socket.create_server(("127.0.0.1", 0)) as server, concurrent.futures.ThreadPoolExecutor() as pool:
        over = threading.Event()

        def hold(connection: socket.socket) -> None:
            over.wait(10)
            connection.close()

        def take() -> None:
            with contextlib.suppress(OSError):  # The server is closed.
                while not over.is_set():
                    pool.submit(hold, server.accept()[0])

        pool.submit(take)
        yield server.getsockname()[1]
        over.set()
        server.shutdown(socket.SHUT_RDWR)


def _failure(cluster: Cluster) -> ClusterError:
    with pytest.raises(ClusterError) as caught:
        cluster.get("Pod", "p", "n")
    return caught.value


def test_a_server_that_says_nothing(silent: int) -> None:
    """The handshake of TLS is bounded by the time for a connection, not by the longer one for an answer."""
    cluster = to(f"https://127.0.0.1:{silent}", connect_timeout=1, retry_timeout=0)
    assert _failure(cluster).code == "cluster-timeout"


def test_a_refused_connection() -> None:
    """No server listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failure = _failure(to(f"https://127.0.0.1:{port}"))
    assert failure.code == "cluster-unreachable" and "was refused" in str(failure)


def test_an_unknown_name_is_reported() -> None:
    """A name that no DNS knows."""
    failure = _failure(to("https://nothing.invalid"))
    assert failure.code == "cluster-unreachable"
    assert "cannot be resolved" in str(failure)


def test_a_server_without_tls() -> None:
    """Another protocol on the port."""
    with serve(lambda _heard, talk: talk.reply(200)) as server:
        failure = _failure(to(server.url.replace("http:", "https:")))
    assert (failure.code, failure.findings[0].path) == ("cluster-tls", "host")


def _certificate(folder: Path) -> tuple[str, str]:
    key, certificate = str(folder / "key.pem"), str(folder / "cert.pem")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=other -addext subjectAltName=DNS:other"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """Port and certificate of a TLS server whose certificate is for another name."""
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(65536)
                    tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"items":[]}')
            except OSError:
                connection.close()

    threading.Thread(target=run, daemon=True).start()
    yield server.getsockname()[1], certificate
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_untrusted_certificates_are_reported(secure: tuple[int, str]) -> None:
    """Unknown authority, and a name that does not match."""
    port, certificate = secure
    unknown = _failure(to(f"https://127.0.0.1:{port}"))
    assert (unknown.code, unknown.findings[0].path) == ("cluster-tls", "ca_cert")
    wrong = _failure(to(f"https://127.0.0.1:{port}", ca_cert=certificate))
    assert wrong.code == "cluster-tls"
    assert "mismatch" in str(wrong)


def test_verification_off_warns_and_writes_nothing(secure: tuple[int, str], capfd: pytest.CaptureFixture[str]) -> None:
    """One warning of ours; urllib3's own does not reach stderr."""
    cluster = to(f"https://127.0.0.1:{secure[0]}", validate_certs="off")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cluster.list("Pod")
    assert [text for text in cluster.warnings if "not verified" in text]
    assert cluster.target.verify_ssl is False
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("option", ["ca_cert", "client_cert"])
def test_certificate_files_that_are_none(secure: tuple[int, str], tmp_path: Path, option: str) -> None:
    """Missing, and of another form."""
    params = {"client_key": secure[1]} if option == "client_cert" else {}
    with pytest.raises(ClusterError) as caught:
        to(f"https://127.0.0.1:{secure[0]}", **{option: str(tmp_path / "missing")}, **params)
    assert (caught.value.code, caught.value.findings[0].path) == ("cluster-options", option)
    (tmp_path / "text").write_text("hello")
    failure = _failure(to(f"https://127.0.0.1:{secure[0]}", **{option: str(tmp_path / "text")}, **params))
    assert failure.code == "cluster-tls"


def test_half_of_a_character_in_a_query() -> None:
    """A label selector takes names of the user's."""
    with pytest.raises(ClusterError) as caught:
        to("https://127.0.0.1:1").list("Secret", label_selector="copy-of=\ud800")
    assert caught.value.code == "cluster-invalid" and str(caught.value).isprintable()


def test_a_socks_proxy_needs_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and nothing goes to stderr. Older clients have no such proxies, with it or without."""
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.delitem(sys.modules, "urllib3.contrib.socks", raising=False)
    known = hasattr(kubernetes.client.rest, "is_socks_proxy_url")
    named, code = (
        ("PySocks", "library-missing") if known else ("does not support this type of proxy", "cluster-options")
    )
    with warnings.catch_warnings(), pytest.raises(ClusterError, match=named) as caught:
        warnings.simplefilter("error")
        to("https://10.0.0.1:6443", proxy="socks5://127.0.0.1:1080")
    assert (caught.value.code, caught.value.findings[0].path) == (code, "proxy")


@pytest.mark.parametrize("proxy", ["http://user:geheim@[::1", "http://user:geheim@h:port", "gopher://user:geheim@h"])
def test_a_proxy_that_is_no_address(proxy: str) -> None:
    """Without the proxy's user."""
    with pytest.raises(ClusterError) as caught:
        to("https://10.0.0.1:6443", proxy=proxy)
    assert (caught.value.code, caught.value.findings[0].path) == ("cluster-options", "proxy")
    assert "geheim" not in str(caught.value)


def test_a_dead_proxy_is_reported() -> None:
    """The proxy, not the host, and without the proxy's user."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failure = _failure(to("https://10.0.0.1:6443", proxy=f"http://user:geheim@127.0.0.1:{port}"))
    assert (failure.code, failure.findings[0].path) == ("cluster-unreachable", "proxy")
    assert "geheim" not in str(failure)


@pytest.mark.parametrize(("status", "repeated"), [(401, False), (403, False), (407, False), (503, True)])
def test_a_proxy_that_forwards_nothing(status: int, repeated: bool) -> None:
    """If it rejects who asks, it is asked once: repeated wrong passwords can lock an account."""
    with serve(lambda _heard, talk: talk.reply(status)) as proxy, pytest.raises(ClusterError) as caught:
        to("https://cluster.invalid", proxy=proxy.url).list("Pod")
    assert (caught.value.code, caught.value.findings[0].path) == ("cluster-unreachable", "proxy")
    assert (len(proxy.heard) > 1) == repeated
