# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key files that came as mappings: the parts of the key are masked, names are not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import ansible_module
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import key_documents
from ansible_collections.kyma.docker_registry.tests.support import keys

KEY_FILE: dict[str, Any] = json.loads(keys.service_account({"refresh_token": "c4n4ry", "numbers": [7, {"a": "deep"}]}))
LINES = [line for line in KEY_FILE["private_key"].splitlines() if not line.startswith("-----")]


def _masked(values: Any, **others: Any) -> set[str]:
    """What is masked where Ansible has marked every value of the masked options."""
    params = {"secret_source": {"values": values, "files": None, "environment": None}, "manifest": None, **others}
    return ansible_module.collect_secrets(SOURCES, params, SOURCES.secrets(params))


def test_known_keys() -> None:
    """Those of Google's key files, in both backends that take one."""
    assert {"accountkey", "base64EncodedPrivateKeyData"} == key_documents.document_keys()


def test_a_key_file() -> None:
    """The whole as it goes into the Secret, the private key with its lines, and fields that hold no name."""
    masked = _masked({"accountkey": KEY_FILE, "other": "other"})
    assert {json.dumps(KEY_FILE), KEY_FILE["private_key"], *LINES} <= masked
    assert {KEY_FILE["private_key_id"], "c4n4ry", "deep", "other"} <= masked
    shown = {KEY_FILE[name] for name in ("type", "project_id", "client_email", "client_id", "auth_uri", "token_uri")}
    assert shown & masked == set()


@pytest.mark.parametrize(
    "masked",
    [
        _masked({"accountkey": KEY_FILE, "other": KEY_FILE["project_id"]}),
        _masked({"accountkey": KEY_FILE}, manifest=KEY_FILE["project_id"]),
        _masked({"accountkey": {**KEY_FILE, "private_key_id": KEY_FILE["project_id"]}}),
        _masked({"accountkey": KEY_FILE, "base64EncodedPrivateKeyData": {"unknown": KEY_FILE["project_id"]}}),
        _masked({"other": KEY_FILE}),
    ],
)
def test_a_name_that_is_also_a_secret(masked: set[str]) -> None:
    """It is masked: as another value, in another option, in another field, in another document; and under an unknown key."""
    assert KEY_FILE["project_id"] in masked


@pytest.mark.parametrize(
    "values", [None, "text", {}, {"accountkey": "{key"}, {"accountkey": ["item"]}, {"accountkey": {"private_key": 5}}]
)
def test_other_shapes(values: Any) -> None:
    """What is not a key file stays masked as it came."""
    texts = {"{key"} if values == {"accountkey": "{key"} else {"item"} if values == {"accountkey": ["item"]} else set()
    assert texts <= _masked(values)
    assert ansible_module.collect_secrets(SOURCES, {"secret_source": "text", "manifest": None}, {"word"}) == {
        "text",
        "word",
    }
