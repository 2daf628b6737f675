# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/faults/run counts a fault as seen only if a test failed because of it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load

faults = load("../faults/run")
CODE = "def answer():\n    return 42\n"
TEST = "import code_under_test\n\n\ndef test_answer():\n    assert code_under_test.answer() == 42\n"


def _is_there(node: str) -> bool:
    file, _colons, name = node.partition("::")
    text = (REPOSITORY / file).read_text(encoding="utf-8") if (REPOSITORY / file).exists() else ""
    return re.search(rf"^def {re.escape(name.partition('[')[0])}\(", text, re.MULTILINE) is not None


def test_the_faults_apply() -> None:
    """One of them is for an old version alone. The line that each changes and the tests that see it are where it says."""
    known = faults.load(REPOSITORY / "tests/faults/faults.yml")
    assert len({fault.name for fault in known}) == 39
    assert len([fault for fault in known if fault.core != "main" and fault.accepted_by == "main"]) == 1
    assert [fault.name for fault in known if not fault.changed(REPOSITORY)] == []
    assert [node for fault in known for node in fault.tests if not _is_there(node)] == []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project with this environment."""
    (tmp_path / "code_under_test.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(TEST, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "main").symlink_to(Path(sys.prefix))
    return tmp_path


@pytest.mark.long
@pytest.mark.parametrize(
    ("search", "replace", "test", "reported"),
    [
        ("42", "41", "test_it.py::test_answer", ""),
        ("42", "2 * 21", "test_it.py::test_answer", "not seen"),
        ("42", "42 +", "test_it.py::test_answer", "no test failed"),
        ("42", "41", "test_it.py::test_of_another_time", "no test failed"),
        ("43", "41", "test_it.py::test_answer", "no longer applies"),
        ("n", "m", "test_it.py::test_answer", "no longer applies"),
    ],
    ids=["seen", "harmless", "not-importable", "no-such-test", "no-such-text", "ambiguous-text"],
)
def test_seen(root: Path, search: str, replace: str, test: str, reported: str) -> None:
    """A file that cannot be imported and a test that is not there are no failed tests. The file is as before in the end."""
    fault = faults.Fault("name", "code_under_test.py", search, replace, (test,))
    found = faults.problem(fault, root)
    assert found.startswith(reported) and bool(found) == bool(reported)
    assert (root / "code_under_test.py").read_text(encoding="utf-8") == CODE


@pytest.mark.long
def test_accepted_by_another_core(root: Path) -> None:
    """A fault of old versions alone must not fail with the other environment as well."""
    fault = faults.Fault("name", "code_under_test.py", "42", "41", ("test_it.py",), accepted_by="main")
    assert faults.problem(fault, root).startswith("also seen by main")
