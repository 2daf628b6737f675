"""Verifies RSA signatures (PKCS #1 v1.5 with SHA-256) with nothing but integers."""

from __future__ import annotations

import hashlib

EXPONENT = 65537
# DER of the algorithm's name, which stands before the digest.
_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def verify(modulus: int, message: bytes, signature: bytes) -> bool:
    """Whether the key with this modulus has signed a message."""
    size = (modulus.bit_length() + 7) // 8
    if len(signature) != size:
        return False
    number = int.from_bytes(signature, "big")
    if number >= modulus:
        return False
    tail = _PREFIX + hashlib.sha256(message).digest()
    expected = b"\x00\x01" + b"\xff" * (size - len(tail) - 3) + b"\x00" + tail
    return pow(number, EXPONENT, modulus).to_bytes(size, "big") == expected
