# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failed requests to a registry as one exception with one finding.

The registry's error codes are passed on; its messages are not, because they may quote the store.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
from urllib.parse import urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error

PATH = "registry"
# The code of the finding if the registry rejects every change.
READ_ONLY = "registry-readonly"
_CODE = re.compile(r"[A-Z_]{3,40}")

# HTTP status -> finding code, what it means, remedy.
_STATUSES: dict[int, tuple[str, str, str]] = {
    401: (
        "registry-unauthorized",
        "the registry does not accept the credentials",
        "Run the role again, so that the Pod gets the credentials of the Secret dockerregistry-config.",
    ),
    403: (
        "registry-forbidden",
        "the registry does not allow the request",
        "Check whether a proxy or a policy is in front of the registry.",
    ),
    405: (READ_ONLY, "the registry is read-only", "Set registry_readonly to false."),
    429: ("registry-busy", "the registry or its store is overloaded", "Try again later."),
    503: ("registry-unhealthy", "the registry's storage fails", "Check the log of the registry's Pod for the cause."),
}
_REDIRECT = (
    "registry-redirect",
    "the registry redirects its clients to another address, to which the run does not send the credentials",
    "Set registry_redirect to false if only the cluster can reach the store.",
)
_REFUSED = ("registry-refused", "the registry rejected the request", "Check the log of the registry's Pod.")


class RegistryError(Refusal):
    """One request failed. `code` is the finding's code, `status` the HTTP status, None without an answer.

    closed: the connection ended before the answer was complete. The registry closes it after a panic.
    """

    def __init__(
        self, code: str, message: str, remedy: str, status: int | None = None, *, closed: bool = False
    ) -> None:
        """Make the one finding."""
        self.code = code
        self.status = status
        self.closed = closed
        super().__init__([error(code, PATH, message, remedy)])


def error_codes(body: bytes) -> tuple[str, ...]:
    """The registry's own codes in an error body (`MANIFEST_UNKNOWN` ...), () if there is none."""
    try:
        items = json.loads(body)["errors"]
        found = {str(item["code"]) for item in items}
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    return tuple(sorted(code for code in found if _CODE.fullmatch(code)))


def error_from_answer(method: str, path: str, status: int, body: bytes) -> RegistryError:
    """The error for an answer whose status was not expected."""
    code, meaning, remedy = _REDIRECT if 300 <= status < 400 else _STATUSES.get(status, _REFUSED)
    codes = error_codes(body)
    if code == _REFUSED[0] and not codes:
        if status == 400 and b"HTTP request to an HTTPS server" in body:
            return protocol_error("the server requires https", status)
        if status < 500:
            return protocol_error(f"{method} {urlsplit(path).path} returned status {status}", status)
    suffix = f" ({', '.join(codes)})" if codes else ""
    return RegistryError(
        code, f"{meaning}: {method} {urlsplit(path).path} returned status {status}{suffix}.", remedy, status
    )


def protocol_error(what: str, status: int | None = None) -> RegistryError:
    """The error for an answer that no registry gives."""
    return RegistryError(
        "registry-protocol",
        f"the response is not from a registry: {what}.",
        "Check that the address is the address of the registry.",
        status,
    )


def error_from_exception(method: str, path: str, problem: Exception) -> RegistryError:
    """The error for a request without an answer; the cause is given by its type, because its text may quote anything."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return RegistryError(
            "registry-tls",
            f"the registry's certificate is not trusted ({problem.verify_message}).",
            "Specify its CA certificate, and the host name for which the certificate is valid.",
        )
    if isinstance(problem, (http.client.BadStatusLine, ssl.SSLError)) and not isinstance(
        problem, http.client.RemoteDisconnected
    ):
        return protocol_error("the server does not use HTTP, or uses https instead of http or http instead of https")
    return RegistryError(
        "registry-not-answering",
        f"{method} {urlsplit(path).path} got no response ({type(problem).__name__}).",
        "Check the registry's Pods and their log.",
        closed=isinstance(problem, (http.client.IncompleteRead, ConnectionResetError, BrokenPipeError)),
    )
