# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every form of a secret, at every alignment, of every type; and what stays readable."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import _RESULT_KEYS, mask, secret_forms
from hypothesis import assume, example, given
from hypothesis import strategies as st

STARS = "*" * 8
FULL = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
SECRETS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=9, max_size=60).filter(
    lambda t: "*" not in t
)
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=12, max_size=40)
AROUND = st.binary(max_size=7)


@given(SECRETS, st.sampled_from([0, 1, 2]), st.binary(max_size=2), st.booleans())
@example("abcdefghi", 0, b"", False)
@example("????????>>>>", 1, b"x", True)
def test_base64_at_each_alignment(secret: str, lead: int, after: bytes, safe: bool) -> None:
    """Of the secret's own characters nothing stays: no byte of it is visible, neither in the middle nor at the edges of the mask."""
    raw = secret.encode()
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    text = encode(b"\x00" * lead + raw + after).decode()
    shown = mask({"msg": text}, secret_forms([secret]))["msg"]
    if shown == FULL:
        return
    assert STARS in shown
    head, _stars, tail = shown.partition(STARS)
    assert len(head) <= (0, 2, 3)[lead], "at most the character that shares bits with what stands before"
    assert len(tail.rstrip("=")) <= 1 + (len(after) * 8 + 5) // 6, "at most the one that shares bits with what follows"


@given(SECRETS)
@example("a b/c?d=e&f+g%")
@example('quote " backslash \\ newline')
@example("käse-\U0001f600-password")
def test_every_form_goes(secret: str) -> None:
    """Raw, URL with both kinds of spaces, JSON with and without escapes, SHA-256; as value, part of a value, item and key."""
    # Keys that Ansible itself gives a result stay (the test below).
    assume(secret not in _RESULT_KEYS)
    known = secret_forms([secret])
    for form in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        hashlib.sha256(secret.encode()).hexdigest(),
    ):
        value = {"a": form, "b": f"<{form}>", "c": [form, (form,)], "d": {form: {f"<{form}>": 1}}, "msg": form}
        shown = mask(value, known)
        assert form not in repr(shown) and form not in str(shown)
        assert shown.keys() == value.keys() and len(shown["d"]) == 1


@pytest.mark.parametrize(
    "key", ["changed", "failed", "msg", "diff", "before", "after", "findings", "warnings", "exception"]
)
def test_keys_of_a_result_stay(key: str) -> None:
    """A secret that is a word of Ansible's own does not break the result's shape; its value is still masked."""
    shown = mask({key: f"the {key}"}, secret_forms([key]))
    assert shown == {key: f"the {STARS}"}


def test_other_keys_go() -> None:
    """A key that is a secret, or holds one."""
    shown = mask({"secret-word": 1, "x-secret-word-y": {"secret-word": 2}, "plain": 3}, secret_forms(["secret-word"]))
    assert "secret-word" not in json.dumps(shown) and shown["plain"] == 3 and len(shown) == 3


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        (b"bytes-secret", "bytes-secret"),
        (b"bytes-secret", base64.b64encode(b"bytes-secret").decode()),
        (1234567, "1234567"),
        (12.5, "12.5"),
        ("half-\udcff-secret", "half-\udcff-secret"),
        ("half-\ud800-secret", "half-\ud800-secret"),
        ("half-\udcff-secret", base64.b64encode(b"half-\xff-secret").decode()),
        ("half-\ud800-secret", "half-\\ud800-secret"),
        (b"half-\xff-secret", base64.b64encode(b"half-\xff-secret").decode()),
        ("x", "x"),
        ("five5", "five5"),
        ("five5", hashlib.sha256(b"five5").hexdigest()),
    ],
)
def test_types(secret: Any, text: str) -> None:
    """Bytes, numbers, texts with bytes of no encoding, and short ones."""
    shown = mask({"a": f"<{text}>", "b": text}, secret_forms([secret]))
    assert text not in shown["a"] and text not in shown["b"]
    assert STARS in shown["a"]


@pytest.mark.parametrize("secrets", [[], [None], [""], [True, False], [b""]])
def test_no_secret(secrets: list[Any]) -> None:
    """Nothing is masked: booleans and nothing are not secrets."""
    assert secret_forms(secrets) == frozenset()
    value = {"True": True, "None": None, "": "", "x": ["False"]}
    assert mask(value, secret_forms(secrets)) == value


def test_short_derived_forms_are_left() -> None:
    """The base64 of two letters would mask ordinary words; the letters themselves go."""
    assert {len(form) for form in secret_forms(["ab"]) if form != "ab"} == {64}
    assert "YWJjZG" in secret_forms(["abcde"]), "six characters are enough"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text("abc", max_size=5),
        lambda x: st.lists(x) | st.dictionaries(st.text("abc"), x),
    )
)
def test_what_holds_no_secret_stays(value: Any) -> None:
    """Types and structure as well."""
    assert mask({"value": value}, secret_forms(["XYZ-secret-XYZ"])) == {"value": value}


def test_several_secrets() -> None:
    """One inside another: no part of the longer stays."""
    secrets = [f"{letter}-secret-{letter}" for letter in "abcdefgh"]
    shown = mask({"msg": " ".join(secrets), "key": {f"x-{secrets[0]}-y": 1}}, secret_forms(["secret", *secrets]))
    assert shown["msg"] == " ".join([STARS] * 8) and list(shown["key"]) == [f"x-{STARS}-y"]


@given(PRINTABLE, AROUND, AROUND)
@example("canary-canary-canary-24ch", b"a", b"")
def test_base64_of_a_longer_text_shows_nothing(secret: str, before: bytes, after: bytes) -> None:
    """Whatever stands around it: at most the characters at the seams stay."""
    raw = secret.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + raw + after).decode()
        shown = mask({"msg": text}, secret_forms([secret]))["msg"].replace(FULL, STARS)
        longest = max(len(part) for part in shown.split(STARS))
        assert longest <= len(encode(before)) + len(encode(after)) + 8
        assert STARS in shown or len(raw) < 6


@given(PRINTABLE)
def test_known_forms_are_masked(secret: str) -> None:
    """Raw, URL, JSON, digest; as value, inside a value, and as a key."""
    known = secret_forms([secret])
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], hashlib.sha256(secret.encode()).hexdigest()):
        masked = json.dumps(
            mask({"msg": f"before {form} after", "list": [form], "data": {form: 1}}, known), ensure_ascii=False
        )
        assert form not in masked


def test_results_keep_their_shape() -> None:
    """Without secrets nothing changes; empty and None secrets mask nothing."""
    result = {"changed": True, "diff": [{"before": {"a": 1}, "after": None}], "msg": "text"}
    assert mask(result, secret_forms([])) == result
    assert mask(result, secret_forms(["", None, True])) == result
