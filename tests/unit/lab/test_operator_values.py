# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Helm's `--set` and YAML read what the operator hands them."""

from __future__ import annotations

from typing import Any

import pytest
from kymaoperator import gotypes
from kymaoperator.strvals import GrammarError, parse_into


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=b", {"a": "b"}),
        ("a.b=c", {"a": {"b": "c"}}),
        (r"a\.b=c", {"a.b": "c"}),
        ("a=1,b=true,c=null,d=012,e=", {"a": 1, "b": True, "c": None, "d": "012", "e": ""}),
        (r"a=x\,y\\z", {"a": r"x,y\z"}),
        (r"a=ab\cd", {"a": "abcd"}),
        ("a={x,1}", {"a": ["x", 1]}),
        (r"a=\{x\,1}", {"a": "{x,1}"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=99999999999999999999", {"a": "99999999999999999999"}),
    ],
)
def test_grammar(text: str, values: dict[str, Any]) -> None:
    """The grammar of `helm --set`."""
    found: dict[str, Any] = {}
    parse_into(text, found)
    assert found == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=b,c", 'key "c" has no value'),
        ("a=b,c,d=e", 'key "c" has no value (cannot end with ,)'),
        ("a={b", "list must terminate with '}'"),
    ],
)
def test_grammar_refuses(text: str, message: str) -> None:
    """What it says of texts that it does not take."""
    with pytest.raises(GrammarError) as refused:
        parse_into(text, {})
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("0123", 83),
        ("08", 8),
        ("0x1f", 31),
        ("1e5", 100000),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("a-b", "a-b"),
        ("http://minio:9000", "http://minio:9000"),
        ("a #b", "a"),
        ("-", "-"),
        ("1_000", 1000),
    ],
)
def test_bare_yaml(text: str, value: Any) -> None:
    """What becomes of values that a template writes without quotes."""
    assert gotypes.plain_scalar(text) == value
