# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed, in paths."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import changed_fields, has_changed
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


def test_paths() -> None:
    """Items of lists by name; bookkeeping left out."""
    before = {
        "metadata": {"resourceVersion": "1", "labels": {"a": "1"}},
        "spec": {"c": [{"name": "x", "v": 1}], "d": 1},
    }
    after = {
        "metadata": {"resourceVersion": "2", "labels": {"a": "1", "b": "2"}},
        "spec": {"c": [{"name": "x", "v": 2}], "e": {"f": {"g": 1}}},
    }
    assert changed_fields(before, after) == ["metadata.labels.b", "spec.c[x].v", "spec.d", "spec.e.f.g"]


def test_a_new_object() -> None:
    """All its fields."""
    assert changed_fields(None, {"kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "geheim"}}) == [
        "data.k",
        "metadata.name",
    ]


@given(VALUES, VALUES)
def test_equal_means_no_path(one: Any, other: Any) -> None:
    """And never raises."""
    assert changed_fields({"spec": one}, {"spec": one}) == []
    paths = changed_fields({"spec": one}, {"spec": other})
    assert one != other or not paths


@given(st.lists(st.integers(), max_size=100))
def test_the_list_has_a_bound(keys: list[int]) -> None:
    """At most fifty."""
    assert len(changed_fields(None, {"data": {str(key): "x" for key in keys}})) <= 50


def _object(entry: Any, **content: Any) -> dict[str, Any]:
    return {"metadata": {"managedFields": [entry]}, **content}


def test_what_counts_as_a_change() -> None:
    """Content and our ownership; not times, others' ownership, or a status that was not applied."""
    mine = {"manager": "m", "operation": "Apply", "apiVersion": "v1", "time": "1", "fieldsV1": {"f:a": {}}}
    before = _object(mine, spec=1, status=1)
    assert not has_changed(before, _object({**mine, "time": "2"}, spec=1, status=2), "m")
    assert not has_changed(_object({"manager": "x"}, spec=1), _object({"manager": "y"}, spec=1), "m")
    assert has_changed(before, _object(mine, spec=2, status=1), "m")
    assert has_changed(before, _object({**mine, "fieldsV1": {}}, spec=1, status=1), "m")
    assert has_changed(before, _object(mine, spec=1, status=2), "m", "status")
