# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pictures of terminals: the text as it is, colours, lines that are too long."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from ansible_collections.kyma.docker_registry.tests.gates import terminal


def _texts(text: str) -> list[ET.Element]:
    return list(ET.fromstring(terminal.svg("Title", text)).iter("{http://www.w3.org/2000/svg}text"))


def test_text_and_colours() -> None:
    """What Ansible prints: a colour until it is taken back; a colour goes on over lines."""
    found = _texts("$ run\n\x1b[0;32mok: <1>\nmore\x1b[0m & so on\n")
    assert [(item.text, item.get("fill")) for item in found] == [
        ("$ run", None),
        ("ok: <1>", "#7bd88f"),
        ("more", "#7bd88f"),
        ("& so on", None),
    ]


def test_columns() -> None:
    """Letters stand where they stood, whatever font the reader has."""
    first, second = _texts("ab\x1b[1;35m    cd\x1b[0m")
    assert float(first.get("textLength", "0")) * 3 == float(second.get("x", "0")) - float(first.get("x", "0"))


def test_what_moves_a_cursor_is_left_out() -> None:
    """No such sign may be in an XML file."""
    assert [item.text for item in _texts("a\r\x1b[2Kb\x1b[?25l")] == ["ab"]


def test_long_lines_are_wrapped() -> None:
    """No word gets lost, each line fits, and the indentation stays."""
    words = " ".join(f"word{number}" for number in range(40))
    found = _texts(f"\x1b[0;31m    {words}\x1b[0m")
    assert len(found) > 2 and {item.get("fill") for item in found} == {"#ff8080"}
    assert " ".join(item.text or "" for item in found) == words
    assert len({item.get("x") for item in found[1:]}) == 1
    width = float(ET.fromstring(terminal.svg("", "")).get("width", "0"))
    assert all(float(item.get("x", "0")) + float(item.get("textLength", "0")) <= width for item in found)
