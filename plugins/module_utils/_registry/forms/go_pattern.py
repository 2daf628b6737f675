# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Go's package regexp (RE2) can compile a regular expression. Pure.

The parts that Go and Python write differently are checked here; then Python compiles the rest.
"""

from __future__ import annotations

import re
import warnings

_ESCAPE = r"\\(?:[pP](?:\{\^?\w+\}|[CLMNPSZ])|x(?:\{[0-9a-fA-F]{1,6}\}|[0-9a-fA-F]{2})|[0-7]{2,3}|0|.)"
_PART = re.compile(
    rf"""
    (?P<quote>\\Q.*?(?:\\E|$))
    |(?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
    |(?P<group>\(\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?[:)])?)
    |(?P<repetition>(?:[*+?]|\{{\d+(?:,\d*)?\}})\??)
    |(?P<escape>{_ESCAPE})
    |(?P<character>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPE_IN_CLASS = re.compile(rf"\[:\^?\w+:\]|{_ESCAPE}", re.DOTALL)
# Letters after a backslash, without those of a class of Unicode (p) and of a code (x), and those that are places and not characters.
_CHARACTERS = frozenset("aftnrvdDsSwW")
# Go accepts a repetition after them, Python only after a group.
_PLACES = {
    name: f"(?:{place})"
    for name, place in (("^", "^"), ("$", "$"), (r"\A", r"\A"), (r"\b", r"\b"), (r"\B", r"\B"), (r"\z", r"\Z"))
}
_MOST_REPETITIONS = 1000


def is_go_pattern(pattern: str) -> bool:
    """Whether Go accepts the regular expression."""
    try:
        text = _in_python(pattern)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (ValueError, re.error, OverflowError, RecursionError):
        return False
    return True


def _in_python(pattern: str) -> str:
    """The expression in the syntax of Python. Raises ValueError if Go rejects a part."""
    parts, repeated = [], False
    for found in _PART.finditer(pattern):
        kind, text = str(found.lastgroup), found[0]
        if kind == "repetition" and (
            repeated or any(int(number) > _MOST_REPETITIONS for number in re.findall(r"\d+", text))
        ):
            raise ValueError(text)
        repeated = kind == "repetition"
        if kind == "quote":
            text = re.escape(text[2:].removesuffix(r"\E"))
        elif kind == "class":
            text = text[0] + _ESCAPE_IN_CLASS.sub(lambda item: _escape(item[0]), text[1:])
        elif kind == "group":
            text = _group(text)
        elif text in _PLACES:
            text = _PLACES[text]
        elif kind == "escape":
            text = _escape(text)
        parts.append(text)
    return "".join(parts)


def _group(text: str) -> str:
    if text == "(?":
        raise ValueError(text)
    if text.endswith(">"):
        return text if text.startswith("(?P") else f"(?P{text[2:]}"
    # Flags do not decide whether an expression is valid. Python accepts those of the whole expression only at its beginning.
    return "(?:" if text.endswith(":") else ""


def _escape(text: str) -> str:
    """An escape of a character or of a class."""
    if text.startswith("["):
        return r"\w"
    escaped = text[1]
    if escaped in "pP" and len(text) > 2:
        return r"\w"
    if escaped.isalnum() or not escaped.isascii():
        coded = (escaped == "x" and len(text) > 2) or escaped == "0" or (escaped.isdecimal() and len(text) > 2)
        if not coded and escaped not in _CHARACTERS:
            raise ValueError(text)
        return "x" if coded else text
    return re.escape(escaped)
