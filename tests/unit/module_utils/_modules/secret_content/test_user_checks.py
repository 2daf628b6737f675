# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_secret: the warning about a short password, whose slow hash costs throughput."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content import registry_user
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import htpasswd
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.credentials.secret_parts import run

SHORT = ("credentials-password-short", "warning")


@pytest.mark.parametrize(
    ("mode", "password", "warned"),
    [("direct", "x" * 31, True), ("direct", "x" * 32, False), ("direct", None, False), ("operator", "x" * 31, False)],
)
def test_a_short_password(mode: str, password: str | None, warned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In direct mode; the generated one is long, and an operator hashes in its own way."""
    result, cluster = run(monkeypatch, mode=mode, registry_password=password)
    assert not result.get("failed"), result
    found = [item for item in result["findings"] if (item["code"], item["severity"]) == SHORT]
    assert [item["path"] for item in found] == (["registry_password"] if warned else [])
    assert ("ns", constants.CREDENTIALS_SECRET) in cluster.applied


def test_a_short_password_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run warns, with the Secret as the place."""
    there = registry_user.resolve_registry_user("ns", 32137, None, None, None, "a-short-password")
    result, _cluster = run(monkeypatch, None, [there.public_object(), there.private_object()])
    (finding,) = [item for item in result["findings"] if (item["code"], item["severity"]) == SHORT]
    assert finding["path"] == f"Secret/{constants.CREDENTIALS_SECRET}"
    assert "a-short-password" not in str(result)


def test_the_warning_names_the_cost_of_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message and the hash take it from one place."""
    monkeypatch.setattr(htpasswd, "SLOW", 4)
    result, _cluster = run(monkeypatch, mode="direct", registry_password="x" * 31)
    (finding,) = [item for item in result["findings"] if item["code"] == SHORT[0]]
    assert "bcrypt cost 4." in finding["message"]
