# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key files of a service account, good and bad, around keys that are made anew in each run."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

_PEM = serialization.Encoding.PEM
_PKCS8 = serialization.PrivateFormat.PKCS8
_CLEAR = serialization.NoEncryption()


@functools.cache
def _rsa(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def _text(raw: bytes) -> str:
    return raw.decode("ascii")


def _changed(text: str) -> str:
    """One character of the base64 replaced, in the middle of a number."""
    at = len(text) // 2
    at += text[at] == "\n"
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@functools.cache
def private_key(kind: str = "good") -> str:
    """A private key in PEM, or what users take for one."""
    good = _text(_rsa().private_bytes(_PEM, _PKCS8, _CLEAR))
    lines = good.splitlines()
    makers = {
        "good": lambda: good,
        "pkcs1": lambda: _text(_rsa().private_bytes(_PEM, serialization.PrivateFormat.TraditionalOpenSSL, _CLEAR)),
        "least": lambda: _text(_rsa(1024).private_bytes(_PEM, _PKCS8, _CLEAR)),
        "short": _short,
        "encrypted": lambda: _text(
            _rsa().private_bytes(_PEM, _PKCS8, serialization.BestAvailableEncryption(b"password"))
        ),
        "curve": lambda: _text(ec.generate_private_key(ec.SECP256R1()).private_bytes(_PEM, _PKCS8, _CLEAR)),
        "public": lambda: _text(
            _rsa().public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        ),
        "cut": lambda: "\n".join([*lines[:10], lines[-1], ""]),
        "changed": lambda: _changed(good),
        "dirty": lambda: good.replace(lines[5], "*" + lines[5][1:]),
        "escaped": lambda: good.replace("\n", "\\n"),
    }
    return makers[kind]()


def _number(value: int) -> bytes:
    raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(raw)]) + raw


def _short() -> str:
    """A textbook key, which no library makes any more."""
    first, second, public = 61, 53, 17
    private = pow(public, -1, (first - 1) * (second - 1))
    numbers = (0, first * second, public, private, first, second, private % 60, private % 52, pow(second, -1, first))
    body = b"".join(map(_number, numbers))
    encoded = base64.b64encode(b"\x30" + bytes([len(body)]) + body).decode("ascii")
    return f"-----BEGIN RSA PRIVATE KEY-----\n{encoded}\n-----END RSA PRIVATE KEY-----\n"


def service_account(changes: Mapping[str, Any] | None = None) -> str:
    """A good key file with the changes; None takes a field away."""
    fields: dict[str, Any] = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": private_key(),
        "client_email": "registry@project.iam.gserviceaccount.com",
        "client_id": "123456789012345678901",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    fields.update(changes or {})
    return json.dumps({name: value for name, value in fields.items() if value is not None}, indent=2)
