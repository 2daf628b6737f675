# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Prometheus would have scraped from a registry and its node, and the same as series for promtool."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support import monitoring

_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

# Name and labels of a series.
Series = tuple[str, frozenset[tuple[str, str]]]
Scrape = dict[Series, float]


def parsed(exposition: str, target: Mapping[str, str] | None = None) -> Scrape:
    """The samples of Prometheus' text format. target: labels that Prometheus adds to each."""
    found: Scrape = {}
    for line in exposition.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        assert match, f"no sample: {line}"
        labels = {**dict(_LABEL.findall(match[2] or "")), **(target or {})}
        found[match[1], frozenset(labels.items())] = float(match[3])
    return found


def labels_of(scrape: Iterable[Series]) -> dict[str, set[str]]:
    """Metric to the names of labels that its series have."""
    found: dict[str, set[str]] = {}
    for name, labels in scrape:
        found.setdefault(name, set()).update(label for label, _value in labels)
    return found


def input_series(scrapes: Sequence[Scrape]) -> list[dict[str, str]]:
    """The scrapes, one after the other, as promtool's tests take them. A series that a scrape lacks has a gap there."""
    every = sorted(
        {series for scrape in scrapes for series in scrape}, key=lambda series: (series[0], sorted(series[1]))
    )
    return [
        {
            "series": name + "{" + ", ".join(f'{label}="{value}"' for label, value in sorted(labels)) + "}",
            "values": " ".join(
                f"{scrape[name, labels]:.9f}" if (name, labels) in scrape else "_" for scrape in scrapes
            ),
        }
        for name, labels in every
    ]


def unknown(expression: str, known: Mapping[str, set[str]]) -> set[str]:
    """What an expression names and nothing has: a metric, or a label of one. known: as of `labels_of`. Labels of some Pods count as known."""
    found = set()
    offered: set[str] = set()
    for selector in monitoring.selectors(expression):
        found |= {
            f"{selector.metric}.{label}"
            for label in selector.labels - known.get(selector.metric, set()) - monitoring.pod_labels()
        }
        if selector.metric not in known:
            found.add(selector.metric)
        offered |= known.get(selector.metric, set())
    return found | (monitoring.grouped_by(expression) - offered)


def question(expression: str) -> str:
    """An expression that is 1 where the given one has a value that is a number, and else nothing."""
    return f"count(({expression}) > -Inf) > bool 0"


def questions(expressions: Iterable[str], scrapes: Sequence[Scrape], seconds: int) -> dict[str, Any]:
    """A test for promtool: at the time of the last scrape every expression has a value. seconds: between two scrapes."""
    return {
        "input_series": input_series(scrapes),
        "promql_expr_test": [
            {
                "expr": question(expression),
                "eval_time": f"{(len(scrapes) - 1) * seconds}s",
                "exp_samples": [{"labels": "{}", "value": 1}],
            }
            for expression in expressions
        ],
    }
