# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages and documents use plain technical English: no archaic word and no "is no". Users paste messages into a search engine."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
READ_BY_USERS = ("plugins", "roles", "playbooks", "docs", "README.md", "CONTRIBUTING.md", "SECURITY.md")
TEXT = (".py", ".yml", ".md", ".j2")
# The table old -> new quotes what it replaces.
QUOTES = {"docs/renamed.md"}
ARCHAIC = re.compile(
    r"\b(shall|meanwhile|somebody|for ever|hiccup|says so|of its own|without a word|mend(s|ed)?|told)\b"
    r"|\bstands? in\b"
    # "There is no Secret" is plain; "it is no Secret" is not.
    r"|(?<!\bthere )\b(is|are) no (?!(longer|other|more|one)\b)\w+",
    re.IGNORECASE,
)


def _texts() -> list[Path]:
    places = [ROOT / name for name in READ_BY_USERS]
    found = [item for place in places for item in (place.rglob("*") if place.is_dir() else [place])]
    return [item for item in found if item.suffix in TEXT and item.relative_to(ROOT).as_posix() not in QUOTES]


def test_archaic_words_are_found() -> None:
    """The expression finds what it looks for, and leaves plain sentences alone."""
    assert ARCHAIC.search("the value is no base64") and ARCHAIC.search("The Secret stands in a list")
    assert not ARCHAIC.search("There is no Secret, and it is no longer wanted")


def test_texts_for_users() -> None:
    """Every hit is listed with its place."""
    texts = _texts()
    assert len(texts) > 200
    hits = [
        f"{item.relative_to(ROOT)}:{number}: {match.group()}"
        for item in texts
        for number, line in enumerate(item.read_text(encoding="utf-8").splitlines(), 1)
        for match in ARCHAIC.finditer(line)
    ]
    assert not hits, "\n".join(hits)
