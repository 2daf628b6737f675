# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a secret is in a text, in any form from which it can be read or recognised."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

# Every kind of character that one of the forms changes.
_AWKWARD = '+/"\\? &'
_LENGTH = 24
_SHORTEST_LINE = 8


def canary() -> str:
    """A fresh secret of 24 characters that every encoding changes; letters at its ends."""
    middle = _AWKWARD + secrets.token_hex(_LENGTH)[: _LENGTH - len(_AWKWARD) - 2]
    return f"K{middle}z"


def pieces(value: str) -> set[str]:
    """The secret parts of a credential: the whole, its longer lines, and of a document (a key file, perhaps in base64) the lines of its private key."""
    try:
        document = json.loads(value if value.startswith("{") else base64.b64decode(value, validate=True))
        lines = document["private_key"].splitlines()
    except (ValueError, TypeError, KeyError):
        return {value, *(line for line in value.splitlines() if len(line) >= _SHORTEST_LINE)}
    return {value, *(line for line in lines if not line.startswith("-----"))}


def forms(secret: str) -> dict[str, str]:
    """The secret's forms by name."""
    raw = secret.encode()
    found = {
        "raw": secret,
        "URL": quote(secret, safe=""),
        "URL with plus": quote_plus(secret),
        "repr": repr(secret)[1:-1],
        "JSON": json.dumps(secret)[1:-1],
        "JSON in JSON": json.dumps(json.dumps(secret)[1:-1])[1:-1],
        "hex": raw.hex(),
        "hex in capitals": raw.hex().upper(),
        "reversed": secret[::-1],
        "SHA-256": hashlib.sha256(raw).hexdigest(),
    }
    for lead in range(3):
        # Filled up on both sides, and without the groups that the filling has a part in.
        trail = -(lead + len(raw)) % 3
        text = base64.b64encode(b"." * lead + raw + b"." * trail).decode("ascii")
        inner = text[4 if lead else 0 : -4 if trail else None]
        found[f"base64 at {lead}"] = inner
        found[f"base64 for URLs at {lead}"] = inner.replace("+", "-").replace("/", "_")
    return found


def found(texts: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """`place: form` for each form of one of the secrets in one of the texts; never the secret itself."""
    return [
        f"{place}: {form} of secret {number}"
        for number, secret in enumerate(known)
        for form, text in forms(secret).items()
        for place, content in texts.items()
        if text in content
    ]
