"""Whether Google Cloud Storage would let a request through, and what it would answer if not."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from kymalab.clouds import google_tokens, rs256
from kymalab.clouds.google_tokens import Account

# Prefix of the JSON API's paths before the bucket.
_JSON_PREFIXES = ("/storage/v1/b/", "/upload/storage/v1/b/", "/download/storage/v1/b/")
# Who has been given such an address may use it, as with Google.
_SESSION_PREFIX = "/upload/resumable/"
# What is looked at of a request's headers.
HEADERS = ("Authorization", "Content-MD5", "Content-Type")
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "create", "PATCH": "update", "DELETE": "delete"}
_NO_BUCKET = "The specified bucket does not exist."
_WRONG_SIGNATURE = (
    "Access denied. The request signature we calculated does not match the signature you provided."
    " Check your Google secret key and signing method."
)


@dataclass(frozen=True)
class Request:
    """What matters of a request."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def is_json(self) -> bool:
        """Whether the request is one of the JSON API; the XML API has a different form of errors."""
        return self.path.startswith(_JSON_PREFIXES)

    @property
    def bucket(self) -> str:
        """The bucket that the path names."""
        prefix = next((prefix for prefix in _JSON_PREFIXES if self.path.startswith(prefix)), "/")
        return unquote(self.path.removeprefix(prefix).partition("/")[0])


@dataclass(frozen=True)
class Answer:
    """An answer that refuses."""

    status: int
    content_type: str
    body: str


def refusal(
    request: Request, accounts: Mapping[str, Account], buckets: frozenset[str], key: bytes, now: float
) -> Answer | None:
    """Return the answer to a request that may not pass; None if it may."""
    if request.path.startswith(_SESSION_PREFIX):
        return None
    if request.path.startswith("/_internal") or not request.bucket:
        return _error(request, 404, "notFound", "NoSuchKey", "Not Found")
    if "GoogleAccessId" in request.query:
        email, problem = _signer(request, accounts, now)
    else:
        email, problem = _bearer(request, key, now)
    if problem:
        return problem
    if request.bucket not in buckets:
        return _error(request, 404, "notFound", "NoSuchBucket", _NO_BUCKET)
    if email not in accounts or request.bucket not in accounts[email].buckets:
        permission = f"storage.objects.{_VERBS.get(request.method, 'get')}"
        message = (
            f"{email} does not have {permission} access to the Google Cloud Storage object."
            f" Permission '{permission}' denied on resource (or it may not exist)."
        )
        return _error(request, 403, "forbidden", "AccessDenied", message)
    return None


def _bearer(request: Request, key: bytes, now: float) -> tuple[str, Answer | None]:
    """Return whose token a request carries, or what is wrong with it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        permission = f"storage.objects.{_VERBS.get(request.method, 'get')}"
        message = (
            f"Anonymous caller does not have {permission} access to the Google Cloud Storage object."
            f" Permission '{permission}' denied on resource (or it may not exist)."
        )
        return "", _error(request, 401, "required", "AccessDenied", message)
    email = google_tokens.owner(token.strip(), key, now)
    if not email:
        return "", _error(request, 401, "authError", "AuthenticationRequired", "Invalid Credentials")
    return email, None


def _signer(request: Request, accounts: Mapping[str, Account], now: float) -> tuple[str, Answer | None]:
    """Return who signed an address (version 2 of Google's signed URLs), or what is wrong with it."""
    query = request.query
    email, expires = query["GoogleAccessId"], query.get("Expires", "")
    lines = (
        request.method,
        request.headers.get("Content-MD5", ""),
        request.headers.get("Content-Type", ""),
        expires,
        request.path,
    )
    try:
        signature = base64.b64decode(query.get("Signature", ""), validate=True)
    except binascii.Error:
        signature = b""
    known = accounts.get(email)
    if not known or not rs256.verify(known.modulus, "\n".join(lines).encode(), signature):
        return email, _error(request, 403, "forbidden", "SignatureDoesNotMatch", _WRONG_SIGNATURE)
    if not expires.isdigit() or int(expires) < now:
        return email, _error(request, 400, "badRequest", "ExpiredToken", "The provided token has expired.")
    return email, None


def _error(request: Request, status: int, reason: str, code: str, message: str) -> Answer:
    """Return an error in the form of the API that was used."""
    if request.is_json:
        problem = {"message": message, "domain": "global", "reason": reason}
        body = json.dumps({"error": {"code": status, "message": message, "errors": [problem]}})
        return Answer(status, "application/json; charset=UTF-8", body)
    body = (
        f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    )
    return Answer(status, "application/xml; charset=UTF-8", body)
