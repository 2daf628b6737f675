# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes of files and folders, and the tests that mirror the code, as docs/architecture.md states them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODULE_UTILS = ROOT / "plugins/module_utils"
TESTS = ROOT / "tests/unit/module_utils"
MOST_FILES = 14
_ROW = re.compile(r"\| `(_[\w/]+)/` \| (.+) \|")
_FORMER_AND_NOW = re.compile(r"`[\w/]+` → `(\w+)`")
_TASK_ROW = re.compile(r"\| `(\w+\.yml)` \| (.+) \| (.+) \|")
MOST_LINES = 400


def test_folders() -> None:
    """Folders of module_utils begin with _ and have few files."""
    folders = [path for path in MODULE_UTILS.rglob("*") if path.is_dir() and path.name != "__pycache__"]
    assert folders
    assert [path.name for path in MODULE_UTILS.iterdir() if path.name != "__pycache__" and path.name[0] != "_"] == []
    assert [path.name for path in folders if len(list(path.glob("*.py"))) > MOST_FILES] == []


def test_files() -> None:
    """Python files of the collection and of its unit tests."""
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "tests/unit").rglob("*.py")]
    assert files
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert [path.as_posix() for path, count in lines.items() if count > MOST_LINES] == []


def test_mirror() -> None:
    """A folder with tests of module_utils has the path of the code that it tests."""
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    assert folders
    assert [folder.as_posix() for folder in folders if not (MODULE_UTILS / folder).is_dir()] == []


def test_renamed_files() -> None:
    """Each file that docs/renamed.md names is there."""
    rows = _ROW.findall((ROOT / "docs/renamed.md").read_text(encoding="utf-8"))
    named = [MODULE_UTILS / folder / f"{name}.py" for folder, files in rows for name in _FORMER_AND_NOW.findall(files)]
    assert named
    assert [path.relative_to(MODULE_UTILS).as_posix() for path in named if not path.is_file()] == []


def test_renamed_tasks() -> None:
    """Each task that docs/renamed.md names is in its file; its former name is not."""
    rows = _TASK_ROW.findall((ROOT / "docs/renamed.md").read_text(encoding="utf-8"))
    assert rows
    for file, former, now in rows:
        tasks = (ROOT / "roles/registry/tasks" / file).read_text(encoding="utf-8").splitlines()
        named = {line.strip().removeprefix("- name: ") for line in tasks}
        assert (file, now, {former, now} & named) == (file, now, {now})
