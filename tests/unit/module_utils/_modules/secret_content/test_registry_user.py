# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials' Secrets: created once, kept, and never shown."""

from __future__ import annotations

import base64
import json
from typing import Any

import bcrypt
import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content import (
    docker_config,
    registry_user,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import htpasswd
from hypothesis import given, settings
from hypothesis import strategies as st

# Long ones: their hash is fast.
PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=32, max_size=72)


def _plan(
    public: dict[str, Any] | None = None, private: dict[str, Any] | None = None, **given_values: Any
) -> registry_user.RegistryUser:
    return registry_user.resolve_registry_user(
        "ns", 32137, public, private, given_values.get("username"), given_values.get("password")
    )


def test_second_plan_is_the_first() -> None:
    """What is in the cluster is kept to the byte, the salted hash included."""
    first = _plan()
    second = _plan(first.public_object(), first.private_object())
    assert second == first
    assert second.fingerprint() == first.fingerprint()


# Long: its hash is fast.
WORD = "p" * 32
PUSH, PULL = "dockerregistry.ns.svc.cluster.local:5000", "localhost:32137"


def _entry(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (_entry("u", WORD), True),
        ({"username": "u", "password": WORD, **_entry("u", WORD)}, True),
        ({"username": "u", "password": WORD}, True),
        ({**_entry("u", WORD), "email": "a@b.c"}, True),
        (_entry("u", "other"), False),
        ({"username": "u", "password": "other", **_entry("u", WORD)}, False),
        ({"username": "u"}, False),
        ({"auth": "no base64!"}, False),
        ({}, False),
        ("text", False),
    ],
)
def test_a_client_configuration_that_means_the_same_is_kept(entry: Any, kept: bool) -> None:
    """The operator writes `auth` alone; former releases wrote user and password as well."""
    there = json.dumps({"auths": {PULL: entry, PUSH: entry}}, indent=1)
    first = _plan(username="u", password=WORD)
    public = secret_object("dockerregistry-config", "ns", {**first.public, docker_config.DOCKER_CONFIG_KEY: there})
    assert _plan(public).public[docker_config.DOCKER_CONFIG_KEY] == (
        there if kept else first.public[docker_config.DOCKER_CONFIG_KEY]
    )


@pytest.mark.parametrize(
    "auths", [{PUSH: _entry("u", WORD)}, {"localhost:1": _entry("u", WORD), PUSH: _entry("u", WORD)}, [], None]
)
def test_other_addresses_are_not_kept(auths: Any) -> None:
    """Each address of the registry, and no other."""
    first = _plan(username="u", password=WORD)
    values = {**first.public, docker_config.DOCKER_CONFIG_KEY: json.dumps({"auths": auths})}
    assert _plan(secret_object("dockerregistry-config", "ns", values)).public == first.public


@settings(max_examples=15, deadline=None)
@given(PASSWORDS)
def test_any_password_lets_in(password: str) -> None:
    """Quotes, braces, colons, commas: client configuration and hash agree."""
    wanted = _plan(password=password)
    auths = json.loads(wanted.public[docker_config.DOCKER_CONFIG_KEY])["auths"]
    assert set(auths) == {"dockerregistry.ns.svc.cluster.local:5000", "localhost:32137"}
    for entry in auths.values():
        assert base64.b64decode(entry["auth"]).decode() == f"registry:{password}"
    assert htpasswd.entry_matches(wanted.private[constants.HTPASSWD_KEY], "registry", password)
    assert not htpasswd.entry_matches(
        wanted.private[constants.HTPASSWD_KEY], "registry", password + "x" if len(password) < 72 else "x"
    )


@pytest.mark.parametrize(("password", "cost"), [("a-short-password", 10), ("a-password-of-more-than-32-letters", 5)])
def test_a_line_of_another_cost_is_written_once(password: str, cost: int) -> None:
    """The next run changes the htpasswd line and nothing else; the run after it changes nothing."""
    first = _plan(password=password)
    other = bcrypt.hashpw(password.encode(), bcrypt.gensalt(15 - cost)).decode()
    private = secret_object(
        "dockerregistry-private", "ns", {**first.private, constants.HTPASSWD_KEY: f"registry:{other}"}
    )
    second = _plan(first.public_object(), private)
    assert second.private[constants.HTPASSWD_KEY].split("$")[2] == f"{cost:02}"
    assert second.public == first.public
    assert {key for key in first.private if second.private[key] != first.private[key]} == {constants.HTPASSWD_KEY}
    assert _plan(second.public_object(), second.private_object()) == second


def test_a_generated_password_has_a_fast_hash() -> None:
    """It is long."""
    assert _plan().private[constants.HTPASSWD_KEY].split("$")[2] == "05"


def test_given_values_win_and_change_the_fingerprint() -> None:
    """A new password results in a new hash. Nothing else changes."""
    first = _plan()
    second = _plan(first.public_object(), first.private_object(), password="new-password-given")
    assert second.public["password"] == "new-password-given"
    assert second.fingerprint() != first.fingerprint()
    assert second.private[constants.HTTP_SECRET_KEY] == first.private[constants.HTTP_SECRET_KEY]


def test_preset_credentials_are_taken() -> None:
    """A user's own Secret with only user name and password is completed, not replaced."""
    preset = {"metadata": {"labels": {}}, "data": {"username": "bWU=", "password": "c2VjcmV0LXdvcmQ="}}
    wanted = _plan(preset)
    assert (wanted.username, wanted.public["password"]) == ("me", "secret-word")


def test_http_secret_is_a_yaml_string() -> None:
    """Distribution reads it from the environment as YAML, so it is stored as a JSON string."""
    assert isinstance(json.loads(_plan().private[constants.HTTP_SECRET_KEY]), str)


def test_shown_has_keys_only() -> None:
    """A diff names what changes and shows no value."""
    first = _plan(password="old-password-here")
    second = _plan(first.public_object(), first.private_object(), password="new-password-here")
    text = json.dumps(visible_secret(second.public_object(), first.public_object()))
    assert "(new value)" in text and "(hidden)" in text
    for value in (*second.public_object()["data"].values(), "new-password-here"):
        if len(value) > 8:
            assert value not in text


def test_input_problems() -> None:
    """What htpasswd, bcrypt or Basic authentication cannot carry is reported by form, never by value."""
    assert htpasswd.username_problem("a:b") and htpasswd.username_problem("") and htpasswd.username_problem(" a")
    assert not htpasswd.username_problem("team-a")
    long = "x" * 73
    assert htpasswd.password_problem(long) and long not in htpasswd.password_problem(long)
    assert htpasswd.password_problem("a\nb") and not htpasswd.password_problem("a b")
