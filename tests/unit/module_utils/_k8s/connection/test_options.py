# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who beats whom among options, variables, kubeconfig and the Pod's account."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import (
    CONNECTION_SPEC,
    resolve_target,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.targets import Limits
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.support.each import check_each
from hypothesis import given
from hypothesis import strategies as st

HOME = {"HOME": "/home/u"}
POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def file_exists(_path: str) -> bool:
    """Every file exists."""
    return True


def absent(_path: str) -> bool:
    """No file exists."""
    return False


LEVELS: list[tuple[str, dict[str, Any], dict[str, str], bool]] = [
    ("option host", {"host": "https://o:1"}, {}, False),
    ("option kubeconfig", {"kubeconfig": "/o/config"}, {}, False),
    ("variable K8S_AUTH_HOST", {}, {"K8S_AUTH_HOST": "https://v:1"}, False),
    ("variable K8S_AUTH_KUBECONFIG", {}, {"K8S_AUTH_KUBECONFIG": "/v/config"}, False),
    ("variable KUBECONFIG", {}, {"KUBECONFIG": "/k/config"}, False),
    ("file ~/.kube/config", {}, {}, True),
    ("in-cluster", {}, POD, False),
]


def test_the_first_level_that_names_a_cluster_is_taken() -> None:
    """All combinations of the levels."""

    def check(chosen: tuple[int, ...]) -> None:
        params: dict[str, Any] = {}
        environ = dict(HOME)
        default = False
        for index in chosen:
            params.update(LEVELS[index][1])
            environ.update(LEVELS[index][2])
            default = default or LEVELS[index][3]
        target = resolve_target(params, environ, file_exists if default else absent)
        assert target.source == LEVELS[min(chosen)][0]

    check_each([chosen for size in range(1, 8) for chosen in itertools.combinations(range(7), size)], check)


def test_no_level_at_all_is_reported() -> None:
    """Instead of localhost."""
    with pytest.raises(ClusterError, match="no cluster is specified") as caught:
        resolve_target({}, HOME, absent)
    assert caught.value.code == "cluster-options"


def test_empty_options_are_absent() -> None:
    """As templates leave them."""
    bare = resolve_target({"kubeconfig": "/c"}, HOME, absent)

    def check(option: tuple[str, Any]) -> None:
        assert resolve_target({"kubeconfig": "/c", option[0]: option[1]}, HOME, absent) == bare

    names = [name for name in CONNECTION_SPEC if name not in ("impersonate_groups", "kubeconfig")]
    check_each(itertools.product(names, (None, "", "  ")), check)


def test_empty_variables_are_absent() -> None:
    """As AWX leaves them."""
    names = ("HOST", "API_KEY", "USERNAME", "PASSWORD", "VERIFY_SSL", "SSL_CA_CERT", "KUBECONFIG", "CONTEXT", "PROXY")
    environ = {**HOME, **{f"K8S_AUTH_{name}": "" for name in names}, "KUBECONFIG": ""}
    assert resolve_target({}, environ, file_exists).source == "file ~/.kube/config"


@pytest.mark.parametrize(
    ("variable", "attribute"),
    [
        ("CA_CERT", "ca_cert"),
        ("SSL_CA_CERT", "ca_cert"),
        ("PROXY", "proxy"),
        ("NO_PROXY", "no_proxy"),
        ("IMPERSONATE_USER", "impersonate_user"),
        ("CONTEXT", "context"),
    ],
)
def test_each_variable_is_read_and_beaten_by_its_option(variable: str, attribute: str) -> None:
    """One by one."""
    environ = {**HOME, f"K8S_AUTH_{variable}": "/from/variable"}
    assert getattr(resolve_target({"kubeconfig": "/c"}, environ, absent), attribute) == "/from/variable"
    both = resolve_target({"kubeconfig": "/c", attribute: "/from/option"}, environ, absent)
    assert getattr(both, attribute) == "/from/option"


@pytest.mark.parametrize(
    ("variable", "attribute"),
    [
        ("API_KEY", "api_key"),
        ("CLIENT_CERT", "client_cert"),
        ("CERT_FILE", "client_cert"),
    ],
)
def test_variables_of_credentials(variable: str, attribute: str) -> None:
    """By either of their names."""
    target = resolve_target({}, {**HOME, "K8S_AUTH_HOST": "https://v", f"K8S_AUTH_{variable}": "/value"}, absent)
    assert getattr(target.credentials, attribute) == "/value"


def test_key_file_variable_belongs_to_the_certificate() -> None:
    """With the home folder put in."""
    environ = {**HOME, "K8S_AUTH_HOST": "https://v", "K8S_AUTH_CERT_FILE": "~/c", "K8S_AUTH_KEY_FILE": "~/k"}
    who = resolve_target({}, environ, absent).credentials
    assert (who.client_cert, who.client_key) == ("/home/u/c", "/home/u/k")


@pytest.mark.parametrize("text", ["False", "false", "FALSE", "off", "Off", "no", "NO", "0", "n", "f"])
@pytest.mark.parametrize("name", ["K8S_AUTH_VERIFY_SSL", "K8S_AUTH_VALIDATE_CERTS"])
def test_words_that_turn_verification_off(name: str, text: str) -> None:
    """In any case of letters."""
    assert resolve_target({"host": "https://h"}, {**HOME, name: text}, absent).verify_ssl is False


@pytest.mark.parametrize("value", ["True", "on", "yes", "1", True, 1])
def test_words_that_keep_verification_on(value: Any) -> None:
    """Texts and values."""
    assert resolve_target({"host": "https://h", "validate_certs": value}, HOME, absent).verify_ssl is True


def test_an_unknown_word_for_verification_is_refused() -> None:
    """A typing error turns nothing off."""
    with pytest.raises(ClusterError, match="not a boolean") as caught:
        resolve_target({"host": "https://h"}, {**HOME, "K8S_AUTH_VERIFY_SSL": "flase"}, absent)
    assert caught.value.findings[0].path == "variable K8S_AUTH_VERIFY_SSL"


def test_another_host_gets_nothing_of_the_variables_host() -> None:
    """Token, authority and switch belong to K8S_AUTH_HOST."""
    environ = {
        **HOME,
        "K8S_AUTH_HOST": "https://awx",
        "K8S_AUTH_API_KEY": "token-of-awx",
        "K8S_AUTH_VERIFY_SSL": "False",
        "K8S_AUTH_SSL_CA_CERT": "/awx-ca",
    }
    for params in ({"host": "https://other"}, {"kubeconfig": "/c"}, {"context": "other"}):
        target = resolve_target(params, environ, file_exists)
        assert not target.credentials.given
        assert target.verify_ssl is None
        assert target.ca_cert is None
    same = resolve_target({"host": "https://awx/"}, environ, absent)
    assert same.credentials.api_key == "token-of-awx"
    assert same.verify_ssl is False


def test_credentials_of_one_level_are_not_mixed_with_another_kind() -> None:
    """Only a partner is taken from the variables."""
    environ = {**HOME, "K8S_AUTH_USERNAME": "u", "K8S_AUTH_PASSWORD": "p", "K8S_AUTH_API_KEY": "v"}
    who = resolve_target({"host": "https://h", "api_key": "o"}, environ, absent).credentials
    assert (who.api_key, who.username, who.password) == ("o", None, None)
    who = resolve_target({"host": "https://h", "username": "me"}, environ, absent).credentials
    assert (who.api_key, who.username, who.password) == (None, "me", "p")


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"username": "u"}, "username"),
        ({"password": "p"}, "password"),
        ({"client_key": "/k"}, "client_key"),
        ({"api_key": "two words"}, "api_key"),
        ({"api_key": "line\nbreak"}, "api_key"),
        ({"api_key": "schlüssel"}, "api_key"),
        ({"impersonate_groups": ["g"]}, "impersonate_groups"),
        ({"proxy_headers": "x"}, "proxy_headers"),
        ({"proxy_headers": {"basic_auth": "user:€uro"}}, "proxy_headers.basic_auth"),
        ({"proxy_headers": {"proxy_basic_auth": "user:\ud800"}}, "proxy_headers.proxy_basic_auth"),
        ({"proxy_headers": {"user_agent": "line\nbreak"}}, "proxy_headers.user_agent"),
        ({"username": "half \ud800", "password": "p"}, "username"),
        ({"username": "u", "password": "half \ud800"}, "password"),
        ({"impersonate_user": "line\nbreak"}, "impersonate_user"),
        ({"impersonate_user": "€uro"}, "impersonate_user"),
        ({"impersonate_user": "eve", "impersonate_groups": ["group\ud800"]}, "impersonate_groups"),
    ],
)
def test_halves_and_wrong_forms_are_refused(params: dict[str, Any], path: str) -> None:
    """Without showing the value."""
    with pytest.raises(ClusterError) as caught:
        resolve_target({"host": "https://h", **params}, HOME, absent)
    assert caught.value.findings[0].path == path
    for value in params.values():
        assert str(value) not in caught.value.findings[0].message or len(str(value)) < 3


@pytest.mark.parametrize(
    "params",
    [
        {"impersonate_user": "CN=John Doe,O=x"},
        {"proxy_headers": {"basic_auth": "user:schlüssel"}},
    ],
)
def test_what_can_be_sent_is_taken(params: dict[str, Any]) -> None:
    """A space in a name, and what base64 carries."""
    target = resolve_target({"host": "https://h", **params}, HOME, absent)
    assert all(getattr(target, name) == value for name, value in params.items())


@pytest.mark.parametrize(
    "host",
    [
        *(
            "example.com:6443",
            "ftp://h",
            "https://",
            "://x",
            "https://user:geheim@h",
            "https://:6443",
            "https://h:port",
        ),
        *("https://[::1:6443", "https://h:99999", "https://h\nx", "https://two words", "https://h\ud800"),
    ],
)
def test_odd_hosts_are_refused_without_showing_a_user(host: str) -> None:
    """Before anything is sent, as option and as variable."""
    for params, environ in (({"host": host}, HOME), ({}, {**HOME, "K8S_AUTH_HOST": host})):
        with pytest.raises(ClusterError) as caught:
            resolve_target(params, environ, absent)
        assert caught.value.code == "cluster-options" and "host" in caught.value.findings[0].path.lower()
        assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("host", ["https://[::1]:6443", "HTTPS://h", "https://rancher/k8s/clusters/c-1"])
def test_hosts(host: str) -> None:
    """In any form that an address has."""
    assert resolve_target({"host": f"{host}/"}, HOME, absent).host == host


DOCUMENT = "apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: geheim}}]\n"
TEXTS = [
    DOCUMENT,
    json.dumps(yaml.safe_load(DOCUMENT)),
    base64.b64encode(DOCUMENT.encode()).decode(),
    base64.b64encode(json.dumps(yaml.safe_load(DOCUMENT)).encode()).decode(),
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_document_as_a_text_is_not_shown_as_a_path(text: str) -> None:
    """By option, also among paths, and by either variable."""
    ways: list[tuple[dict[str, Any], dict[str, str], str]] = [
        ({"kubeconfig": text}, {}, "option kubeconfig"),
        ({"kubeconfig": ["/a", text]}, {}, "option kubeconfig"),
        ({}, {"K8S_AUTH_KUBECONFIG": text}, "variable K8S_AUTH_KUBECONFIG"),
        ({}, {"KUBECONFIG": text}, "variable KUBECONFIG"),
    ]
    for params, environ, path in ways:
        with pytest.raises(ClusterError) as caught:
            resolve_target(params, {**HOME, **environ}, absent)
        (finding,) = caught.value.findings
        assert (finding.code, finding.path) == ("cluster-options", path)
        assert "geheim" not in finding.text() and text[:12] not in finding.text()


def test_a_context_needs_a_kubeconfig() -> None:
    """Any of them."""
    with pytest.raises(ClusterError, match="no kubeconfig"):
        resolve_target({"context": "c"}, HOME, absent)
    target = resolve_target({"context": "c"}, {**HOME, "KUBECONFIG": "~/a:/b"}, absent)
    assert (target.context, target.kubeconfig) == ("c", "/home/u/a:/b")
    assert target.source == "variable KUBECONFIG, option context"


def test_kubeconfig_forms() -> None:
    """Path, list of paths, document."""
    document = {"clusters": []}
    assert resolve_target({"kubeconfig": document}, HOME, absent).kubeconfig == document
    assert resolve_target({"kubeconfig": ["~/a", "/b"]}, HOME, absent).kubeconfig == "/home/u/a:/b"
    with pytest.raises(ClusterError):
        resolve_target({"kubeconfig": 3}, HOME, absent)


def test_groups_and_proxy_headers_from_variables() -> None:
    """Options lie over variables field by field."""
    environ = {
        **HOME,
        "K8S_AUTH_IMPERSONATE_USER": "u",
        "K8S_AUTH_IMPERSONATE_GROUPS": "a, b,",
        "K8S_AUTH_PROXY_HEADERS_BASIC_AUTH": "u:p",
        "K8S_AUTH_PROXY_HEADERS_USER_AGENT": "v",
    }
    target = resolve_target(
        {"host": "https://h", "proxy_headers": {"user_agent": "o", "basic_auth": None}}, environ, absent
    )
    assert target.impersonate_groups == ("a", "b")
    assert dict(target.proxy_headers) == {"basic_auth": "u:p", "user_agent": "o"}


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8))
def test_the_representation_shows_no_secret(secret: str) -> None:
    """In logs and tracebacks."""
    secret = f"S3CR3T{secret}"
    params = {
        "host": "https://h",
        "api_key": secret,
        "username": "u",
        "password": secret,
        "proxy": f"http://u:{secret}@p",
        "proxy_headers": {"basic_auth": secret},
    }
    assert secret not in repr(resolve_target(params, HOME, absent))
    assert secret not in repr(resolve_target({"kubeconfig": {"users": [{"token": secret}]}}, HOME, absent))


def test_secrets_are_no_log() -> None:
    """Exactly these."""
    hidden = {name for name, option in CONNECTION_SPEC.items() if option.get("no_log")}
    assert hidden == {"api_key", "password", "proxy_headers", "kubeconfig"}


def test_time_limits() -> None:
    """Options beat variables; a value that is not a number of seconds is rejected at its place."""
    assert resolve_target({"host": "https://h"}, HOME).limits == Limits(10.0, 30.0, 30.0)
    environ = {**HOME, "K8S_AUTH_CONNECT_TIMEOUT": "3", "K8S_AUTH_REQUEST_TIMEOUT": "60", "K8S_AUTH_RETRY_TIMEOUT": "0"}
    assert resolve_target({"host": "https://h"}, environ).limits == Limits(3.0, 60.0, 0.0)
    assert resolve_target({"host": "https://h", "retry_timeout": 5}, environ).limits == Limits(3.0, 60.0, 5.0)
    for name, value in (("request_timeout", 0), ("connect_timeout", -1), ("retry_timeout", 4000)):
        with pytest.raises(ClusterError, match=f"option {name}"):
            resolve_target({"host": "https://h", name: value}, HOME)
    with pytest.raises(ClusterError, match="variable K8S_AUTH_RETRY_TIMEOUT"):
        resolve_target({"host": "https://h"}, {**HOME, "K8S_AUTH_RETRY_TIMEOUT": "1.5"})
