"""The grammar of `helm --set`, in which the real operator hands values, unescaped, to its chart."""

from __future__ import annotations

from typing import Any

from kymaoperator.gotypes import go_quote

Values = dict[str, Any]
_MAX_INT64 = 2**63 - 1


class GrammarError(Exception):
    """A text that the grammar does not take."""


class _End(Exception):
    """The text is over."""


def parse_into(text: str, values: Values) -> None:
    """Set what `key=value[,key=value...]` says."""
    parser = _Parser(text)
    try:
        while True:
            parser.key(values)
    except _End:
        return


class _Parser:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def key(self, values: Values) -> None:
        """Read a key and its value."""
        name, last = self._until("=[,.")
        if last is None:
            if not name:
                raise _End
            raise GrammarError(f"key {go_quote(name)} has no value")
        if last == "[":
            raise GrammarError(f"lists by index are not supported here: {name}")
        if last == ",":
            values[name] = ""
            raise GrammarError(f"key {go_quote(name)} has no value (cannot end with ,)")
        if last == ".":
            inner = values.get(name)
            inner = inner if isinstance(inner, dict) else {}
            try:
                self.key(inner)
            finally:
                if inner:
                    values[name] = inner
            return
        self._value(name, values)

    def _value(self, name: str, values: Values) -> None:
        """Read what follows `=`: nothing, a list in braces, or text up to a comma."""
        if self._at == len(self._text):
            values[name] = ""
            raise _End
        if self._text[self._at] == "{":
            self._at += 1
            values[name] = self._list()
            return
        text, last = self._until(",")
        values[name] = typed(text)
        if last is None:
            raise _End

    def _list(self) -> list[Any]:
        """Read the rest of a list."""
        found: list[Any] = []
        while True:
            text, last = self._until(",}")
            if last is None:
                raise GrammarError("list must terminate with '}'")
            found.append(typed(text))
            if last == "}":
                if self._text[self._at : self._at + 1] == ",":
                    self._at += 1
                return found

    def _until(self, stops: str) -> tuple[str, str | None]:
        """Return the characters before a stop, and the stop; None at the end. A backslash takes the next as it is."""
        found: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character in stops:
                return "".join(found), character
            if character == "\\":
                if self._at == len(self._text):
                    break
                character = self._text[self._at]
                self._at += 1
            found.append(character)
        return "".join(found), None


def typed(text: str) -> Any:
    """Return what a value is taken for: a boolean, nothing, a number without leading zero, or text."""
    words: dict[str, Any] = {"true": True, "false": False, "null": None, "0": 0}
    if text.lower() in words:
        return words[text.lower()]
    digits = text[1:] if text[:1] in ("+", "-") else text
    if digits.isascii() and digits.isdigit() and text[0] != "0":
        number = int(text)
        if -_MAX_INT64 - 1 <= number <= _MAX_INT64:
            return number
    return text
