# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetching a blob from where the registry sends its clients."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import redirects
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.redirects import (
    RedirectTarget,
    UnreachableError,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import serve

QUERY = "X-Amz-Signature=secret-signature&x=%2F"


def _answer(status: int, body: bytes) -> Any:
    def answer(_heard: Any, talk: Any) -> None:
        talk.reply(status, body)

    return answer


def test_bytes_and_request() -> None:
    """Path and query go as they are, the registry's credentials do not."""
    with serve(_answer(200, b"layer")) as served:
        found = RedirectTarget(f"{served.url}/bucket/a%2Fb?{QUERY}").fetch(10, 5.0)
    assert found == b"layer"
    heard = served.heard[0]
    assert heard.path == f"/bucket/a%2Fb?{QUERY}" and not heard.header("authorization")


def test_limit() -> None:
    """One byte more than expected is enough to detect a difference."""
    with serve(_answer(200, b"a" * 100)) as served:
        assert RedirectTarget(f"{served.url}/x").fetch(6, 5.0) == b"a" * 6


@pytest.mark.parametrize("status", [301, 403, 404, 500])
def test_refusal(status: int) -> None:
    """The store's no is an error with its host and status, without the address."""
    with serve(_answer(status, b"no")) as served, pytest.raises(RegistryError) as caught:
        RedirectTarget(f"{served.url}/x?{QUERY}").fetch(10, 5.0)
    assert caught.value.code == "registry-redirect-refused" and str(status) in str(caught.value)
    assert "secret-signature" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/relative",
        "https://",
        "ftp://host/x",
        "http://[",
        "http://host:99999/x",
        f"https://{'a' * 64}.example/x",
        "https://a..b/x",
        "https://.example/x",
    ],
)
def test_no_address(address: str) -> None:
    """An invalid URL is not followed."""
    with pytest.raises(RegistryError) as caught:
        RedirectTarget(address).fetch(10, 5.0)
    assert caught.value.code == "registry-protocol"


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (socket.gaierror("x"), "cannot be resolved by DNS"),
        (ssl.SSLCertVerificationError("x"), "has a certificate that this machine does not trust"),
        (ConnectionRefusedError("x"), "does not respond to this machine"),
        (TimeoutError("x"), "does not respond to this machine"),
    ],
)
def test_unreachable(problem: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reported with the host and a reason, without the address."""

    def opener(*_arguments: Any, **_settings: Any) -> Any:
        def fail() -> None:
            raise problem

        return fail

    monkeypatch.setattr(redirects, "address_opener", opener)
    with pytest.raises(UnreachableError) as caught:
        RedirectTarget(f"https://store.example/x?{QUERY}").fetch(10, 5.0)
    assert str(caught.value).startswith("store.example ") and words in str(caught.value)
    assert "secret-signature" not in str(caught.value)
