# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helm's --set grammar (strvals), through which the operator passes every value, unescaped. Pure.

Escaping was verified with the real operator: an escaped key file arrived byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | int | bool | tuple[Value, ...] | None"

_ESCAPED = re.compile(r"[\\,]")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_INT64 = range(-(2**63), 2**63)
_KEY_STOPS = "=[,."
_OPEN_LIST = "list must terminate with '}'"
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Parsed:
    """The result for one value. injected: names of further chart values that the text sets.

    error: '' or what strvals says, as far as it is not part of the value. The operator's own error text contains the whole value.
    """

    value: Value = ""
    injected: tuple[str, ...] = ()
    error: str = field(default="")


def escape(text: str) -> str:
    """The text as it has to be written so that strvals reads it back; numbers, booleans and null stay typed."""
    escaped = _ESCAPED.sub(lambda match: "\\" + match[0], text)
    return "\\" + escaped if escaped.startswith("{") else escaped


def parse(text: str) -> Parsed:
    """The result of strvals for `key=text`."""
    reader = _Reader(text)
    if text.startswith("{"):
        reader.position = 1
        return _list(reader)
    value, _stop = reader.until(",")
    return _read_injected(reader, _typed(value))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def until(self, stops: str) -> tuple[str, str]:
        """Text up to one of the stops, without backslashes that escape, and the stop; '' at the end."""
        found: list[str] = []
        while not self.at_end:
            char = self.text[self.position]
            self.position += 1
            if char in stops:
                return "".join(found), char
            if char == "\\":
                # A lone one at the end is lost.
                found.append(self.text[self.position : self.position + 1])
                self.position += 1
            else:
                found.append(char)
        return "".join(found), ""


def _list(reader: _Reader) -> Parsed:
    items: list[Value] = []
    while True:
        text, stop = reader.until(",}")
        if not stop:
            return Parsed(error=_OPEN_LIST)
        items.append(_typed(text))
        if stop == "}":
            break
    if not reader.at_end and reader.text[reader.position] == ",":
        reader.position += 1
    return _read_injected(reader, tuple(items))


def _read_injected(reader: _Reader, value: Value) -> Parsed:
    """What follows the value is read as further `key=value`."""
    injected: list[str] = []
    name = ""
    while not reader.at_end:
        part, stop = reader.until(_KEY_STOPS)
        name += part
        if stop == "=":
            first, *inner = name.split(".")
            # A name with an empty part sets nothing, and is an error unless the value is empty or only the first part is.
            if "" in inner and not reader.at_end:
                return Parsed(value, tuple(injected), "a key map has no value")
            injected += [name] if first and "" not in inner else []
            name = ""
            if not _skip_value(reader):
                return Parsed(value, tuple(injected), _OPEN_LIST)
        elif stop == ".":
            name += "."
        elif stop == "[":
            index, closed = reader.until("]")
            if not closed or not _WHOLE.fullmatch(index):
                return Parsed(value, tuple(injected), "error parsing index")
            name += f"[{index}]"
        elif part or stop:
            return Parsed(value, tuple(injected), "a key has no value")
    return Parsed(value, tuple(injected))


def _skip_value(reader: _Reader) -> bool:
    """Passes one value; False if it is a list without an end."""
    if reader.text[reader.position : reader.position + 1] != "{":
        reader.until(",")
        return True
    _items, closed = reader.until("}")
    if reader.text[reader.position : reader.position + 1] == ",":
        reader.position += 1
    return bool(closed)


def _typed(text: str) -> Value:
    folded = text.casefold()
    if folded in _WORDS and len(text) == len(folded):
        return _WORDS[folded]
    if text == "0":
        return 0
    if _WHOLE.fullmatch(text) and not text.startswith("0") and len(text) <= 20 and int(text) in _INT64:
        return int(text)
    return text
