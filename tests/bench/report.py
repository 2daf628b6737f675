# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The measured part of docs/benchmarks.md: the machine, the table, the plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.kyma.docker_registry.tests.bench.measure import Counts, Row

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEAD = ("run", "min s", "median s", "max s", "CPU s", "ratio", "imports", "processes", "requests")
# Of the plot, in pixels.
_WIDTH, _NAMES, _RIGHT, _LINE, _TOP = 860, 300, 90, 28, 44
_BAR = 14
_COLOURS = {"site": "#0a6ed1", "info": "#0a6ed1"}
_OTHERS = "#8696a5"


def table(rows: Sequence[Row], counts: Mapping[str, Counts]) -> str:
    """Markdown."""
    lines = [_HEAD, ("---", *["---:"] * (len(_HEAD) - 1)), *(_cells(row, counts[row.title]) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Row, counted: Counts) -> tuple[str, ...]:
    numbers = [f"{value:.2f}" for value in (row.minimum, row.median, row.maximum, row.cpu, row.ratio)]
    return (
        row.title,
        *numbers,
        *(str(value or "") for value in (sum(counted.imports.values()), counted.processes)),
        str(counted.requests),
    )


def section(machine: str, rounds: int, objects: int, measured: str, plot: str) -> str:
    """What stands between the markers. measured: the table; plot: the picture's path from the page."""
    return f"""{machine} {rounds} rounds; {objects} objects.

{measured}

![Bars of the median time of each run, with a line from the shortest to the longest one; the table has the numbers]({plot})
"""


def insert(page: str, text: str) -> str:
    """The page with the text between its markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, "the page has no markers"
    return f"{before}{BEGIN}\n{text}{END}{after}"


def machine_text(facts: Mapping[str, Any]) -> str:
    """Sentences about the machine: what a reader needs to compare, and no name or path of it."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return f"Measured on {facts['date']}: {facts['processor']}, {facts['cores']} cores, {facts['memory']} GiB of memory; {versions}."


def plot(rows: Sequence[Row]) -> str:
    """The times as SVG: a bar to the median, a line from the shortest to the longest run, the ratio beside it."""
    scale = (_WIDTH - _NAMES - _RIGHT) / axis_end(max(row.maximum for row in rows))
    bottom = _TOP + _LINE * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{bottom + 30}" viewBox="0 0 {_WIDTH} {bottom + 30}"'
        ' font-family="Helvetica,Arial,sans-serif" font-size="13">',
        "<title>Seconds of runs that change nothing</title>",
        f'<rect width="{_WIDTH}" height="{bottom + 30}" fill="white"/>',
        f'<text x="{_NAMES}" y="20" font-weight="bold">Seconds of a run that changes nothing (ratio to floor + apply)</text>',
    ]
    for tick in ticks(max(row.maximum for row in rows)):
        x = _NAMES + tick * scale
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{bottom}" stroke="#d9dfe5"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#556270">{tick:g}</text>')
    for number, row in enumerate(rows):
        parts += _bar(row, _TOP + _LINE * number + _LINE / 2, scale)
    return "\n".join([*parts, "</svg>", ""])


def _bar(row: Row, middle: float, scale: float) -> list[str]:
    """One line of the plot."""
    left, median, right = (_NAMES + value * scale for value in (row.minimum, row.median, row.maximum))
    colour = _COLOURS.get(row.title.partition(" ")[0], _OTHERS)
    return [
        f'<text x="{_NAMES - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(row.title)}</text>',
        f'<rect x="{_NAMES}" y="{middle - _BAR / 2:.1f}" width="{median - _NAMES:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<line x1="{left:.1f}" y1="{middle:.1f}" x2="{right:.1f}" y2="{middle:.1f}" stroke="black"/>',
        f'<text x="{right + 6:.1f}" y="{middle + 4:.1f}">{row.median:.2f} ({row.ratio:.1f})</text>',
    ]


def ticks(longest: float) -> list[float]:
    """Round numbers from 0 to the first that is not below the longest time: at most eleven."""
    step = next(unit * 10**power for power in range(-2, 6) for unit in (1, 2, 5) if longest / (unit * 10**power) <= 10)
    found = [0.0]
    while found[-1] < longest:
        found.append(len(found) * step)
    return found


def axis_end(longest: float) -> float:
    """The last number of the axis."""
    return ticks(longest)[-1]
