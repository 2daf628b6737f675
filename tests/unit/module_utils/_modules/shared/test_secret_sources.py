# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a storage Secret's values come from: what cannot be read is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import (
    collect_secrets,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import secret_sources
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_values import VARIABLES
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


def _read_values(option: str, origin: Any) -> dict[str, bytes]:
    return secret_sources.read_given_values(
        make_context({"secret_source": {option: {"key": origin}}}, check_mode=False)
    )


@pytest.mark.parametrize(
    ("option", "origin", "code"),
    [
        ("values", 123, "secret-value-not-text"),
        ("values", "half \ud800", "secret-value-not-text"),
        ("files", "/none/here", "secret-file-unreadable"),
        ("files", "/none\0/here", "secret-file-unreadable"),
        ("files", "/none/\ud800", "secret-file-unreadable"),
        ("environment", "KYMA_TEST_NOT_SET", "secret-variable-empty"),
        ("environment", "half \ud800", "secret-variable-empty"),
        ("environment", "A\0B", "secret-variable-empty"),
        ("environment", "", "secret-variable-empty"),
    ],
)
def test_what_cannot_be_read(option: str, origin: Any, code: str) -> None:
    """One finding with the place in the user's input, in characters that every terminal can show."""
    with pytest.raises(Refusal) as caught:
        _read_values(option, origin)
    (finding,) = caught.value.findings
    assert (finding.code, finding.path) == (code, f"{VARIABLES[option]}.key")
    assert finding.text().isprintable() and finding.remedy


@pytest.mark.parametrize("option", ["files", "environment"])
@pytest.mark.parametrize(
    "value", ['K+/"\\? &2f7c1e9b55d04z', json.dumps({"private_key": "a\nb"}), "AKIAEXAMPLEKEYID12345", "/q9Zx+ab/cd=="]
)
def test_a_value_in_the_place_of_its_name(option: str, value: str) -> None:
    """It is not repeated, and masked."""
    with pytest.raises(Refusal) as caught:
        _read_values(option, value)
    (finding,) = caught.value.findings
    assert f" {value} " not in finding.text() and repr(value) not in finding.text()
    params = {"secret_source": {option: {"key": value}}}
    assert value in collect_secrets(secret_sources.SOURCES, params, [])


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("files", "/etc/none.json"),
        ("files", "/etc/none/key.json"),
        ("files", "./key.json"),
        ("files", "~/key.json"),
        ("environment", "AZURE_ACCOUNT_KEY_NOT_SET"),
    ],
)
def test_names_are_shown(option: str, name: str) -> None:
    """What looks like the path or the name that belongs there helps to find the mistake, and masks nothing."""
    with pytest.raises(Refusal) as caught:
        _read_values(option, name)
    assert repr(name) in caught.value.findings[0].message
    assert collect_secrets(secret_sources.SOURCES, {"secret_source": {option: {"key": name}}}, []) == set()


def test_bytes_that_are_no_text_go_through() -> None:
    """Ansible gives them as single halves of characters, each of which means one byte."""
    assert _read_values("values", "key\udcff") == {"key": b"key\xff"}
    assert _read_values("values", {"type": "service_account"}) == {"key": b'{"type": "service_account"}'}


@pytest.mark.parametrize("value", ["x", "abc", " ab "])
def test_a_value_too_short(value: str) -> None:
    """It is rejected by the name of its key: masked, it would take parts out of most words. Names may be short."""
    source = {"values": {"user": value, "password": value, "container": value}}
    with pytest.raises(Refusal) as caught:
        secret_sources.read_given_values(make_context({"secret_source": source}, check_mode=False))
    assert [(item.code, item.path) for item in caught.value.findings] == [
        ("secret-too-short", "registry_storage_secret.user"),
        ("secret-too-short", "registry_storage_secret.password"),
    ]
