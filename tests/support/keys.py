# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key files of a service account, good and bad, around keys that each run creates."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
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
        "other-identifier": lambda: _armoured(_der().replace(b"\x0d\x01\x01\x01", b"\x0d\x01\x01\x0a"), "PRIVATE KEY"),
        "other-tag": lambda: _armoured(b"\x31" + _der()[1:], "PRIVATE KEY"),
        "longer": _longer,
        "empty": lambda: _armoured(b"", "PRIVATE KEY"),
        "modulus": lambda: _numbers({"modulus": _rsa().private_numbers().public_numbers.n + 2}),
        "exponent": lambda: _numbers({"private": _rsa().private_numbers().d + 2}),
        "one": lambda: _numbers({"first": 1, "second": _rsa().private_numbers().public_numbers.n}),
        "escaped": lambda: good.replace("\n", "\\n"),
    }
    return makers[kind]()


def _element(tag: int, content: bytes) -> bytes:
    """A DER element."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _armoured(der: bytes, label: str = "RSA PRIVATE KEY") -> str:
    body = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"


def _numbers(changes: Mapping[str, int]) -> str:
    """The good key's numbers with changes, as an RSAPrivateKey."""
    numbers = _rsa().private_numbers()
    values = {
        "version": 0,
        "modulus": numbers.public_numbers.n,
        "public": numbers.public_numbers.e,
        "private": numbers.d,
        "first": numbers.p,
        "second": numbers.q,
        "dp": numbers.dmp1,
        "dq": numbers.dmq1,
        "inverse": numbers.iqmp,
        **changes,
    }
    encoded = (_element(2, value.to_bytes(value.bit_length() // 8 + 1, "big")) for value in values.values())
    return _armoured(_element(0x30, b"".join(encoded)))


def _der() -> bytes:
    return _rsa().private_bytes(serialization.Encoding.DER, _PKCS8, _CLEAR)


def _longer() -> str:
    """The outermost length says one byte more than there is."""
    der = bytearray(_der())
    der[3] += 1
    return _armoured(bytes(der), "PRIVATE KEY")


def _short() -> str:
    """A textbook key, which no library makes any more."""
    return _numbers({"modulus": 61 * 53, "public": 17, "private": 2753, "first": 61, "second": 53})


def client_pair() -> tuple[str, str]:
    """A certificate for the user `nobody`, signed by itself, and its key, both as a kubeconfig holds them: PEM in base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    parts = (certificate.public_bytes(_PEM), key.private_bytes(_PEM, _PKCS8, _CLEAR))
    return base64.b64encode(parts[0]).decode("ascii"), base64.b64encode(parts[1]).decode("ascii")


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
