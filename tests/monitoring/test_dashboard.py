# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dashboard, read into Grafana's own types: what they do not know is lost on the way."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.support import monitoring
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

# The lab's cluster is not asked.
pytestmark = pytest.mark.beside
# Panels and queries have types of their own.
plugins.register_default_plugins()
Path = tuple[str | int, ...]


def _as_grafana_reads_it(dashboard: dict[str, Any]) -> dict[str, Any]:
    """All that is left of it."""
    return dict(json.loads(JSONEncoder().encode(Dashboard.from_json(copy.deepcopy(dashboard)))))


def _missing_paths(written: Any, read: Any, path: Path = ()) -> Iterator[Path]:
    """Where something that was written was read otherwise or not at all; defaults that were added do not count."""
    if isinstance(written, dict) and isinstance(read, dict):
        for key, value in written.items():
            if key in read:
                yield from _missing_paths(value, read[key], (*path, key))
            else:
                yield (*path, key)
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for position, pair in enumerate(zip(written, read, strict=True)):
            yield from _missing_paths(*pair, (*path, position))
    elif written != read:
        yield path


def _keys(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every key of every mapping."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(value, dict):
            yield (*path, key)
        yield from _keys(inner, (*path, key))


def _misspelt(dashboard: dict[str, Any], path: Path) -> dict[str, Any]:
    changed: Any = copy.deepcopy(dashboard)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[f"{path[-1]}x"] = place.pop(path[-1])
    return dict(changed)


def test_grafana_knows_all_that_is_written() -> None:
    """Options of panels, queries, thresholds, variables: nothing is misspelt, in the wrong place or of the wrong kind."""
    dashboard = monitoring.dashboard()
    assert list(_missing_paths(dashboard, _as_grafana_reads_it(dashboard))) == []


def test_every_misspelling_is_noticed() -> None:
    """Key by key, but for the query of a variable, which the data source reads."""
    dashboard = monitoring.dashboard()
    unnoticed = set()
    for path in _keys(dashboard):
        changed = _misspelt(dashboard, path)
        try:
            noticed = any(_missing_paths(changed, _as_grafana_reads_it(changed)))
        except (AttributeError, KeyError, TypeError, ValueError):
            noticed = True
        if not noticed:
            unnoticed.add(path)
    namespace = [item["name"] for item in dashboard["templating"]["list"]].index("namespace")
    assert unnoticed == {("templating", "list", namespace, "query", key) for key in ("query", "refId")}
