# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quantities as the API server stores them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.quantity import (
    half_quantity,
    parse_quantity,
    same_quantity,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1024Mi", "1Gi"),
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1e3", "1E3"),
        ("100k", "0.1M"),
        (1, "1"),
        (0.5, "500m"),
        ("1.", "1"),
    ],
)
def test_two_spellings_of_one_quantity(one: Any, other: Any) -> None:
    """In either order."""
    assert same_quantity(one, other)
    assert same_quantity(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("1Gi", "1073741824"), ("1Gi", "1G"), ("1e3", "1000"), ("1", True), ("a", "a"), (None, None)]
)
def test_what_the_server_stores_in_two_ways(one: Any, other: Any) -> None:
    """Formats count."""
    assert not same_quantity(one, other)


@pytest.mark.parametrize("value", ["", "Gi", "1 Gi", "1gi", "--1", "1e", ".", True, None, [], {}])
def test_no_quantities(value: Any) -> None:
    """Texts and other values."""
    assert parse_quantity(value) is None


NEARLY = st.from_regex(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]*|[numkMGTPE]i?)?", fullmatch=True)


@given(st.one_of(NEARLY, st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none()))
def test_never_raises(value: Any) -> None:
    """For any value there is an amount that can be compared, or none."""
    found = parse_quantity(value)
    assert found is None or found[0].is_finite()


@given(st.integers(min_value=0, max_value=10**6), st.sampled_from(["Ki", "Mi", "Gi", "Ti"]))
def test_binary_steps(amount: int, suffix: str) -> None:
    """1024 of a unit are one of the next."""
    below = {"Ki": "", "Mi": "Ki", "Gi": "Mi", "Ti": "Gi"}[suffix]
    if below:
        assert same_quantity(f"{amount}{suffix}", f"{amount * 1024}{below}")


@pytest.mark.parametrize(
    ("value", "half"),
    [("800Mi", "419430400"), ("1", "500m"), (0.5, "250m"), ("15m", "7m"), ("1Gi", "536870912"), ("much", "much")],
)
def test_half(value: Any, half: str) -> None:
    """Rounded down, so that two halves are never more than the whole."""
    assert half_quantity(value) == half
