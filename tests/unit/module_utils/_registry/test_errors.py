# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every answer and every missing answer has its finding; the registry's words are not in it."""

from __future__ import annotations

import http.client
import json
import socket
import ssl

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import errors
from hypothesis import given
from hypothesis import strategies as st

SECRET = "hunter2-secret-said-by-the-store"


def _body(*codes: object) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": SECRET, "detail": SECRET} for code in codes]}).encode()


@pytest.mark.parametrize(
    ("status", "codes", "finding"),
    [
        (401, ("UNAUTHORIZED",), "registry-unauthorized"),
        (401, (), "registry-unauthorized"),
        (403, ("DENIED",), "registry-forbidden"),
        (405, ("UNSUPPORTED",), "registry-readonly"),
        (429, ("TOOMANYREQUESTS",), "registry-busy"),
        (503, (), "registry-unhealthy"),
        (503, ("UNAVAILABLE",), "registry-unhealthy"),
        (301, (), "registry-redirect"),
        (307, (), "registry-redirect"),
        (300, (), "registry-redirect"),
        (399, (), "registry-redirect"),
        (299, (), "registry-protocol"),
        (404, ("NAME_UNKNOWN",), "registry-refused"),
        (400, ("DIGEST_INVALID",), "registry-refused"),
        (500, (), "registry-refused"),
        (502, (), "registry-refused"),
        (404, (), "registry-protocol"),
        (400, (), "registry-protocol"),
        (200, (), "registry-protocol"),
        (206, (), "registry-protocol"),
    ],
)
def test_statuses(status: int, codes: tuple[str, ...], finding: str) -> None:
    """Code, status, the registry's own codes, the path without its query, and a remedy."""
    body = _body(*codes) if codes else SECRET.encode()
    problem = errors.error_from_answer("GET", f"/v2/app?token={SECRET}", status, body)
    assert (problem.code, problem.status) == (finding, status)
    assert [item.code for item in problem.findings] == [finding]
    text = str(problem)
    assert f"GET /v2/app returned status {status}" in text and SECRET not in text
    assert all(code in text for code in codes)
    assert problem.findings[0].remedy and problem.findings[0].path == "registry"


def test_http_sent_to_https() -> None:
    """The answer of Go's server shows it."""
    problem = errors.error_from_answer("GET", "/v2/", 400, b"Client sent an HTTP request to an HTTPS server.\n")
    assert problem.code == "registry-protocol" and "https" in str(problem)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (_body("MANIFEST_UNKNOWN"), ("MANIFEST_UNKNOWN",)),
        (_body("B_TWO", "A_ONE", "B_TWO"), ("A_ONE", "B_TWO")),
        (_body("lower", "X" * 41, "AB", "WITH SPACE", SECRET, "OK_CODE\n"), ()),
        (_body(1, None, ["A"]), ()),
        (b"", ()),
        (b"null", ()),
        (b"[]", ()),
        (b'{"errors": null}', ()),
        (b'{"errors": {"code": "ABC"}}', ()),
        (b'{"errors": ["ABC"]}', ()),
        (b'{"errors": [{}]}', ()),
        (b'{"errors": "ABC"}', ()),
        (b"[" * 100000, ()),
        (b"\xff\xfe{}", ()),
    ],
    ids=range(14),
)
def test_error_codes(body: bytes, codes: tuple[str, ...]) -> None:
    """Only what looks like a code of the registry."""
    assert errors.error_codes(body) == codes


@given(
    st.binary()
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda x: st.lists(x) | st.dictionaries(st.just("errors") | st.just("code"), x),
    ).map(lambda value: json.dumps(value).encode())
)
def test_error_codes_never_fail(body: bytes) -> None:
    """Whatever a server sends."""
    assert all(code.isascii() for code in errors.error_codes(body))


def _certificate_error() -> ssl.SSLCertVerificationError:
    problem = ssl.SSLCertVerificationError(1, SECRET)
    problem.verify_message = "self-signed certificate"
    return problem


@pytest.mark.parametrize(
    ("problem", "finding", "word"),
    [
        (_certificate_error(), "registry-tls", "self-signed certificate"),
        (ssl.SSLError(1, SECRET), "registry-protocol", "https"),
        (http.client.BadStatusLine(SECRET), "registry-protocol", "HTTP"),
        (http.client.RemoteDisconnected(SECRET), "registry-not-answering", "RemoteDisconnected"),
        (http.client.IncompleteRead(SECRET.encode()), "registry-not-answering", "IncompleteRead"),
        (ConnectionRefusedError(111, SECRET), "registry-not-answering", "ConnectionRefusedError"),
        (ConnectionResetError(104, SECRET), "registry-not-answering", "ConnectionResetError"),
        (socket.gaierror(-2, SECRET), "registry-not-answering", "gaierror"),
        (TimeoutError(SECRET), "registry-not-answering", "TimeoutError"),
    ],
)
def test_no_answer(problem: Exception, finding: str, word: str) -> None:
    """Reported by its type; its text may quote anything."""
    found = errors.error_from_exception("PUT", f"/v2/app?digest={SECRET}", problem)
    assert (found.code, found.status) == (finding, None)
    assert word in str(found) and SECRET not in str(found)
