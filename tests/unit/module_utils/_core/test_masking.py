# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No form of a secret passes, and nothing else is touched."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import quote

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import forms, mask
from hypothesis import example, given
from hypothesis import strategies as st

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=12, max_size=40)
AROUND = st.binary(max_size=7)


@given(SECRETS, AROUND, AROUND)
@example("canary-canary-canary-24ch", b"a", b"")
def test_base64_of_a_longer_text_shows_nothing(secret: str, before: bytes, after: bytes) -> None:
    """Whatever stands around it: at most the characters at the seams stay."""
    raw = secret.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + raw + after).decode()
        shown = mask({"msg": text}, forms([secret]))["msg"].replace("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "*" * 8)
        longest = max(len(part) for part in shown.split("********"))
        assert longest <= len(encode(before)) + len(encode(after)) + 8
        assert "********" in shown or len(raw) < 6


@given(SECRETS)
def test_known_forms_are_masked(secret: str) -> None:
    """Raw, URL, JSON, digest; as value, inside a value, and as a key."""
    known = forms([secret])
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], hashlib.sha256(secret.encode()).hexdigest()):
        masked = json.dumps(
            mask({"msg": f"before {form} after", "list": [form], "data": {form: 1}}, known), ensure_ascii=False
        )
        assert form not in masked


def test_results_keep_their_shape() -> None:
    """Without secrets nothing changes; empty and None secrets mask nothing."""
    result = {"changed": True, "diff": [{"before": {"a": 1}, "after": None}], "msg": "text"}
    assert mask(result, forms([])) == result
    assert mask(result, forms(["", None, True])) == result
