# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values for Distribution's environment: read back as YAML they are what they were, and Kubernetes expands nothing in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from hypothesis import example, given
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
# YAML's implicit keys end at 1024 characters.
KEYS = st.text(st.characters(exclude_categories=("Cs",)), max_size=50)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


def _same(left: Any, right: Any) -> bool:
    """Equal in value and in type, inside as well (True is not equal to 1 here)."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


@given(VALUES)
@example(1e16)
@example(-1e-07)
@example([1e22, {"a": 5e-324}])
@example({"<<": {"a": 1}, "=": "="})
@example("\x00\x07\x1b\x7f\x80\x85\x9f\xa0\u2028\u2029\ufeff\ufffe\uffff\U0001fffe\U0010ffff")
def test_yaml_reads_the_value_back(value: Any) -> None:
    """Any value of JSON's types; the result is JSON as well, one line, and holds no dollar sign."""
    text = env_value(value)
    assert _same(yaml.safe_load(text), value)
    assert _same(json.loads(text), value)
    assert "$" not in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "value",
    [
        "0123456", "0123", "123e4", "1e5", "123_456", "1_000", "0x1F", "0o17", "0b1", "1:30", "1.10", ".5", "+1", "-0",
        "yes", "no", "on", "off", "y", "n", "true", "false", "null", "~", "None", "", " ", " a ", "\t", "a\n", "\n",
        "2024-01-01", "2024-01-01T00:00:00Z", ".inf", ".nan", "-.Inf", "=", "<<", "-", "--", "---", "...", "?", ": ",
        "AK #x", "&AK x", "*AK", "!AK", "!!str x", "a: b", "{AK}", "[x", "]", "%AK", "@AK", "`AK", "'AK", '"AK', "|", ">",
        "$(HOME)", "$$(HOME)", "${HOME}", "$", "a\\nb", "\\", '\\"', "käse", "\U0001f600",
    ],
)  # fmt: skip
def test_known_traps_stay_text(value: str) -> None:
    """What YAML 1.1 or Kubernetes would take for something else."""
    text = env_value(value)
    assert yaml.safe_load(text) == value and text.startswith('"') and "$" not in text


def test_ordinary_values_are_readable() -> None:
    """No needless escapes."""
    assert env_value("käse/AKIA+b=") == '"käse/AKIA+b="'
    assert env_value({"enabled": True, "n": [1, None, 1.5]}) == '{"enabled": true, "n": [1, null, 1.5]}'
    assert env_value(()) == "[]" and env_value({}) == "{}"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")], "\ud800", {"a\udcff": 1}, ["\udfff"]])
def test_what_is_no_value(value: Any) -> None:
    """NaN, infinities and halves of characters."""
    with pytest.raises(ValueError):
        env_value(value)


@pytest.mark.parametrize("value", [b"bytes", {1}, object(), {"a": object()}, {1: "a"}, {None: 1}, [{True: 1}]])
def test_other_types(value: Any) -> None:
    """Nothing is converted silently, keys neither."""
    with pytest.raises(TypeError):
        env_value(value)
