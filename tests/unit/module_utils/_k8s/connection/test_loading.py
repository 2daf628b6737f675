# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs, their login commands, and who is sent where."""

from __future__ import annotations

import base64
import json
import logging
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection import loading
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import resolve_target
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError

ENVIRON = {"HOME": "/nonexistent"}


def kubeconfig(user: dict[str, Any] | None = None, **cluster: Any) -> dict[str, Any]:
    """A kubeconfig with the contexts `one` (current) and `two`."""
    first = {"server": "https://one:6443", **cluster}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c1", "cluster": first}, {"name": "c2", "cluster": {"server": "https://two:6443/"}}],
        "users": [
            {"name": "u1", "user": {"token": "token-one"} if user is None else user},
            {"name": "u2", "user": {"token": "token-two"}},
        ],
        "contexts": [
            {"name": "one", "context": {"cluster": "c1", "user": "u1"}},
            {"name": "two", "context": {"cluster": "c2", "user": "u2"}},
        ],
    }


def sent(cluster: Cluster) -> str | None:
    """The Authorization header of its requests."""
    return cluster._transport.authorization()


def link(params: dict[str, Any], **environ: str) -> Cluster:
    """A connection."""
    return connect(params, {**ENVIRON, **environ})


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A kubeconfig file."""
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(kubeconfig()))
    return str(path)


def test_path_dictionary_and_context(file: str) -> None:
    """All ways to name one, and the context in it."""
    for given in (file, kubeconfig()):
        cluster = link({"kubeconfig": given})
        assert (cluster.target.host, cluster.target.source) == ("https://one:6443", "option kubeconfig")
        assert sent(cluster) == "Bearer token-one"
        other = link({"kubeconfig": given, "context": "two"})
        assert (other.target.host, sent(other)) == ("https://two:6443", "Bearer token-two")


def test_the_variable_of_kubectl_and_several_files(tmp_path: Path, file: str) -> None:
    """KUBECONFIG may name several, which are merged."""
    more = tmp_path / "more"
    third = {"name": "c3", "cluster": {"server": "https://three"}}
    context = {"name": "three", "context": {"cluster": "c3", "user": "u1"}}
    more.write_text(yaml.safe_dump({"clusters": [third], "contexts": [context], "users": []}))
    cluster = link({"context": "three"}, KUBECONFIG=f"{file}:{tmp_path / 'missing'}:{more}")
    assert (cluster.target.host, sent(cluster)) == ("https://three", "Bearer token-one")


def test_a_host_never_gets_another_clusters_token(file: str) -> None:
    """Only the very same server counts as the kubeconfig's."""
    for params, environ in (
        ({"host": "https://evil:6443", "kubeconfig": file}, {}),
        ({"host": "https://evil:6443", "kubeconfig": file, "context": "two"}, {}),
        ({"host": "https://evil:6443"}, {"KUBECONFIG": file}),
        ({"host": "https://evil:6443"}, {"K8S_AUTH_KUBECONFIG": file}),
        ({}, {"K8S_AUTH_HOST": "https://evil:6443", "KUBECONFIG": file}),
        ({"host": "https://two:6443", "kubeconfig": file}, {}),
        ({"host": "https://one:64430", "kubeconfig": file}, {}),
        ({"host": "http://one:6443", "kubeconfig": file}, {}),
        ({"host": "https://one:6443/evil", "kubeconfig": file}, {}),
    ):
        cluster = link(params, **environ)
        assert sent(cluster) is None, params
        assert cluster._transport.configuration.cert_file is None


def test_the_same_host_gets_the_kubeconfigs_credentials(file: str) -> None:
    """Exactly equal but for a slash at the end."""
    assert sent(link({"host": "https://one:6443/", "kubeconfig": file})) == "Bearer token-one"
    assert sent(link({"host": "https://two:6443", "kubeconfig": file, "context": "two"})) == "Bearer token-two"
    assert sent(link({"host": "https://one:6443"}, KUBECONFIG=file)) == "Bearer token-one"


def test_a_host_with_a_broken_kubeconfig_around(tmp_path: Path) -> None:
    """It is about another server then."""
    (tmp_path / "config").write_text("{")
    assert sent(link({"host": "https://one:6443"}, KUBECONFIG=str(tmp_path / "config"))) is None


def test_given_credentials_replace_the_kubeconfigs(tmp_path: Path) -> None:
    """As a whole: a certificate of the kubeconfig would win over a token at the server."""
    data = base64.b64encode(b"pem").decode()
    ca = tmp_path / "ca"
    ca.write_text("pem")
    user = {"client-certificate-data": data, "client-key-data": data}
    document = kubeconfig(user, **{"certificate-authority-data": data})
    configuration = _loaded({"kubeconfig": document})
    assert configuration.cert_file
    configuration = _loaded({"kubeconfig": document, "api_key": "mine", "ca_cert": str(ca)})
    assert (configuration.cert_file, configuration.key_file, configuration.ssl_ca_cert) == (None, None, str(ca))
    configuration = _loaded({"kubeconfig": kubeconfig(), "client_cert": str(ca), "client_key": str(ca)})
    assert (configuration.cert_file, configuration.key_file) == (str(ca), str(ca))
    assert configuration.auth_settings() == {} or not configuration.auth_settings()["BearerToken"]["value"]


def _loaded(params: dict[str, Any]) -> Any:
    return loading.load_configuration(loading_target(params), ENVIRON)[1]


def loading_target(params: dict[str, Any]) -> Any:
    """The resolved target."""
    return resolve_target(params, ENVIRON)


def test_verification_of_the_kubeconfig_and_its_override() -> None:
    """A warning in either case where it is off."""
    off = link({"kubeconfig": kubeconfig(**{"insecure-skip-tls-verify": True})})
    assert (off.target.verify_ssl, len(off.warnings)) == (False, 1)
    on = link({"kubeconfig": kubeconfig(**{"insecure-skip-tls-verify": True}), "validate_certs": True})
    assert (on.target.verify_ssl, on.warnings) == (True, [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "cluster-options"),
        ("", "cluster-options"),
        ("just text", "cluster-options"),
        ("[1, 2]", "cluster-options"),
        ("clusters: 3", "cluster-options"),
        (yaml.safe_dump({**kubeconfig(), "current-context": "none"}), "cluster-options"),
        (yaml.safe_dump({**kubeconfig(), "clusters": []}), "cluster-options"),
        (yaml.safe_dump(kubeconfig({"token": 5})), None),
        (yaml.safe_dump(kubeconfig(server="https://[::1:6443")), "cluster-options"),
        (yaml.safe_dump(kubeconfig(**{"certificate-authority": "/missing"})), "cluster-options"),
    ],
)
def test_odd_kubeconfigs(tmp_path: Path, text: str, code: str | None) -> None:
    """One finding, whatever is wrong."""
    path = tmp_path / "config"
    path.write_text(text)
    if code is None:
        link({"kubeconfig": str(path)})
        return
    with pytest.raises(ClusterError) as caught:
        link({"kubeconfig": str(path)})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "document",
    [
        {"x": 1},
        {"clusters": None},
        {"contexts": [{}]},
        {"contexts": "geheim"},
        *({**kubeconfig(), "clusters": [{"name": "c1", "cluster": cluster}]} for cluster in ("geheim", ["geheim"], 5)),
    ],
)
def test_odd_documents(document: dict[str, Any]) -> None:
    """Dictionaries that are not kubeconfigs."""
    with pytest.raises(ClusterError) as caught:
        link({"kubeconfig": document})
    assert caught.value.code == "cluster-options"
    assert "geheim" not in str(caught.value)


def test_a_broken_file_is_not_quoted(tmp_path: Path) -> None:
    """YAML's own error would show the line with the token."""
    path = tmp_path / "config"
    path.write_text("users:\n- user: {token: geheimes-token: x}\n")
    with pytest.raises(ClusterError) as caught:
        link({"kubeconfig": str(path)})
    assert "geheim" not in str(caught.value)


PEM = "-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "params",
    [
        {"host": "https://127.0.0.1:1", "client_cert": "/etc/hostname", "client_key": PEM},
        {"host": "https://127.0.0.1:1", "ca_cert": "geheim"},
        {"kubeconfig": kubeconfig({"client-certificate": "/etc/hostname", "client-key": PEM})},
    ],
)
def test_a_key_in_the_place_of_its_path(params: dict[str, Any]) -> None:
    """It is not quoted."""
    with pytest.raises(ClusterError) as caught:
        link(params)
    assert caught.value.code == "cluster-options" and "geheim" not in str(caught.value)


def test_a_missing_file_is_named() -> None:
    """Not another cluster instead."""
    with pytest.raises(ClusterError, match="/none/config"):
        link({"kubeconfig": "/none/config"}, KUBERNETES_SERVICE_HOST="1.2.3.4")
    with pytest.raises(ClusterError, match="variable KUBECONFIG"):
        link({}, KUBECONFIG="/none/config")
    with pytest.raises(ClusterError, match="cluster-options"):
        link({"kubeconfig": "/none\0/config"})


def _plugin(folder: Path, body: str) -> dict[str, Any]:
    script = folder / "login"
    script.write_text(f"#!{sys.executable}\nimport json, sys\n{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script), "args": []}}


def _credential(expires: str) -> str:
    status = {"token": "from-plugin", "expirationTimestamp": expires}
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    return json.dumps(answer)


def test_a_login_command_gives_the_token(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And nothing of it reaches the terminal."""
    body = f"sys.stderr.write('noise'); print({_credential('2099-01-01T00:00:00Z')!r})"
    cluster = link({"kubeconfig": kubeconfig(_plugin(tmp_path, body))})
    assert sent(cluster) == "Bearer from-plugin"
    assert capfd.readouterr() == ("", "")


def test_an_expired_token_is_renewed_and_our_options_stay(tmp_path: Path) -> None:
    """The library's hook resets what it knows at each request: the collection's settings are restored."""
    counter = tmp_path / "count"
    body = f"open({str(counter)!r}, 'a').write('x'); print({_credential('2000-01-01T00:00:00Z')!r})"
    document = kubeconfig(_plugin(tmp_path, body), **{"insecure-skip-tls-verify": True})
    cluster = link({"kubeconfig": document, "validate_certs": True})
    assert sent(cluster) == "Bearer from-plugin"
    assert sent(cluster) == "Bearer from-plugin"
    assert len(counter.read_text()) == 3
    assert cluster._transport.configuration.verify_ssl is True


def test_a_failing_login_command_is_reported(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With what it says, as a finding."""
    with pytest.raises(ClusterError, match="please log in") as caught:
        link({"kubeconfig": kubeconfig(_plugin(tmp_path, "sys.exit('please log in')"))})
    assert caught.value.code == "cluster-options"
    assert capfd.readouterr() == ("", "")


def test_a_failing_login_command_that_quotes_its_token(tmp_path: Path) -> None:
    """What it says is reported without."""
    with pytest.raises(ClusterError, match="log in again") as caught:
        link({"kubeconfig": kubeconfig(_plugin(tmp_path, "sys.exit('log in again: token=c4n4ry-of-login')"))})
    assert "c4n4ry" not in str(caught.value)


def test_quiet_puts_everything_back(capsys: pytest.CaptureFixture[str]) -> None:
    """Handlers and streams."""
    handlers = logging.getLogger().handlers[:]
    with loading.quiet() as notes:
        print("discarded")
        logging.error("kept")
    assert notes == ["kept"]
    assert logging.getLogger().handlers == handlers
    assert capsys.readouterr().out == ""


def test_in_the_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Pod's account; a missing one is reported."""
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    with pytest.raises(ClusterError, match="service account"):
        link({}, **environ)
    (tmp_path / "token").write_text("of-the-pod")
    (tmp_path / "ca").write_text("pem")
    monkeypatch.setattr(loading, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(loading, "SERVICE_CERT_FILENAME", str(tmp_path / "ca"))
    cluster = link({}, **environ)
    assert (cluster.target.host, cluster.target.source) == ("https://10.0.0.1:443", "in-cluster")
    assert str(sent(cluster)).lower() == "bearer of-the-pod"


@pytest.mark.parametrize(("version", "fails"), [(None, True), ("28.1.0", True), ("29.0.0", False), ("odd", False)])
def test_the_library_is_checked(monkeypatch: pytest.MonkeyPatch, version: str | None, fails: bool) -> None:
    """Missing or too old."""
    library = None if version is None else type("Library", (), {"__version__": version})
    monkeypatch.setattr(loading, "kubernetes", library)
    if not fails:
        loading.require_library()
        return
    with pytest.raises(ClusterError) as caught:
        link({"kubeconfig": kubeconfig()})
    assert caught.value.code == "cluster-library"


def test_the_proxys_way() -> None:
    """Option over the kubeconfig's, headers as urllib3 makes them."""
    params = {"proxy": "http://p:1", "no_proxy": "a,b", "proxy_headers": {"proxy_basic_auth": "u:p"}}
    configuration = _loaded({"kubeconfig": kubeconfig(), **params})
    assert (configuration.proxy, configuration.no_proxy) == ("http://p:1", "a,b")
    assert configuration.proxy_headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("address", "login"),
    [
        ("http://u:p%40%C3%A9@p:1", "u:p@é"),
        ("https://token@p:1", "token:"),
        ("http://p:1", None),
    ],
)
def test_the_user_in_the_address_of_a_proxy(address: str, login: str | None) -> None:
    """Decoded, as a header: the library would ignore it. The option proxy_headers replaces it."""
    configuration = connect({"host": "https://x", "api_key": "k", "proxy": address}, {})._transport.configuration
    header = (configuration.proxy_headers or {}).get("proxy-authorization")
    assert header == (login and "Basic " + base64.b64encode(login.encode()).decode())
    headers = {"proxy_basic_auth": "other:x"}
    other = connect({"host": "https://x", "api_key": "k", "proxy": address, "proxy_headers": headers}, {})._transport
    expected = "Basic " + base64.b64encode(b"other:x").decode()
    assert other.configuration.proxy_headers["proxy-authorization"] == expected


def test_the_proxy_of_a_kubeconfig() -> None:
    """Used with each release of the library. None is none; what is not text is reported."""
    transport = connect({"kubeconfig": kubeconfig(**{"proxy-url": "http://127.0.0.1:1"})}, {"HOME": "/x"})._transport
    assert transport.configuration.proxy == "http://127.0.0.1:1"
    without = connect({"kubeconfig": kubeconfig(**{"proxy-url": None})}, {"HOME": "/x"})._transport
    assert not without.configuration.proxy
    with pytest.raises(ClusterError, match="proxy-url is not text"):
        connect({"kubeconfig": kubeconfig(**{"proxy-url": 5})}, {"HOME": "/x"})
