# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scan for secrets finds every form of one: without that, no test that relies on it says anything."""

from __future__ import annotations

import base64
import json

from ansible_collections.kyma.docker_registry.tests.support import leaks


def test_the_scan_finds() -> None:
    """Each form of a canary is found, at any place of a text."""
    secret = leaks.canary() + "\n'"
    for form, text in leaks.forms(secret).items():
        assert leaks.found({"text": f"a {text} b"}, [secret]), form
    for lead in range(3):
        encoded = base64.b64encode(b"x" * lead + secret.encode() + b"yz").decode()
        assert leaks.found({"text": encoded}, [secret]) == [f"text: base64 at {lead} of secret 0"] or "+" not in encoded
    assert leaks.found({"text": leaks.canary()}, [secret]) == []


def test_pieces_of_a_credential() -> None:
    """Of a key file the lines of its private key as well, also if it comes in base64; of anything else the whole and its lines."""
    text = json.dumps({"private_key": "-----BEGIN PRIVATE KEY-----\nfirst\nsecond\n-----END PRIVATE KEY-----\n"})
    for value in (text, base64.b64encode(text.encode()).decode()):
        assert leaks.pieces(value) == {value, "first", "second"}
    for value in ("0777", leaks.canary(), "{", base64.b64encode(b"[1]").decode()):
        assert leaks.pieces(value) == {value}
    assert leaks.pieces("first-line\nsecond-line\nz") == {"first-line\nsecond-line\nz", "first-line", "second-line"}
