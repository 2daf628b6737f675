# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that users write: folders, words for types, and what was meant."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import (
    kind_of,
    nearest,
    root_directory_problem,
)


@pytest.mark.parametrize("text", ["", "/", "a", "/a/b/", "a b", "a.b/..c"])
def test_folders(text: str) -> None:
    """Slashes at the ends change nothing."""
    assert root_directory_problem(text) == ""


@pytest.mark.parametrize("text", [" a", "a ", "a//b", "a/./b", "..", "a/..", "a\tb", "a\u200bb"])
def test_folders_that_are_none(text: str) -> None:
    """Each has its sentence."""
    assert root_directory_problem(text).endswith(".")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({}, "a mapping"),
        ([], "a list"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "text"),
        (None, "empty"),
        (b"", "of another type"),
    ],
)
def test_words_for_types(value: object, word: str) -> None:
    """A boolean is not a number here."""
    assert kind_of(value) == word


@pytest.mark.parametrize(
    ("name", "meant"), [("BUCKET", "bucket"), ("buckt", "bucket"), ("regionendpoint", "regionEndpoint"), ("zzz", None)]
)
def test_nearest(name: str, meant: str | None) -> None:
    """Case does not count; what is too far is not offered."""
    assert nearest(name, ["bucket", "region", "regionEndpoint"]) == meant
