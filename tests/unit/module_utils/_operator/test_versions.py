# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases of Kyma's operator."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import versions


@pytest.mark.parametrize(
    ("version", "known", "grammar", "login"),
    [
        ("0.15.0", True, True, True),
        ("0.8.0", True, True, True),
        ("v0.7.3", True, True, False),
        ("0.7", True, True, False),
        ("0.6.9", False, False, False),
        ("0.15.9", True, True, True),
        ("0.16.0", False, True, True),
        ("1.0.0-rc1", False, True, True),
        ("main", False, True, True),
        ("", False, True, True),
        (None, False, True, True),
    ],
)
def test_release(version: str | None, known: bool, grammar: bool, login: bool) -> None:
    """What is unknown or newer has every fault."""
    found = versions.release(version)
    assert (found.known, found.strvals, found.omits_login) == (known, grammar, login)
    assert found.version == version


def test_names() -> None:
    """Every release that was looked at has names; one that is unknown has the newest."""
    for version in ("0.6.9", "0.7.0", "0.15.0", "0.16.0", None):
        names = versions.release(version).names
        assert names.chart_value("section", "value") == "section.value"
        assert "{name}" in names.secret_missing and "{driver}" in names.credentials_digest
