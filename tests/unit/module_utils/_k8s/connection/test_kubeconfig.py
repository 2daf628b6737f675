# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts of a kubeconfig may be shown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.kubeconfig import split_secrets
from hypothesis import given
from hypothesis import strategies as some

# As k3s writes it.
K3S: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "default",
    "preferences": {},
    "clusters": [{"name": "default", "cluster": {"server": "https://h:6443", "certificate-authority-data": "Q0E="}}],
    "contexts": [{"name": "default", "context": {"cluster": "default", "user": "default", "namespace": "team"}}],
    "users": [{"name": "default", "user": {"client-certificate-data": "Q1JU", "client-key-data": "S0VZ"}}],
}


def _with_user(**user: Any) -> dict[str, Any]:
    return {**K3S, "users": [{"name": "u", "user": user}]}


def test_names_are_shown_and_keys_are_not() -> None:
    """All but the one credential."""
    shown, hidden = split_secrets(K3S)
    assert hidden == {"S0VZ"}
    assert shown == {"v1", "Config", "default", "https://h:6443", "Q0E=", "team", "Q1JU"}


@pytest.mark.parametrize(
    ("user", "credentials"),
    [
        ({"token": "secret1", "username": "eve"}, {"secret1"}),
        ({"username": "eve", "password": 123456}, {"123456"}),
        ({"tokenFile": "/t", "client-key": "/k", "client-certificate": "/c"}, set()),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "secret1"}}}, {"secret1"}),
        ({"some-new-field": ["secret1"]}, {"secret1"}),
        ("secret1", {"secret1"}),
    ],
)
def test_users(user: Any, credentials: set[str]) -> None:
    """Of a user only known fields are shown."""
    shown, hidden = split_secrets({**K3S, "users": [{"name": "u", "user": user}]})
    assert hidden == credentials and "u" in shown and not shown & credentials


@pytest.mark.parametrize(
    ("arguments", "credentials"),
    [
        (["--region", "eu-central-1", "eks", "get-token", "--cluster-name", "c", "--output", "json"], set()),
        (["oidc-login", "get-token", "--oidc-client-secret=secret1"], {"--oidc-client-secret=secret1"}),
        (["--client-secret", "secret1"], {"secret1"}),
        (["-u", "admin:secret1", "-psecret1"], {"admin:secret1", "-psecret1"}),
        (["-c", "curl", "{'token': 'secret1'}"], {"curl", "{'token': 'secret1'}"}),
        (["s.Secret1"], {"s.Secret1"}),
        ("secret1", {"secret1"}),
    ],
)
def test_login_commands(arguments: Any, credentials: set[str]) -> None:
    """A region is not a secret although it stands among the arguments; what is not known is one."""
    command = {"apiVersion": "client/v1", "command": "aws", "interactiveMode": "Never", "args": arguments}
    environment = [{"name": "AWS_PROFILE", "value": "default"}, {"name": "VAULT_TOKEN", "value": "secret2"}]
    shown, hidden = split_secrets(_with_user(exec={**command, "env": environment}))
    assert hidden == {*credentials, "secret2"}
    assert {"aws", "default", "VAULT_TOKEN"} <= shown


@pytest.mark.parametrize("address", ["http://user:geheim@proxy:3128", "user:geheim@proxy:3128", "//user:geheim@proxy"])
def test_an_address_with_a_user_in_it(address: str) -> None:
    """The whole, and the password by itself; also without a scheme."""
    cluster = {"server": "https://h", "proxy-url": address}
    shown, hidden = split_secrets({**K3S, "clusters": [{"name": "c", "cluster": cluster}]})
    assert hidden == {address, "geheim", "S0VZ"} and "https://h" in shown


def test_proxy_with_a_token() -> None:
    """Its user alone is the credential."""
    cluster = {"server": "https://h", "proxy-url": "http://geheim-as-a-token@proxy:3128"}
    shown, hidden = split_secrets({**K3S, "clusters": [{"name": "c", "cluster": cluster}]})
    assert {"http://geheim-as-a-token@proxy:3128", "geheim-as-a-token"} <= hidden and not shown & hidden


def test_credentials_in_a_wrong_place() -> None:
    """Beside `user`, in a context, at the top, or the whole document one level too deep."""
    for document in (
        {"users": [{"name": "u", "token": "secret1"}]},
        {"contexts": [{"context": {"token": "secret1"}}]},
        {"token": "secret1", "clusters": []},
        {"config": {"clusters": ["secret1"], "users": [{"user": {"token": "secret1"}}]}},
    ):
        assert "secret1" in split_secrets(document)[1]


def test_a_text_that_is_both_is_hidden() -> None:
    """A password that is also the cluster's name."""
    shown, hidden = split_secrets({"clusters": [{"name": "same"}], "users": [{"user": {"password": "same"}}]})
    assert hidden == {"same"} and not shown


def test_paths() -> None:
    """Shown; a document where a path belongs is not."""
    assert split_secrets("/home/u/.kube/config") == ({"/home/u/.kube/config"}, frozenset())
    assert split_secrets(["~/a", "users: [{user: {token: x}}]"]) == ({"~/a"}, {"users: [{user: {token: x}}]"})
    assert split_secrets(None) == split_secrets("") == split_secrets(3) == (frozenset(), frozenset())


LEAVES = some.none() | some.booleans() | some.integers() | some.text(max_size=8)
NAMES = some.sampled_from(["users", "user", "exec", "args", "env", "name", "auth-provider", "clusters", "a"])
JSON = some.recursive(LEAVES, lambda it: some.lists(it, max_size=3) | some.dictionaries(NAMES, it, max_size=4))


def _texts(value: Any) -> set[str]:
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return {text for item in items for text in _texts(item)}
    return set() if value is None or isinstance(value, bool) else {str(value)}


@given(some.dictionaries(NAMES, JSON, max_size=5))
def test_any_document(document: dict[str, Any]) -> None:
    """Every text is on one side."""
    shown, hidden = split_secrets(document)
    assert shown | hidden >= _texts(document) and not shown & hidden
