# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages, documents and tests use plain technical English: none of the words below. Users paste messages into a search engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (
    "plugins",
    "roles",
    "playbooks",
    "docs",
    "changelogs/fragments",
    "tests",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
)
TEXT = (".py", ".yml", ".md", ".j2")
# The table old -> new quotes what it replaces, and this test the words that it looks for.
QUOTES = {"docs/renamed.md", "changelogs/fragments/11-names.yml", "tests/unit/gates/test_english.py"}
# Code, names of codes and objects: `...`, C(...), V(...), words with a hyphen, an underscore or an equals sign, and quoted values without a space.
NAMES = re.compile(r'``[^`]*``|`[^`]*`|\b[CVEOM]\([^)]*\)|<!--.*?-->|"[^"\s]*"|[\w./]*[-_=][-\w./=]*')
ARCHAIC = re.compile(
    r"\b(shall|meanwhile|somebody|nobody|everybody|for ever|hiccup|says so|of its own|without a word|mend(s|ed)?|told|tells?|anew|once more"
    r"|whoever|strangers?|armoured|all the same|of no use|came about|gave up|put(s)? back|lest|whilst|thereof|therein|whereby)\b"
    r"|\bstands? (in|under|behind|beside|there|twice|against|above)\b|\bas it stands\b"
    r"|\b(belongs? into|counts? for nothing|(changes?|changing) hands|(says?|said) nothing|goes on|logs? on|logged on|white space at an end)\b"
    r"|\b(is|are) gone\b|\bmay not be (asked|read|listed|made|shown|installed)\b|\b(is|are) to exist\b"
    r"|\bleft out[,:] (it|they|the|yes|no|one|those|that)\b"
    r"|\b[Rr]efuse[sd]?\b(?= (a|an|the|to|it|by|with|before|because|pushes|what|them|this|requests)\b)"
    # "There is no Secret" is plain; "it is no Secret" is not.
    r"|(?<!\bthere )\b(is|are) no (?!(longer|other|more|one)\b)\w+",
    re.IGNORECASE,
)


def _texts() -> list[Path]:
    places = [ROOT / name for name in FOLDERS]
    found = [item for place in places for item in (place.rglob("*") if place.is_dir() else [place])]
    return [item for item in found if item.suffix in TEXT and item.relative_to(ROOT).as_posix() not in QUOTES]


@pytest.mark.parametrize(
    "text",
    [
        "the value is no base64",
        "The Secret stands in a list",
        "The volume is gone",
        "Written anew",
        "Left out, it is the default",
        "whether an operator runs may not be asked",
        "The store refuses the request",
        "The finding tells the user what to do",
    ],
)
def test_archaic_words_are_found(text: str) -> None:
    """The expression finds what it looks for."""
    assert ARCHAIC.search(NAMES.sub("", text))


@pytest.mark.parametrize(
    "text",
    [
        "There is no Secret, and it is no longer wanted",
        "`operator-binding-refused` by the operator",
        "connection refused",
        "The field is left out",
        'the user "nobody"',
    ],
)
def test_plain_sentences_pass(text: str) -> None:
    """The expression leaves plain sentences, codes and quoted words alone."""
    assert not ARCHAIC.search(NAMES.sub("", text))


def test_texts() -> None:
    """Every hit is listed with its place."""
    texts = _texts()
    assert len(texts) > 600
    hits = [
        f"{item.relative_to(ROOT)}:{number}: {match.group()}"
        for item in texts
        for number, line in enumerate(item.read_text(encoding="utf-8").splitlines(), 1)
        for match in ARCHAIC.finditer(NAMES.sub("", line))
    ]
    assert not hits, "\n".join(hits)
