# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failed requests as exceptions with one finding each.

The server's message is passed on, except for Secrets: it can quote their data.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted

_MANAGER = re.compile(r'conflicts? with "([^"]*)"')
_USER = re.compile(r'User "([^"]*)" cannot(?: ([a-z]+) resource)?')
_POLICY = re.compile(r"denied (?:the )?request")
_LONGEST_MESSAGE = 2000
_TYPED = ("failed to create typed", "failed to convert", "illegal base64", "cannot unmarshal")


class ClusterError(Refusal):
    """One request failed. `code` is the finding's code, `status` the HTTP status, None without an answer.

    after_lost: whether the server may have done an earlier attempt of the same request, whose answer got lost.
    """

    def __init__(self, code: str, path: str, message: str, remedy: str = "", status: int | None = None) -> None:
        """One finding of these parts, an error."""
        sentence = message.rstrip()
        super().__init__(
            [error(code, path, sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.", remedy)]
        )
        self.code = code
        self.status = status
        self.after_lost = False


class Forbidden(ClusterError):
    """The user of this connection is not allowed to do this, or (denied) a policy or a quota denies it, for any user."""

    def __init__(self, path: str, message: str, remedy: str, *, denied: bool = False) -> None:
        super().__init__("cluster-forbidden", path, message, remedy, 403)
        self.denied = denied


class NotFound(ClusterError):
    """The object, its namespace or its kind does not exist."""

    def __init__(self, path: str, message: str, remedy: str) -> None:
        super().__init__("cluster-not-found", path, message, remedy, 404)


class Conflict(ClusterError):
    """The name is taken, or other field managers own the fields. managers: their names."""

    def __init__(self, path: str, message: str, remedy: str, managers: frozenset[str] = frozenset()) -> None:
        super().__init__("cluster-conflict", path, message, remedy, 409)
        self.managers = managers


@dataclass(frozen=True)
class Call:
    """What a request was about, for its error. `resource` is the full plural name, e.g. `deployments.apps`."""

    verb: str
    kind: str
    resource: str
    namespace: str | None = None
    name: str | None = None

    @property
    def path(self) -> str:
        """`kind/name`, or the kind alone for a collection."""
        return f"{self.kind}/{self.name}" if self.name else self.kind

    @property
    def place(self) -> str:
        """For the end of a sentence."""
        return f" in namespace {self.namespace}" if self.namespace else ""


def is_denied(problem: ClusterError) -> bool:
    """Whether a policy or a quota has denied the request: as forbidden, or as invalid, which a ValidatingAdmissionPolicy does by default."""
    denied = isinstance(problem, Forbidden) and problem.denied
    return denied or (problem.code == "cluster-invalid" and bool(_POLICY.search(problem.findings[0].message)))


def _status(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _causes(status: dict[str, Any]) -> list[dict[str, Any]]:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return [cause for cause in causes if isinstance(cause, dict)] if isinstance(causes, list) else []


def _reason(call: Call, status: dict[str, Any]) -> str:
    """The server's message if it may be shown, else the fields that it rejects."""
    if call.kind != "Secret":
        text = str(status.get("message") or "")
        # A policy may quote what it found in an object, also what others wrote there.
        return (redacted(text) if _POLICY.search(text) else text)[:_LONGEST_MESSAGE]
    places = [f"{cause.get('field')} ({cause.get('reason')})" for cause in _causes(status) if cause.get("field")]
    return f"rejected fields: {', '.join(places)}" if places else ""


def _forbidden(call: Call, status: dict[str, Any]) -> ClusterError:
    message = str(status.get("message") or "")
    user = _USER.search(message)
    # The server knows better: an apply of what is not there is a create, a watch begins with a list.
    verb = (user.group(2) if user else None) or call.verb
    right = f"{verb} {call.resource}{call.place}"
    if user or not message:
        subject = f"the user {user.group(1)}" if user else "the user of this connection"
        remedy = "Grant this right, or connect as a user that has it."
        return Forbidden(call.path, f"{subject} is not allowed to {right}.", remedy)
    reason = _reason(call, status) or "the reason is not shown, because the object may contain secrets"
    remedy = "A policy, a quota or the state of the namespace denies it. Correct what the message names."
    return Forbidden(call.path, f"the API server rejects the request to {right}: {reason}", remedy, denied=True)


def _conflict(call: Call, status: dict[str, Any]) -> ClusterError:
    owners: dict[str, list[str]] = {}
    for cause in _causes(status):
        if cause.get("reason") == "FieldManagerConflict":
            manager = _MANAGER.search(str(cause.get("message") or ""))
            owners.setdefault(manager.group(1) if manager else "another manager", []).append(
                str(cause.get("field") or "?").lstrip(".")
            )
    if owners:
        text = "; ".join(
            f"{manager} owns {', '.join(sorted(set(fields)))}" for manager, fields in sorted(owners.items())
        )
        message = f"another field manager set these fields{call.place}: {text}."
        remedy = "Remove these fields from the other manager's configuration, or from this one."
        return Conflict(call.path, message, remedy, frozenset(owners))
    if status.get("reason") == "AlreadyExists":
        return Conflict(call.path, f"the object already exists{call.place}.", "Run again: it was created concurrently.")
    return changed_concurrently(call)


def changed_concurrently(call: Call) -> ClusterError:
    """The error for an object that is not the one that was read."""
    return ClusterError(
        "cluster-precondition",
        call.path,
        f"the object was modified or replaced concurrently{call.place}.",
        "Run again. The run then uses the current state of the object.",
        409,
    )


def _invalid(call: Call, status_code: int, status: dict[str, Any], body: bytes) -> ClusterError:
    if not status and b"HTTP request to an HTTPS server" in body:
        text = "the API server requires https."
        return ClusterError("cluster-options", "host", text, "Start host with https://.", status_code)
    reason = _reason(call, status)
    if not reason and "base64" in str(status.get("message")):
        reason = "a value under data is not valid base64"
    text = f"the API server rejects the object: {reason or 'its reason is not shown, as it can quote a value'}"
    return ClusterError("cluster-invalid", call.path, text, "Correct what the message names.", status_code)


def _missing(call: Call, status: dict[str, Any]) -> ClusterError:
    text = _reason(call, status) or f"the object or its namespace does not exist{call.place}."
    remedy = "Create what is missing first (the namespace, the custom resource definition or the object)."
    return NotFound(call.path, text, remedy)


def _unauthorized(call: Call) -> ClusterError:
    text = "the API server does not accept the credentials of this connection."
    return ClusterError("cluster-unauthorized", call.path, text, "Renew the token, user or client certificate.", 401)


def _server_error(call: Call, status_code: int, status: dict[str, Any]) -> ClusterError:
    if 300 <= status_code < 400:
        text = f"the address responds with a redirect ({status_code}), so it is not the address of an API server."
        return ClusterError("cluster-unreachable", "host", text, "Check the host and the proxy.", status_code)
    reason = _reason(call, status) or "no reason given"
    if status_code in (408, 504):
        text = f"the API server did not complete the request in time: {reason}"
        return ClusterError("cluster-timeout", call.path, text, "Try again later.", status_code)
    text = f"the API server could not {call.verb} {call.resource}{call.place} (HTTP {status_code}): {reason}"
    remedy = "Try again. If the error persists, ask the administrator of the cluster."
    return ClusterError("cluster-server-error", call.path, text, remedy, status_code)


def error_from_answer(call: Call, status_code: int, body: bytes) -> ClusterError:
    """The error for an answer that is not a success."""
    status = _status(body)
    # A value of a wrong type, or one key of a list given twice, comes as an error of the server.
    typed = status_code == 500 and any(words in str(status.get("message")) for words in _TYPED)
    if typed or status_code in (400, 413, 415, 422):
        return _invalid(call, status_code, status, body)
    if status_code == 401:
        return _unauthorized(call)
    if status_code == 403:
        return _forbidden(call, status)
    if status_code == 404:
        return _missing(call, status)
    if status_code == 409:
        return _conflict(call, status)
    return _server_error(call, status_code, status)
