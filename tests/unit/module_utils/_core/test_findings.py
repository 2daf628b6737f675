# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings, and the refusal that carries them."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    errors,
    shown_key,
    warning,
)


def test_finding() -> None:
    """As modules return it, and as people read it."""
    finding = error("code", "path", "message.", "Remedy.")
    assert finding == Finding("code", "error", "path", "message.", "Remedy.")
    assert finding.as_dict() == {
        "code": "code",
        "severity": "error",
        "path": "path",
        "message": "message.",
        "remedy": "Remedy.",
    }
    assert finding.text() == "path: message. Remedy. [code]"
    assert warning("code", "path", "message.").text() == "path: message. [code]"
    assert warning("c", "p", "m").severity == "warning"


def test_refusal_has_errors_only() -> None:
    """It keeps all findings, from any iterable."""
    found = [warning("w", "p", "m"), error("e", "p", "m"), Finding("i", "info", "p", "m"), error("f", "q", "n")]
    refusal = Refusal(item for item in found)
    assert refusal.findings == tuple(found) and str(refusal) == "p: m [e]\nq: n [f]"
    assert errors(found) == (found[1], found[3]) and errors([]) == ()


def test_which_keys_are_shown() -> None:
    """Names. A key with a value in it is not shown."""
    assert [shown_key(key) for key in ("secretKey", "a.b-c_1", 5)] == ["secretKey", "a.b-c_1", "5"]
    assert {shown_key(key) for key in ("secretKey:x", "a b", "a=b", "a\n", "")} == {"(hidden)"}
