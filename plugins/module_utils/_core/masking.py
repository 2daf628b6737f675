# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forms in which a secret can appear, and their removal from everything that a task returns."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any
from urllib.parse import quote, quote_plus

from ansible.module_utils.common.parameters import remove_values, sanitize_keys

# Keys of a result that are never masked, even if a secret has the same text.
_RESULT_KEYS = frozenset(
    (
        "changed",
        "failed",
        "msg",
        "diff",
        "before",
        "after",
        "findings",
        "warnings",
        "skipped",
        "invocation",
        "exception",
    )
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]{0,30}(_[A-Z0-9]{1,30})+")
_LONGEST_PATH = 255
# Shorter derived forms would mask ordinary words.
_SHORTEST_FORM = 6
# A shorter secret would mask parts of most texts, so it is rejected instead.
SHORTEST_SECRET = 4
# A shorter secret does not mask a part of a key: keys are the collection's own words, or words of the field.
SHORTEST_IN_KEYS = 8


def _base64_forms(raw: bytes) -> Iterable[str]:
    """The stable middle part of the value's base64 at each of the three alignments, in both alphabets."""
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + raw).decode("ascii")
        # Characters that also encode a neighbour's bits differ with the neighbour: leave them out.
        start = (0, 2, 3)[lead]
        end = len(text) - (0, 3, 2)[(lead + len(raw)) % 3]
        middle = text[start:end]
        yield middle
        yield middle.replace("+", "-").replace("/", "_")


def _bytes(text: str) -> bytes:
    """The bytes of the text, also if they are not UTF-8 (halves of characters)."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def secret_forms(secrets: Iterable[Any]) -> frozenset[str]:
    """Every text by which one of the secrets can be recognised: raw, base64, URL, JSON, SHA-256."""
    found: set[str] = set()
    for secret in secrets:
        if secret in (None, "", b"") or isinstance(secret, bool):
            continue
        text = secret.decode("utf-8", "surrogateescape") if isinstance(secret, bytes) else str(secret)
        raw = _bytes(text)
        found.add(text)
        derived = {
            *_base64_forms(raw),
            quote(raw, safe=""),
            quote_plus(raw),
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            hashlib.sha256(raw).hexdigest(),
        }
        found.update(form for form in derived if len(form) >= _SHORTEST_FORM)
    return frozenset(found)


def mask(value: Any, known: Set[str]) -> Any:
    """The value without any of the known forms, in values and in dictionary keys, at any depth."""
    if not known:
        return value
    # The longest first, else a short one that is part of it would leave the rest.
    ordered = sorted(known, key=lambda form: (-len(form), form))
    in_keys = [form for form in ordered if len(form) >= SHORTEST_IN_KEYS]
    return sanitize_keys(remove_values(value, ordered), in_keys, _RESULT_KEYS)


def mask_result(result: Mapping[str, Any], known: Set[str]) -> dict[str, Any]:
    """The result of a task as mask() returns it, with the collection's own words: its keys, and codes and severities of findings."""
    masked = {key: mask(value, known) for key, value in result.items()}
    for item, shown in zip(result.get("findings") or (), masked.get("findings") or (), strict=True):
        shown.update({name: item[name] for name in ("code", "severity") if name in item})
    return masked


def may_show_path(text: str) -> bool:
    """True for a path that may be shown. False for any other text: it may be a credential in the place of the path of its file."""
    if len(text) > _LONGEST_PATH or not text.isprintable():
        return False
    if text.startswith(("./", "../", "~/")):
        return True
    # A credential in base64 can begin with a slash: an absolute path is shown only if it or its first folder exists.
    root = "/".join(text.split("/")[:2])
    return os.path.exists(text) or (root not in ("/", text) and text.startswith("/") and os.path.isdir(root))


def may_show_variable(text: str) -> bool:
    """True for the name of an environment variable that may be shown. False for any other text: it may be a credential."""
    return bool(_VARIABLE.fullmatch(text)) or (text.isprintable() and text in os.environ)
