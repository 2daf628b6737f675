# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables that examples are run with hold nothing that no example uses; tests/api/test_examples.py runs the examples."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.support import examples

TEXT = examples.everything()
TABLES = {
    "WORDS": examples.WORDS,
    "VARIABLES": examples.VARIABLES,
    "ENVIRONMENT": examples.ENVIRONMENT,
    "OBJECTS": examples.OBJECTS,
    # One of the words leads to this file.
    "FILES": examples.FILES.keys() - {"key.json"},
}


@pytest.mark.parametrize(
    ("table", "entry"),
    [pytest.param(table, entry, id=f"{table}: {entry}") for table in TABLES for entry in sorted(TABLES[table])],
)
def test_every_entry_is_used(table: str, entry: str) -> None:
    """By an example, as a separate word."""
    assert re.search(rf"(?<![\w-]){re.escape(entry)}(?![\w-])", TEXT)


@pytest.mark.parametrize("entry", sorted(examples.WITH_OPERATOR), ids=": ".join)
def test_what_needs_an_operator_exists(entry: tuple[str, str]) -> None:
    """Every exception belongs to an example that exists."""
    listing, name = entry
    assert name in [task["name"] for task in yaml.safe_load(examples.modules()[listing])]


@pytest.mark.parametrize("name", examples.modules())
def test_several_examples(name: str) -> None:
    """The common uses of each module, each under its own name."""
    tasks = yaml.safe_load(examples.modules()[name])
    names = [task["name"] for task in tasks]
    assert len(names) == len(set(names))
    assert sum(examples.called(task) == name for task in tasks) >= 3


def test_there_are_plays() -> None:
    """Of the role: in its documentation and on the pages."""
    places = {place.partition(":")[0] for place in examples.plays()}
    assert places >= {"role", "README.md"}
