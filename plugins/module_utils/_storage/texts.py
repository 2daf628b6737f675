# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of text from users: similar names, control characters and folders. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

# Control, invisible formatting (byte order mark, zero-width), surrogates, line and paragraph separators.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# An integer, as text.
DIGITS = re.compile(r"-?[0-9]{1,18}")
# Said of a driver parameter.
IS_CREDENTIAL = "is a credential. It would be in plain text in config.yml."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant: the most similar, regardless of case."""
    choices = {choice.lower(): choice for choice in known}
    close = difflib.get_close_matches(name.lower(), choices, n=1, cutoff=0.6)
    return choices[close[0]] if close else None


def suggest_name(name: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name."""
    choices = list(known)
    suggestion = nearest(name, choices)
    return f"Did you mean {suggestion}?" if suggestion else f"Known: {', '.join(sorted(choices))}."


def has_control(text: str) -> bool:
    """True if the text holds a character that is not seen: control, line end, zero-width, half a surrogate pair."""
    return any(unicodedata.category(char) in _UNWANTED for char in text)


def kind_of(value: object) -> str:
    """The value's type as users know it; never the value, which may be a misplaced secret."""
    names: tuple[tuple[type, str], ...] = (
        (dict, "a mapping"),
        (list, "a list"),
        (bool, "a boolean"),
        (int, "a number"),
        (float, "a number"),
        (str, "text"),
        (type(None), "empty"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "of another type")


def root_directory_problem(text: str) -> str:
    """What is wrong with a root directory in a store, '' if nothing is. A slash at either end changes nothing."""
    if has_control(text):
        return "contains a control character or a line break."
    if text != text.strip():
        return "has leading or trailing white space."
    parts = text.strip("/").split("/")
    if text.strip("/") and any(part in ("", ".", "..") for part in parts):
        return "contains an empty part, '.' or '..'."
    return ""
