"""Values as Go's templates and yaml.v3 see them."""

from __future__ import annotations

import json
import re
from typing import Any

_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)


def go_quote(text: str) -> str:
    """Return what %q prints of plain texts."""
    return json.dumps(text, ensure_ascii=False)


def go_print(value: Any) -> str:
    """Return what a template prints of a value."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{' '.join(map(go_print, value))}]"
    return str(value)


def go_type(value: Any) -> str:
    """Return the name of a value's type in messages."""
    names = {bool: "bool", int: "int64", float: "float64", str: "string", list: "[]interface {}"}
    return names.get(type(value), "map[string]interface {}")


def truthy(value: Any) -> bool:
    """Whether `if` takes a value."""
    return bool(value)


def plain_scalar(text: str) -> Any:
    """Return what an unquoted value in YAML text becomes; ValueError where the text is not valid YAML."""
    text = text.strip()
    if text[:1] and text[0] in "@`%&*!|>\"'{[,":
        raise ValueError("did not find expected token")
    if ": " in text or text.endswith(":"):
        raise ValueError("mapping values are not allowed in this context")
    text = text.partition(" #")[0].rstrip()
    if text in _WORDS:
        return _WORDS[text]
    if _DATE.fullmatch(text):
        return f"{text}T00:00:00Z"
    if text[0] in "+-.0123456789":
        number = _integer(text.replace("_", ""))
        if number is not None:
            return number
        if _FLOAT.fullmatch(text):
            found = float(text)
            return int(found) if found.is_integer() and abs(found) < 1e15 else found
    return text


def _integer(text: str) -> int | None:
    """Read a number as strconv.ParseInt(text, 0, 64) does: 0x, 0o, 0b, and a leading zero for octal."""
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    bases = {"0x": 16, "0o": 8, "0b": 2}
    base, body = bases.get(digits[:2].lower(), 0), digits[2:]
    if not base:
        base, body = (8, digits[1:]) if digits[:1] == "0" and len(digits) > 1 else (10, digits)
    if not re.fullmatch("[0-9a-fA-F]+", body):
        return None
    try:
        number = int(sign + body, base)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**63 else None


def dump_yaml(value: Any, indent: int = 0) -> str:
    """Write maps, lists of scalars and scalars as `toYaml` does, keys in order; for values without surprises."""
    space = " " * indent
    lines = []
    for key in sorted(value):
        item = value[key]
        if isinstance(item, dict):
            lines.append(f"{space}{key}:\n{dump_yaml(item, indent + 2)}" if item else f"{space}{key}: {{}}")
        elif isinstance(item, list):
            lines.append(f"{space}{key}:")
            lines.extend(f"{space}- {_scalar(element)}" for element in item)
        else:
            lines.append(f"{space}{key}: {_scalar(item)}")
    return "\n".join(lines)


def _scalar(value: Any) -> str:
    """Write a scalar, quoted where it would be read as something else."""
    if not isinstance(value, str):
        return "null" if value is None else go_print(value)
    try:
        same = plain_scalar(value) == value and value == value.strip()
    except ValueError:
        same = False
    return value if same else go_quote(value)
