"""Google's token endpoint, as far as a service account needs it: a signed JWT for a bearer token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from kymalab.clouds import names, rs256

AUDIENCE = f"https://{names.GCS_TOKEN_HOST}/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
# How far the clocks of the two sides may be apart.
SKEW = 300
_TIMEFRAME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    " Check your iat and exp values in the JWT claim."
)


@dataclass(frozen=True)
class Account:
    """A service account: its public key and the buckets that it may use."""

    modulus: int
    buckets: frozenset[str]


class Refused(Exception):
    """The endpoint's error: code and description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.answer = {"error": error, "error_description": description}


def exchange(body: str, accounts: dict[str, Account], key: bytes, now: float) -> dict[str, Any]:
    """Answer a request for a token, or raise Refused."""
    form = parse_qs(body)
    if form.get("grant_type") != [GRANT_TYPE]:
        raise Refused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', [''])[0]}")
    email = _verified_issuer(form.get("assertion", [""])[0], accounts, now)
    return {"access_token": issue(email, key, now), "expires_in": LIFETIME - 1, "token_type": "Bearer"}


def issue(email: str, key: bytes, now: float) -> str:
    """Return a token that says by itself whose it is and until when: it outlives a restart."""
    payload = f"{email}|{int(now) + LIFETIME}".encode()
    return f"ya29.{_encode(payload)}.{_encode(hmac.digest(key, payload, hashlib.sha256))}"


def owner(token: str, key: bytes, now: float) -> str | None:
    """Return whose token this is; None if it is not a valid one."""
    try:
        prefix, payload, mac = token.split(".")
        content = decode(payload)
        if prefix != "ya29" or not hmac.compare_digest(decode(mac), hmac.digest(key, content, hashlib.sha256)):
            return None
        email, _, expires = content.decode().partition("|")
    except ValueError:
        return None
    return email if int(expires) > now else None


def decode(text: str) -> bytes:
    """Decode base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _verified_issuer(assertion: str, accounts: dict[str, Account], now: float) -> str:
    """Return the account that signed a JWT which is good for a token."""
    try:
        header, claims, signature = assertion.split(".")
        algorithm = json.loads(decode(header))["alg"]
        said = json.loads(decode(claims))
        signed = decode(signature)
        email, issued, expires = str(said["iss"]), float(said["iat"]), float(said["exp"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("invalid_grant", "Invalid JWT: it cannot be parsed.") from error
    if email not in accounts:
        raise Refused("invalid_grant", "Invalid grant: account not found")
    if algorithm != "RS256" or not rs256.verify(accounts[email].modulus, f"{header}.{claims}".encode(), signed):
        raise Refused("invalid_grant", "Invalid JWT Signature.")
    if said.get("aud") != AUDIENCE:
        raise Refused("invalid_grant", f"Invalid JWT: Failed audience check. The right audience is {AUDIENCE}")
    if not now - SKEW < expires <= issued + LIFETIME or issued > now + SKEW:
        raise Refused("invalid_grant", _TIMEFRAME)
    if not said.get("scope"):
        raise Refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return email
