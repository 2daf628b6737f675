# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which regular expressions Go compiles. Each row was given to Go's package regexp."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.forms.go_pattern import is_go_pattern
from ansible_collections.kyma.docker_registry.tests.support.each import check_each

ACCEPTED = (
    "",
    r"^https?://([^/]+\.)?example\.com/",
    r"(?i)^https://EXAMPLE\.com$",
    r"^(?i:https)://(?P<host>[^/]+)/",
    r"^(?<host>[^/]+)/\z",
    r"^\p{Greek}\pL[[:alpha:]\pN]+\x{10FFFF}$",
    r"\Qexample.com/(?=\E.*",
    r"^*(?i)a",
    r"[(?=]a{2,1000}?",
    r"[]a]\012\_",
)
REJECTED = (
    "(",
    ")",
    "[a",
    "*a",
    "a**",
    "a++",
    "a{1001}",
    r"\pQ",
    "(?i)*",
    "[b-a]",
    "a\\",
    r"^(?=https)",
    r"^(?!http:)",
    r"(?<=a)b",
    r"(?<!a)b",
    r"(?>a)b",
    r"(?#note)a",
    r"(?P<a>b)(?P=a)",
    r"(a)\1",
    r"\u0041",
    r"a\Z",
    r"[\z]",
)


def test_accepted() -> None:
    """Also what Python writes in another way."""
    check_each(ACCEPTED, _check_accepted, str)


def test_rejected() -> None:
    """Also what Python accepts."""
    check_each(REJECTED, _check_rejected, str)


def _check_accepted(pattern: str) -> None:
    assert is_go_pattern(pattern)


def _check_rejected(pattern: str) -> None:
    assert not is_go_pattern(pattern)
