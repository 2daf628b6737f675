# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forms in which a secret may turn up, and their removal from whatever leaves a task."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Set
from typing import Any
from urllib.parse import quote, quote_plus

from ansible.module_utils.common.parameters import remove_values, sanitize_keys

# Keys of a result that are never secrets, whatever their letters are.
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
# Shorter derived forms would mask ordinary words.
_SHORTEST_FORM = 6


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


def forms(secrets: Iterable[Any]) -> frozenset[str]:
    """Every text by which one of the secrets can be recognised: raw, base64, URL, JSON, SHA-256."""
    found: set[str] = set()
    for secret in secrets:
        if secret is None or secret == "" or isinstance(secret, bool):
            continue
        raw = secret if isinstance(secret, bytes) else str(secret).encode("utf-8", "surrogateescape")
        text = raw.decode("utf-8", "replace")
        found.add(text)
        derived = {
            *_base64_forms(raw),
            quote(text, safe=""),
            quote_plus(text),
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
    return sanitize_keys(remove_values(value, set(known)), set(known), _RESULT_KEYS)
