# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a terminal with its colours, as an SVG that is readable on light and dark pages."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from html import escape

_COLUMNS = 116
_SIZE, _LINE, _MARGIN, _BAR = 13, 18, 16, 30
# Of all usual fonts whose letters are of one width; where another one is a little off, textLength sets it right.
_LETTER = 0.6 * _SIZE
_CODES = re.compile(r"\x1b\[([\d;]*)m")
_OTHER_CODES = re.compile(r"\x1b\[[\d;?]*[A-Za-ln-z]|\r")
_COLOURS = {
    "30": "#8b98a5",
    "31": "#ff8080",
    "32": "#7bd88f",
    "33": "#f5cf65",
    "34": "#7ab7ff",
    "35": "#e39bf5",
    "36": "#66d9e8",
    "37": "#e8edf2",
}


def _lines(text: str) -> Iterator[list[tuple[str, str]]]:
    """Lines as pieces of colour and text, none longer than the window."""
    colour = ""
    for line in _OTHER_CODES.sub("", text).rstrip("\n").split("\n"):
        pieces: list[tuple[str, str]] = []
        # Every other part is a code.
        for number, part in enumerate(_CODES.split(line)):
            if number % 2:
                known = [_COLOURS[code] for code in part.split(";") if code in _COLOURS]
                colour = known[-1] if known else ""
            elif part:
                pieces.append((colour, part))
        yield from _wrapped(pieces)


def _wrapped(pieces: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    plain = "".join(text for _colour, text in pieces)
    if len(plain) <= _COLUMNS:
        yield pieces
        return
    # What is that long has one colour.
    indent = re.match(r" *", plain)
    assert indent is not None
    for line in textwrap.wrap(plain, _COLUMNS, subsequent_indent=indent[0] + "  ", break_on_hyphens=False):
        yield [(pieces[-1][0], line)]


def _line(pieces: list[tuple[str, str]], y: float) -> str:
    out, column = "", 0
    for colour, text in pieces:
        bare = text.lstrip(" ")
        column += len(text) - len(bare)
        if bare:
            fill = f' fill="{colour}"' if colour else ""
            x, length = _MARGIN + column * _LETTER, len(bare) * _LETTER
            out += f'<text x="{x:.1f}" y="{y:.0f}" textLength="{length:.1f}"{fill}>{escape(bare)}</text>'
        column += len(bare)
    return out


def svg(title: str, text: str) -> str:
    """The terminal's window. title: what is seen, for those who do not see it."""
    lines = list(_lines(text))
    width, height = _COLUMNS * _LETTER + 2 * _MARGIN, len(lines) * _LINE + _BAR + 1.5 * _MARGIN
    rows = [_line(pieces, _BAR + _MARGIN + number * _LINE + _SIZE - 4) for number, pieces in enumerate(lines)]
    buttons = "".join(
        f'<circle cx="{_MARGIN + 4 + 18 * number}" cy="{_BAR / 2:.0f}" r="5.5" fill="{colour}"/>'
        for number, colour in enumerate(("#ff6b60", "#f5bf4f", "#61c555"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
        f' role="img" aria-labelledby="title">\n  <title id="title">{escape(title)}</title>\n'
        "  <style>text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;"
        f" font-size: {_SIZE}px; white-space: pre; }}</style>\n"
        f'  <rect width="{width:.0f}" height="{height:.0f}" rx="10" fill="#1b2128"/>\n  {buttons}\n'
        '  <g fill="#d5dce3">\n' + "".join(f"    {row}\n" for row in rows if row) + "  </g>\n</svg>\n"
    )
