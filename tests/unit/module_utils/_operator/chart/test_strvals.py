# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The grammar of --set and of YAML, against what Helm 3.18.6 and Go's YAML libraries said of the same texts; and versions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart import yaml_scalars
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.strvals import Parsed, escape, parse
from ansible_collections.kyma.docker_registry.tests.support.each import check_each
from hypothesis import given
from hypothesis import strategies as st

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "fixtures/strvals-helm-3.18.6.json").read_text())
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.text("ab,\\{}=.[]0129-+ \n", max_size=12)


def _text(row: dict[str, Any]) -> str:
    return repr(row["text"])


def test_as_helm() -> None:
    """The same value, or an error, and the same further keys."""

    def check(row: dict[str, Any]) -> None:
        found = parse(row["text"])
        assert bool(found.error) == row["error"]
        if not row["error"]:
            value = found.value
            shown = list(value) if isinstance(value, tuple) else value
            assert (shown, type(shown)) == (row["value"], type(row["value"]))
            assert bool(found.injected) == row["injects"]

    check_each(VECTORS, check, _text)


def test_as_yaml() -> None:
    """What is called text is text for both libraries."""

    def check(row: dict[str, Any]) -> None:
        kind = yaml_scalars.kind(row["text"])
        if kind in ("text", "word"):
            assert row["yaml3"]
        if kind == "text":
            assert row["yaml2"]

    check_each(VECTORS, check, _text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc,def", Parsed("abc", error="a key has no value")),
        ("abc,replicaCount=3", Parsed("abc", ("replicaCount",))),
        ("abc,a.b={1,2},c=d", Parsed("abc", ("a.b", "c"))),
        ("x,a[0]=2", Parsed("x", ("a[0]",))),
        ("x,a[y]=2", Parsed("x", error="error parsing index")),
        ("abc,", Parsed("abc")),
        ("ab\\cd", Parsed("abcd")),
        ("a\\", Parsed("a")),
        ("{a,1}", Parsed(("a", 1))),
        ("{a", Parsed(error="list must terminate with '}'")),
        ("x,a={b", Parsed("x", ("a",), "list must terminate with '}'")),
        ('{"a": 1}\n', Parsed(('"a": 1',), error="a key has no value")),
        ("123", Parsed(123)),
        ("0123", Parsed("0123")),
        ("0", Parsed(0)),
        ("9223372036854775808", Parsed("9223372036854775808")),
        ("TRUE", Parsed(True)),
        ("null", Parsed(None)),
        ("", Parsed("")),
    ],
)
def test_unescaped(text: str, expected: Parsed) -> None:
    """What was observed, and its neighbours."""
    assert parse(text) == expected


@given(TEXTS)
def test_escape_round_trip(text: str) -> None:
    """Every text comes back, but for those that are typed."""
    found = parse(escape(text))
    typed = re.fullmatch(r"[+-]?[0-9]+|(?i:true|false|null)", text)
    assert found == Parsed(found.value if typed else text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("123", 123),
        ("-5", -5),
        ("+5", 5),
        ("0", 0),
        ("true", True),
        ("FALSE", False),
        ("Null", None),
        ("0123", "0123"),
        ("1.5", "1.5"),
        ('"123"', '"123"'),
        ("{true}", "{true}"),
    ],
)
def test_escape_keeps_no_type_away(text: str, value: object) -> None:
    """No escape helps: quotes for the next reader do."""
    found = parse(escape(text))
    assert found == Parsed(value) and type(found.value) is type(value)


@given(TEXTS)
def test_json_is_always_carried(text: str) -> None:
    """Which is why values are JSON-encoded first."""
    assert parse(escape(json.dumps(text))) == Parsed(json.dumps(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("images", "text"),
        ("minio:9000", "text"),
        ("http://a:9000", "text"),
        ("-x", "text"),
        ("a=", "text"),
        ("no", "word"),
        ("Y", "word"),
        ("true", "boolean"),
        ("null", "null"),
        ("~", "null"),
        ("", "null"),
        ("0123", "number"),
        ("1e5", "number"),
        ("123_456", "number"),
        ("12:30", "number"),
        (".inf", "number"),
        ("2024-01-01", "moment"),
        ("AK #x", "broken"),
        ("&AK x", "broken"),
        ("a: b", "broken"),
        ("@AK", "broken"),
        (" a", "broken"),
        ("a\n", "broken"),
        ("- a", "broken"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    """Those of the operator's and Distribution's notes."""
    assert yaml_scalars.kind(text) == kind and yaml_scalars.is_plain(text) == (kind == "text")
