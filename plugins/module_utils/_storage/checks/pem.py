# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a text is an RSA private key in PEM armour, as far as the standard library can show it: armour, base64, DER, numbers. Pure.

Google's client takes PKCS#8 and PKCS#1 (golang.org/x/oauth2/internal, ParseKey); RFC 8017 appendix A.1.2 lists the numbers.
"""

from __future__ import annotations

import base64
import binascii
import re

_ARMOUR = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_PKCS8, _PKCS1 = "PRIVATE KEY", "RSA PRIVATE KEY"
_INTEGER, _OCTETS, _IDENTIFIER, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_RSA = bytes.fromhex("2a864886f70d010101")
# Google issues 2048 bits; crypto/rsa rejects below 1024.
_SHORTEST = 1024
_LONGEST_TEXT = 32 * 1024


class _NotDer(Exception):
    """The bytes are not what the grammar requires."""


def problem(text: str) -> str:
    """What is wrong with the key, '' if it is an RSA private key. Nothing of the text is in it."""
    if len(text) > _LONGEST_TEXT:
        return "is too long for a key."
    if "\\n" in text:
        return "has the two characters \\n instead of line breaks: it was escaped once too often."
    armour = _ARMOUR.search(text)
    if armour is None:
        return "has no lines -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----."
    label, body = armour[1], armour[2]
    if label not in (_PKCS8, _PKCS1):
        return "is encrypted, or is PEM of another type than an RSA private key."
    try:
        der = base64.b64decode("".join(body.split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return "is not valid base64: characters are invalid or missing."
    try:
        numbers = _numbers(_unwrapped(der) if label == _PKCS8 else der)
    except _NotDer:
        return "does not contain an RSA private key: it is incomplete, or a key of another type."
    return _number_problem(numbers)


def _element(data: bytes, at: int, wanted: int) -> tuple[bytes, int]:
    """Content of the DER element at the offset, and the offset behind it."""
    if at + 2 > len(data) or data[at] != wanted:
        raise _NotDer
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + length > len(data):
        raise _NotDer
    return data[start : start + length], start + length


def _unwrapped(der: bytes) -> bytes:
    """The RSAPrivateKey inside a PKCS#8 PrivateKeyInfo."""
    info, _end = _element(der, 0, _SEQUENCE)
    _version, at = _element(info, 0, _INTEGER)
    algorithm, at = _element(info, at, _SEQUENCE)
    identifier, _end = _element(algorithm, 0, _IDENTIFIER)
    if identifier != _RSA:
        raise _NotDer
    return _element(info, at, _OCTETS)[0]


def _numbers(der: bytes) -> list[int]:
    """Version, modulus, exponents, primes, and the rest of an RSAPrivateKey."""
    body, _end = _element(der, 0, _SEQUENCE)
    numbers, at = [], 0
    for _index in range(9):
        raw, at = _element(body, at, _INTEGER)
        numbers.append(int.from_bytes(raw, "big", signed=True))
    return numbers


def _number_problem(numbers: list[int]) -> str:
    _version, modulus, public, private, first, second = numbers[:6]
    if modulus.bit_length() < _SHORTEST:
        return f"is shorter than {_SHORTEST} bits."
    consistent = min(first, second) > 1 and first * second == modulus
    if not consistent or any((public * private) % (prime - 1) != 1 for prime in (first, second)):
        return "contains numbers that do not match each other: the key was changed or is incomplete."
    return ""
