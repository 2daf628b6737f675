# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands for Google in the lab: signatures, tokens, permissions."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from kymalab.clouds import google_access, google_tokens, rs256
from kymalab.clouds.google_access import Answer, Request
from kymalab.clouds.google_tokens import Account, Refused

NOW = 1_800_000_000.0
KEY = b"key of the tokens"
EMAIL = "registry@kyma-lab.iam.gserviceaccount.com"
OTHER_ACCOUNT = "forbidden@kyma-lab.iam.gserviceaccount.com"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
MODULUS = PRIVATE.public_key().public_numbers().n
ACCOUNTS = {EMAIL: Account(MODULUS, frozenset({"one"})), OTHER_ACCOUNT: Account(MODULUS, frozenset())}
BUCKETS = frozenset({"one", "two"})


def sign(message: bytes, key: rsa.RSAPrivateKey = PRIVATE) -> bytes:
    """Sign as Google's libraries do."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def encode(content: bytes) -> str:
    """Encode as base64url."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def body(key: rsa.RSAPrivateKey = PRIVATE, grant: str = google_tokens.GRANT_TYPE, **changed: Any) -> str:
    """Return a request for a token."""
    claims = {"iss": EMAIL, "aud": google_tokens.AUDIENCE, "iat": NOW, "exp": NOW + 3600, "scope": "s", **changed}
    text = f"{encode(json.dumps({'alg': 'RS256', 'typ': 'JWT'}).encode())}.{encode(json.dumps(claims).encode())}"
    return urlencode({"grant_type": grant, "assertion": f"{text}.{encode(sign(text.encode(), key))}"})


def refusal(method: str, target: str, **headers: str) -> Answer | None:
    """Ask whether a request may pass."""
    request = Request(method, target, {name.replace("_", "-"): value for name, value in headers.items()})
    return google_access.refusal(request, ACCOUNTS, BUCKETS, KEY, NOW)


def signed(method: str = "GET", path: str = "/one/a%20b", expires: int = int(NOW) + 60) -> str:
    """Return a signed address."""
    signature = base64.b64encode(sign(f"{method}\n\n\n{expires}\n{path}".encode())).decode()
    return f"{path}?Expires={expires}&GoogleAccessId={quote(EMAIL)}&Signature={quote(signature, safe='')}"


def test_a_signature_is_that_of_this_key_and_this_message() -> None:
    """Checked against another implementation."""
    signature = sign(b"message")
    assert rs256.verify(MODULUS, b"message", signature)
    assert not rs256.verify(MODULUS, b"massage", signature)
    assert not rs256.verify(MODULUS, b"message", sign(b"message", OTHER))
    assert not rs256.verify(MODULUS, b"message", signature[:-1])
    assert not rs256.verify(MODULUS, b"message", b"\xff" * len(signature))


def test_a_token_is_its_owners_until_it_expires() -> None:
    """And cannot be made up."""
    token = google_tokens.exchange(body(), ACCOUNTS, KEY, NOW)["access_token"]
    assert google_tokens.owner(token, KEY, NOW) == EMAIL
    assert google_tokens.owner(token, KEY, NOW + 3601) is None
    assert google_tokens.owner(token, b"other", NOW) is None
    assert google_tokens.owner(f"{token}x", KEY, NOW) is None
    assert google_tokens.owner("nonsense", KEY, NOW) is None


@pytest.mark.parametrize(
    ("request_body", "error", "description"),
    [
        (body(OTHER), "invalid_grant", "Invalid JWT Signature."),
        (body(iss="nobody@kyma-lab.iam.gserviceaccount.com"), "invalid_grant", "account not found"),
        (body(aud="https://elsewhere"), "invalid_grant", "audience"),
        (body(iat=NOW + 7200, exp=NOW + 10800), "invalid_grant", "reasonable timeframe"),
        (body(iat=NOW - 7200, exp=NOW - 3600), "invalid_grant", "reasonable timeframe"),
        (body(exp=NOW + 86400), "invalid_grant", "reasonable timeframe"),
        (body(scope=""), "invalid_scope", "scope"),
        (body(grant="password"), "unsupported_grant_type", "password"),
        (f"grant_type={quote(google_tokens.GRANT_TYPE)}&assertion=a.b.c", "invalid_grant", "cannot be parsed"),
        ("", "unsupported_grant_type", ""),
    ],
)
def test_the_token_endpoint_refuses(request_body: str, error: str, description: str) -> None:
    """In Google's words."""
    with pytest.raises(Refused) as caught:
        google_tokens.exchange(request_body, ACCOUNTS, KEY, NOW)
    assert caught.value.answer["error"] == error
    assert description in caught.value.answer["error_description"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/storage/v1/b/one/o?prefix=x"),
        ("POST", "/upload/storage/v1/b/one/o?uploadType=resumable&name=x"),
        ("DELETE", "/storage/v1/b/one/o/x"),
        ("GET", "/one/some/object"),
    ],
)
def test_a_token_opens_the_accounts_buckets(method: str, path: str) -> None:
    """No token, another bucket, no bucket: three different answers."""
    token = google_tokens.issue(EMAIL, KEY, NOW)
    assert refusal(method, path, Authorization=f"Bearer {token}") is None
    anonymous = refusal(method, path)
    assert anonymous is not None
    assert anonymous.status == 401
    other = refusal(method, path.replace("one", "two"), Authorization=f"Bearer {token}")
    assert other is not None
    assert other.status == 403
    missing = refusal(method, path.replace("one", "none"), Authorization=f"Bearer {token}")
    assert missing is not None
    assert missing.status == 404
    assert "The specified bucket does not exist." in missing.body


def test_errors_have_the_form_of_the_api_that_was_used() -> None:
    """JSON or XML."""
    spoken_json = refusal("GET", "/storage/v1/b/one/o", Authorization="Bearer wrong")
    assert spoken_json is not None
    assert json.loads(spoken_json.body)["error"]["errors"][0]["reason"] == "authError"
    spoken_xml = refusal("GET", "/none/object", Authorization=f"Bearer {google_tokens.issue(EMAIL, KEY, NOW)}")
    assert spoken_xml is not None
    assert "<Code>NoSuchBucket</Code>" in spoken_xml.body


def test_an_upload_goes_on_at_the_address_that_it_was_given() -> None:
    """The address itself is the permission."""
    assert refusal("PUT", "/upload/resumable/0123") is None


@pytest.mark.parametrize("target", ["/_internal/config", "/", ""])
def test_nothing_but_buckets_is_offered(target: str) -> None:
    """The emulator's own interface stays inside."""
    answer = refusal("GET", target, Authorization=f"Bearer {google_tokens.issue(EMAIL, KEY, NOW)}")
    assert answer is not None
    assert answer.status == 404


def test_a_signed_address_opens_what_it_names() -> None:
    """Without any token."""
    assert refusal("GET", signed()) is None
    assert refusal("HEAD", signed("HEAD")) is None


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("HEAD", signed(), 403, "SignatureDoesNotMatch"),
        ("GET", signed().replace("a%20b", "a%20c"), 403, "SignatureDoesNotMatch"),
        ("GET", signed().replace("Expires=1", "Expires=9"), 403, "SignatureDoesNotMatch"),
        ("GET", signed().replace("registry%40", "nobody%40"), 403, "SignatureDoesNotMatch"),
        ("GET", signed().partition("&Signature")[0], 403, "SignatureDoesNotMatch"),
        ("GET", signed(expires=int(NOW) - 1), 400, "ExpiredToken"),
        ("GET", signed(path="/two/a"), 403, "AccessDenied"),
        ("GET", signed(path="/none/a"), 404, "NoSuchBucket"),
    ],
)
def test_a_signed_address_that_was_changed_opens_nothing(method: str, target: str, status: int, code: str) -> None:
    """Method, object, time, account and signature belong together."""
    answer = refusal(method, target)
    assert answer is not None
    assert answer.status == status
    assert f"<Code>{code}</Code>" in answer.body
