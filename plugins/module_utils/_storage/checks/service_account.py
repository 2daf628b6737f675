# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key file of a Google service account: JSON that the driver reads at its start, and fields that it misses only later. Pure.

gcs.go checks nothing but `type`; a missing client_email, private_key or token_uri shows with the first image.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, errors, warning

from . import pem
from .endpoints import parse_endpoint

TYPE = "service_account"
_OTHER_TYPES = {
    "authorized_user": "user credentials (gcloud auth application-default login)",
    "external_account": "workload identity federation",
    "external_account_authorized_user": "workforce identity federation",
    "impersonated_service_account": "impersonation",
    "gdch_service_account": "Google Distributed Cloud",
}
_NEEDED = ("client_email", "private_key", "token_uri")
_USUAL = ("project_id", "private_key_id")
# Fields that hold names and addresses. Any other field is treated as a credential.
NAMES = frozenset(
    {
        "type",
        "project_id",
        "client_email",
        "client_id",
        "auth_uri",
        "token_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "universe_domain",
    }
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_GOOGLE = (".googleapis.com", ".google.com")
_REMEDY = "Use the JSON key file of a service account, unchanged."


def check_key_file(text: str, path: str) -> list[Finding]:
    """Findings about the key file."""
    document, problem = _document(text)
    if document is None:
        return [error("service-account-not-json", path, problem, _REMEDY)]
    kind = document.get("type")
    if kind != TYPE:
        return [_type_finding(kind, path)]
    found = []
    for name in _NEEDED:
        if not document.get(name):
            found.append(error("service-account-missing-key", path, f"has no {name}.", _REMEDY))
    for name in _USUAL:
        if not document.get(name):
            message = f"has no {name}, which key files from Google have."
            found.append(warning("service-account-incomplete", path, message, _REMEDY))
    for name in (*_NEEDED, *_USUAL):
        if document.get(name) and not isinstance(document[name], str):
            found.append(error("service-account-wrong-type", path, f"has a {name} that is not text.", _REMEDY))
    if not errors(found):
        found.extend(_value_findings(document, path))
    return found


def _type_finding(kind: object, path: str) -> Finding:
    other = _OTHER_TYPES.get(kind) if isinstance(kind, str) else None
    message = f"is of type {kind} ({other}); the driver accepts only {TYPE}." if other else f"is not of type {TYPE}."
    return error("service-account-type", path, message, _REMEDY)


def _document(text: str) -> tuple[Mapping[str, Any] | None, str]:
    """The JSON object, or None and what is wrong with the text."""
    document = _parsed(text)
    if isinstance(document, Mapping):
        return document, ""
    if document is not None:
        return None, "is JSON, but not an object."
    if text.startswith("\ufeff"):
        return None, "begins with a byte order mark, which the driver does not accept."
    if _is_json_in_base64(text):
        return None, "is base64-encoded once too often: the value of the Secret must be the JSON text."
    if text.startswith("\\{"):
        return None, "is escaped as Kyma's operator 0.15 requires. The driver requires plain JSON."
    if text.lstrip().startswith("-----BEGIN"):
        return None, "is only the private key, not the whole key file."
    return None, "is not valid JSON."


def _parsed(text: str) -> Any:
    """The JSON value, None if it is none (or null)."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(_name: str) -> NoReturn:
    """Python's own words for numbers are not valid JSON."""
    raise ValueError


def _is_json_in_base64(text: str) -> bool:
    try:
        inner = base64.b64decode("".join(text.split()).encode("ascii"), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return isinstance(_parsed(inner), Mapping)


def _value_findings(document: Mapping[str, Any], path: str) -> list[Finding]:
    found = []
    if not _EMAIL.fullmatch(document["client_email"]):
        found.append(error("service-account-email", path, "has a client_email that is not an email address.", _REMEDY))
    found.extend(_token_findings(document["token_uri"], path))
    problem = pem.problem(document["private_key"])
    if problem:
        found.append(error("service-account-private-key", path, f"has a private_key that {problem}", _REMEDY))
    return found


def _token_findings(address: str, path: str) -> list[Finding]:
    """What is signed with the key goes to this address, so it must be Google's, and by TLS."""
    endpoint, problem = parse_endpoint(address)
    if endpoint is None or endpoint.scheme != "https":
        message = f"has a token_uri that {problem or 'does not begin with https://.'}"
        return [error("service-account-token-uri", path, message, _REMEDY)]
    if not endpoint.host.endswith(_GOOGLE):
        message = "has a token_uri that is not an address of Google. The registry authenticates there."
        return [warning("service-account-token-host", path, message, "This is valid only for a self-hosted store.")]
    return []


def credentials(text: str) -> tuple[str, ...]:
    """What is to be masked of a key file without findings: the whole, the key, and the lines of the key."""
    key = str(json.loads(text)["private_key"])
    return (text, key, *key_lines(key))


def key_lines(key: object) -> tuple[str, ...]:
    """The lines of a private key that are part of the secret; nothing of what is not text."""
    return tuple(_KEY_LINE.findall(key)) if isinstance(key, str) else ()
