# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison of results with their documentation, which every test that runs a play makes, finds what it is for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.support import returns

ACTION = "kyma.docker_registry.registry_verify"
GOOD: dict[str, Any] = {"changed": False, "verified": True, "level": "none", "findings": []}
FINDING = {"code": "a", "severity": "info", "path": "b", "message": "c", "remedy": "d"}


@pytest.mark.parametrize(
    "values", [{}, {"findings": [FINDING]}, {"warnings": ["a"], "_ansible_no_log": False}, {"steps": ["a"]}]
)
def test_good(values: dict[str, Any]) -> None:
    """What is documented, and what Ansible adds."""
    assert returns.problems(ACTION, {**GOOD, **values}, failed=False) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"more": 1}, "more: is not documented"),
        ({"verified": "yes"}, "verified: is str, documented as bool"),
        ({"level": None}, "level: is null, which is not documented"),
        ({"findings": [{**FINDING, "hint": ""}]}, "findings.hint: is not documented"),
        ({"findings": [{**FINDING, "code": 1}]}, "findings.code: is int, documented as str"),
    ],
)
def test_bad(values: dict[str, Any], problem: str) -> None:
    """One problem each, by its place."""
    assert returns.problems(ACTION, {**GOOD, **values}, failed=False) == [f"{ACTION}: {problem}"]


def test_missing() -> None:
    """What is returned always, but for a task that failed."""
    assert returns.problems(ACTION, {"changed": False}, failed=False) == [
        f"{ACTION}: {key}: is not returned" for key in ("verified", "level", "findings")
    ]
    assert returns.problems(ACTION, {"changed": False, "failed": True, "msg": ""}, failed=True) == []


def test_others() -> None:
    """Modules that are not ours are not ours to document; a number is not a truth value."""
    assert returns.problems("ansible.builtin.debug", {"more": 1}, failed=False) == []
    secret = {"changed": True, "findings": [], "node_port": True}
    assert returns.problems("kyma.docker_registry.registry_secret", secret, failed=False) == [
        "kyma.docker_registry.registry_secret: node_port: is bool, documented as int"
    ]
