# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The diagrams of docs/architecture.md are fresh, name what there is, and cannot be drawn wrongly."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.gates import diagram, generate_diagrams
from ansible_collections.kyma.docker_registry.tests.gates.diagram import Arrow, Box, Diagram, Group

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ONE, OTHER, BELOW = (
    Box("one", 0, 4, "code", "One"),
    Box("other", 8, 4, "code", "Other"),
    Box("below", 0, 4, "pure", "Below"),
)


def _draw(*arrows: Arrow, rows: list[list[Box]] | None = None, groups: tuple[Group, ...] = ()) -> ET.Element:
    return ET.fromstring(diagram.svg(Diagram("Title", "Words", rows or [[ONE, OTHER], [BELOW]], arrows, groups)))


def _texts(picture: ET.Element) -> list[str]:
    return [item.text or "" for item in picture.iter("{http://www.w3.org/2000/svg}text")]


def test_diagrams_are_fresh() -> None:
    """`make generate` was run."""
    for path, text in generate_diagrams.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make generate"


def test_the_page_shows_them_and_says_the_same_in_words() -> None:
    """For those who do not see them: the text of the picture itself."""
    for path in generate_diagrams.pages():
        assert re.search(rf"^!\[.{{60,}}\]\(images/{path.name}\)$", PAGE, re.M), path.name


def test_every_part_of_the_code_is_drawn() -> None:
    """Folders of module_utils, modules, playbooks: those that exist and no others."""
    texts = _texts(ET.fromstring(diagram.svg(generate_diagrams.layers())))
    folders = {path.name for path in (ROOT / "plugins/module_utils").iterdir() if path.is_dir()} - {"__pycache__"}
    assert {text.rstrip("/") for text in texts if re.fullmatch(r"[a-z_]+/", text)} == folders | {"playbooks"}
    for pattern in ("plugins/modules/*.py", "playbooks/*.yml"):
        names = {path.stem for path in ROOT.glob(pattern)}
        assert any(set(re.split(r" · |: ", text)) >= names for text in texts), pattern
    assert all((ROOT / text).is_dir() for text in texts if re.fullmatch(r"[a-z_]+/[a-z_]+/", text))


def test_a_picture_loads_nothing_and_knows_dark_pages() -> None:
    """One file, readable on both."""
    for text in generate_diagrams.pages().values():
        assert "prefers-color-scheme: dark" in text
        assert not re.search(r"href|url\((?!#)|@import|<script", text)


def test_arrows_go_straight() -> None:
    """Down, up, and across, from edge to edge."""
    picture = _draw(Arrow("one", "below", "down"), Arrow("below", "one"), Arrow("one", "other"), Arrow("other", "one"))
    paths = [
        item.get("d", "") for item in picture.iter("{http://www.w3.org/2000/svg}path") if item.get("class") == "arrow"
    ]
    ends = [[float(number) for number in re.findall(r"[\d.]+", path)] for path in paths]
    down, up, right, left = ends
    assert down[0] == down[2] and down[1] < down[3]
    assert up[0] == up[2] and up[1] > up[3]
    assert right[1] == right[3] and right[0] < right[2]
    assert left[1] == left[3] and left[0] > left[2]
    assert "down" in _texts(picture)


def test_text_is_text() -> None:
    """Signs of XML are none here."""
    box = Box("b", 0, 6, "code", "a < b & c", ["<script>"])
    assert _texts(_draw(rows=[[box]])) == ["a < b & c", "<script>"]


@pytest.mark.parametrize(
    ("arrow", "rows", "problem"),
    [
        (Arrow("other", "below"), None, "no straight way from other to below"),
        (None, [[Box("b", 0, 2, "code", "A title that is longer than its box")]], "does not fit"),
        (None, [[Box("b", 0, 2, "code", "B", ["a line that is longer than its box"])]], "does not fit"),
    ],
)
def test_what_cannot_be_drawn(arrow: Arrow | None, rows: list[list[Box]] | None, problem: str) -> None:
    """It is told, and not drawn wrongly."""
    with pytest.raises(ValueError, match=problem):
        _draw(*[arrow] if arrow else [], rows=rows)


def test_names_must_exist() -> None:
    """Of boxes that arrows and frames speak of."""
    with pytest.raises(KeyError):
        _draw(Arrow("one", "nobody"))
    with pytest.raises(KeyError):
        _draw(groups=(Group("frame", ["nobody"]),))
