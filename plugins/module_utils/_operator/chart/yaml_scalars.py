# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How YAML reads a text without quotes: the operator's chart pastes values so, and Distribution reads variables so. Pure."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["text", "word", "boolean", "null", "number", "moment", "broken"]

_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
# YAML 1.1 has these booleans too: text for what applies the Deployment, a boolean for Distribution (region `no` -> false).
_WORD = re.compile(r"y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
_NULL = re.compile(r"|~|null|Null|NULL")
# Of a text without its underscores, which have no effect.
_NUMBER = re.compile(
    r"[-+]?(0[bB][-+]?[01]+|0[oO]?[-+]?[0-7]+|0[xX][-+]?[0-9a-fA-F]+|[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?"
    r"|\.[0-9]*([eE][-+]?[0-9]+)?|[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?|\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?")
_FIRST = re.compile(r"[\[\]{},#&*!|>'\"%@`]|[-?:](?=\s|$)|<<$|=$|(---|\.\.\.)(?=\s|$)")
_INNER = re.compile(r":\s|:$|\s#|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def kind(text: str) -> Kind:
    """What the text is without quotes. text: it stays what it is, for every reader; word: only for readers of YAML 1.2."""
    if text != text.strip() or _FIRST.match(text) or _INNER.search(text):
        return "null" if not text.strip(" ") else "broken"
    if _NUMBER.fullmatch(text.replace("_", "")):
        return "number"
    patterns: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("boolean", _BOOLEAN),
        ("word", _WORD),
        ("null", _NULL),
        ("moment", _MOMENT),
    )
    return next((name for name, pattern in patterns if pattern.fullmatch(text)), "text")


def is_plain(text: str) -> bool:
    """True if every reader of YAML takes the text for itself."""
    return kind(text) == "text"
