# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of rendered templates, and values that users leave out with `omit`."""

from __future__ import annotations

import json

import pytest
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule
from ansible_collections.kyma.docker_registry.plugins.plugin_utils import rendered
from hypothesis import given
from hypothesis import strategies as some

OMIT = "__omit_place_holder__" + "0123456789" * 4


@given(some.text(some.characters(exclude_categories=["Cs"])))
def test_every_text_comes_through(text: str) -> None:
    """Whatever the filter to_json makes of a text is read as that text, by either way of writing it."""
    # YAML takes no key beyond 1024 characters, and one becomes ten at most; Kubernetes has no key of that length.
    content = {"value": text, text[:80]: 1}
    for ascii_only in (True, False):
        if ascii_only or text.isprintable():
            document = json.dumps(content, ensure_ascii=ascii_only)
            assert rendered.objects(f"---\n---\nspec: {document}\n") == [{"spec": content}]


@pytest.mark.parametrize(
    "text", ["\U0001f433", "\\\U0001f433", "\U0001f433\U00010000\U0010ffff", "\\ud83d\\ude00", "\x7f"]
)
def test_characters_that_json_writes_in_another_way(text: str) -> None:
    """An emoji, also behind a backslash; two escapes that the user wrote are not characters; DEL."""
    assert rendered.objects(f"a: {json.dumps(text)}") == [{"a": text}]


def test_a_text_of_a_class_of_its_own() -> None:
    """Ansible marks texts by their class."""

    class Marked(str):
        __slots__ = ()

    assert rendered.objects(Marked("a: 1\n---\nb: 2\n")) == [{"a": 1}, {"b": 2}]


def test_omitted_entries() -> None:
    """They are left out of mappings and lists at any depth; a text that only looks alike stays."""
    mapping = FilterModule().filters()["_mapping"]
    assert mapping({"a": OMIT, "b": {"c": OMIT, "d": [OMIT, 1]}, "e": f"{OMIT}0"}) == {"b": {"d": [1]}, "e": f"{OMIT}0"}
    assert mapping(OMIT) == {}


def test_omitted_entries_of_lists() -> None:
    """registry_tolerations and registry_image_pull_secrets reach the template as they are."""
    tolerations = [{"key": "a", "value": OMIT}, OMIT]
    assert rendered.objects(f"spec: {json.dumps({'tolerations': tolerations})}") == [
        {"spec": {"tolerations": [{"key": "a"}]}}
    ]
