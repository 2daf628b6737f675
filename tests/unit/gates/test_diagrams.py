# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The diagrams of docs/architecture.md are fresh, are shown, and name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.gates import generate_diagrams
from ansible_collections.kyma.docker_registry.tests.gates.generated import ROOT

SOURCES = generate_diagrams.sources()
LAYERS = (ROOT / "docs/images/layers.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_fresh_and_shown(source: Path) -> None:
    """With the same in words, for those who do not see it."""
    assert generate_diagrams.is_fresh(source), f"{source.name}: run make generate"
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")]
    assert any(re.search(rf"^!\[.{{60,}}\]\(images/{source.stem}\.svg\)$", page, re.M) for page in pages)


def test_a_changed_source_is_noticed(tmp_path: Path) -> None:
    """One character is enough."""
    source = tmp_path / SOURCES[0].name
    source.with_suffix(".svg").write_bytes(SOURCES[0].with_suffix(".svg").read_bytes())
    source.write_text(SOURCES[0].read_text(encoding="utf-8"), encoding="utf-8")
    assert generate_diagrams.is_fresh(source)
    source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not generate_diagrams.is_fresh(source)


def test_every_part_of_the_code_is_drawn() -> None:
    """Folders of module_utils, modules, playbooks: those that exist and no others."""
    drawn = set(re.findall(r"<b>([\w/]+)/</b>", LAYERS))
    folders = {
        path.name for path in ROOT.glob("plugins/module_utils/_*") if path.is_dir() and path.name != "__pycache__"
    }
    assert {name for name in drawn if "/" not in name} == folders | {"playbooks", "awx"}
    assert [name for name in drawn if "/" in name and not (ROOT / name).is_dir()] == []
    for pattern in ("plugins/modules/*.py", "playbooks/*.yml"):
        assert {path.stem for path in ROOT.glob(pattern)} <= set(re.findall(r"\w+", LAYERS)), pattern
