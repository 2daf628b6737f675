# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagrams from text: boxes in rows of a grid, straight arrows between them, as an SVG that is readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLUMNS = 12
WIDTH = 1000
_MARGIN, _GUTTER, _PADDING = 24, 20, 14
_GAP = 46
_TITLE, _TEXT, _LABEL = 16, 13.5, 12.5
_LINE = 19
# The widest that a letter is on average, in parts of the font's size, among the usual fonts without serifs.
_LETTER = 0.56

_STYLE = """
    svg { font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; --page: #ffffff; --text: #1d2733;
      --soft: #52606d; --line: #7b8794; --start: #fff3d6; --code: #e6f0fb; --pure: #e4f5e9; --cluster: #ece8fb; --outside: #f1f3f5; }
    @media (prefers-color-scheme: dark) { svg { --page: #15191e; --text: #e8edf2; --soft: #a9b4c0; --line: #7b8794;
      --start: #43371a; --code: #1d3350; --pure: #1d3b29; --cluster: #332b57; --outside: #272d34; } }
    .page { fill: var(--page); } .title { font-weight: 600; font-size: 16px; } .text { font-size: 13.5px; }
    text { fill: var(--text); } .label { font-size: 12.5px; fill: var(--soft); paint-order: stroke;
      stroke: var(--page); stroke-width: 6px; stroke-linejoin: round; } .group { fill: none; stroke: var(--line); stroke-dasharray: 5 4; }
    .box { stroke: var(--line); } .arrow { stroke: var(--line); stroke-width: 1.6; fill: none; } .head { fill: var(--line); }
    .start { fill: var(--start); } .code { fill: var(--code); } .pure { fill: var(--pure); } .cluster { fill: var(--cluster); }
    .outside { fill: var(--outside); }
"""


@dataclass(frozen=True)
class Box:
    """A box: from which column, over how many, and what stands in it. kind names its colour."""

    name: str
    column: int
    span: int
    kind: str
    title: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Arrow:
    """From one box to another, straight: down (or up) where they share columns, across within a row."""

    start: str
    end: str
    label: str = ""


@dataclass(frozen=True)
class Group:
    """A dashed frame around boxes."""

    title: str
    names: Sequence[str]


@dataclass(frozen=True)
class Diagram:
    """Rows of boxes from top to bottom. text: the same in words, for those who do not see it."""

    title: str
    text: str
    rows: Sequence[Sequence[Box]]
    arrows: Sequence[Arrow]
    groups: Sequence[Group] = ()


@dataclass(frozen=True)
class _Place:
    left: float
    top: float
    right: float
    bottom: float


def _fits(text: str, size: float, width: float) -> str:
    """The text, escaped. Raises ValueError where it would leave its place."""
    if len(text) * size * _LETTER > width:
        raise ValueError(f"does not fit into {width:.0f}: {text}")
    return escape(text)


def _places(diagram: Diagram) -> tuple[dict[str, _Place], float]:
    """Where each box is, and the height of the whole."""
    unit = (WIDTH - 2 * _MARGIN + _GUTTER) / COLUMNS
    grouped = {name for group in diagram.groups for name in group.names}
    found: dict[str, _Place] = {}
    top: float = _MARGIN
    inside = False
    for row in diagram.rows:
        if inside != (inside := any(box.name in grouped for box in row)):
            # Room for the frame and its title.
            top += 1.5 * _LINE
        height = 2 * _PADDING + max(_LINE * len(box.lines) for box in row) + _TITLE
        for box in row:
            left = _MARGIN + unit * box.column
            found[box.name] = _Place(left, top, left + unit * box.span - _GUTTER, top + height)
        top += height + _GAP
    return found, top - _GAP + _MARGIN + (_PADDING if inside else 0)


def _box(box: Box, at: _Place) -> list[str]:
    width = at.right - at.left - 2 * _PADDING
    x, y = at.left + _PADDING, at.top + _PADDING + _TITLE - 3
    out = [
        f'<rect class="box {box.kind}" x="{at.left:.0f}" y="{at.top:.0f}" width="{at.right - at.left:.0f}"'
        f' height="{at.bottom - at.top:.0f}" rx="8"/>',
        f'<text class="title" x="{x:.0f}" y="{y:.0f}">{_fits(box.title, _TITLE, width)}</text>',
    ]
    for number, line in enumerate(box.lines, 1):
        text = _fits(line, _TEXT, width)
        out.append(f'<text class="text" x="{x:.0f}" y="{y + number * _LINE + 2:.0f}">{text}</text>')
    return out


def _arrow(arrow: Arrow, start: _Place, end: _Place) -> list[str]:
    if start.top == end.top:
        forth = start.left < end.left
        x1, x2 = (start.right, end.left) if forth else (start.left, end.right)
        y1 = y2 = (start.top + start.bottom) / 2
        x2 += -7 if forth else 7
        label = ((x1 + x2) / 2, y1 - 7, "middle")
    else:
        left, right = max(start.left, end.left), min(start.right, end.right)
        if left >= right:
            raise ValueError(f"no straight way from {arrow.start} to {arrow.end}")
        x1 = x2 = (left + right) / 2
        down = start.top < end.top
        y1, y2 = (start.bottom, end.top - 7) if down else (start.top, end.bottom + 7)
        # Beside the end, where an arrow that passes other rows has nothing else around it.
        label = (x1 + 9, end.top - _GAP / 2 + 4 if down else end.bottom + _GAP / 2 + 4, "start")
    out = [f'<path class="arrow" marker-end="url(#head)" d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"/>']
    if arrow.label:
        x, y, anchor = label
        out.append(
            f'<text class="label" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{_fits(arrow.label, _LABEL, WIDTH - x)}</text>'
        )
    return out


def _group(group: Group, places: Sequence[_Place]) -> list[str]:
    left, right = min(at.left for at in places) - _PADDING / 2, max(at.right for at in places) + _PADDING / 2
    top, bottom = min(at.top for at in places) - 1.6 * _LINE, max(at.bottom for at in places) + _PADDING
    return [
        f'<rect class="group" x="{left:.0f}" y="{top:.0f}" width="{right - left:.0f}" height="{bottom - top:.0f}" rx="10"/>',
        f'<text class="label" x="{left + _PADDING:.0f}" y="{top + _LINE:.0f}">{_fits(group.title, _LABEL, right - left)}</text>',
    ]


def svg(diagram: Diagram) -> str:
    """The diagram. Raises ValueError for a text that does not fit, KeyError for an arrow to no box."""
    places, height = _places(diagram)
    body = [
        '<marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0L8 4L0 8z"/></marker>',
        f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="12"/>',
    ]
    for arrow in diagram.arrows:
        body += _arrow(arrow, places[arrow.start], places[arrow.end])
    # After the arrows, which their titles interrupt.
    for group in diagram.groups:
        body += _group(group, [places[name] for name in group.names])
    for row in diagram.rows:
        for box in row:
            body += _box(box, places[box.name])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
        ' role="img" aria-labelledby="title text">'
    )
    words = f'<title id="title">{escape(diagram.title)}</title>\n  <desc id="text">{escape(diagram.text)}</desc>'
    return "\n  ".join([head, words, f"<style>{_STYLE}  </style>", *body]) + "\n</svg>\n"
