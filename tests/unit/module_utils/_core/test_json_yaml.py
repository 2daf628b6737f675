# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON that YAML reads as well: Kubernetes reads a server-side apply as YAML, Distribution its configuration."""

from __future__ import annotations

import json
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import json_yaml
from hypothesis import example, given
from hypothesis import strategies as some

TEXT = some.text(some.characters(exclude_categories=("Cs",)), max_size=50)
VALUES = some.recursive(
    TEXT | some.integers() | some.booleans() | some.none(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXT, inner, max_size=4),
)


@given(VALUES)
@example({"\U0001f433": ["\U0001f433\U0010ffff", "\x00\x1f\x7f\x80\x85\x9f\xa0\u2028\u2029\ufeff\ufffe\uffff"]})
def test_both_read_the_value_back(value: Any) -> None:
    """Any value, in UTF-8 and on one line."""
    text = json_yaml.dumps(value)
    assert len(text.splitlines()) == 1
    assert json.loads(text.encode("utf-8")) == yaml.safe_load(text.encode("utf-8")) == value


def test_half_of_a_character() -> None:
    """It can be sent. The API server rejects it."""
    assert json_yaml.dumps("a\ud83db").encode("ascii") == rb'"a\ud83db"'
