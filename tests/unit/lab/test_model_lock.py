# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the model are left out only as long as nothing of it has changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

SCRIPT = Path("tests/operator/model_lock")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout, as far as it matters, whose model is verified."""
    monkeypatch.delenv("LAB_OPERATOR", raising=False)
    for folder in ("tests/lab/kymaoperator", "tests/lab/kymalab", "tests/operator", "tests/support"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert _run(tmp_path, "write").returncode == 0
    assert _run(tmp_path, "check").stdout == "model as verified\n"
    return tmp_path


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, root / SCRIPT, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "name",
    [
        "tests/lab/kymaoperator/gostruct.py",
        "tests/lab/kymaoperator/crd.json",
        "tests/lab/kymalab/images.py",
        "tests/lab/kymalab/operator/evidence.py",
        "tests/operator/recordings/0.15.0/s3.json",
        "tests/operator/test_risks.py",
        "tests/support/operator_cases.py",
    ],
)
def test_a_change_is_noticed(copy: Path, name: str) -> None:
    """In any of its parts."""
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    changed = _run(copy, "check")
    assert changed.returncode == 1 and "-m model" in changed.stdout


def test_a_new_or_missing_file_is_noticed(copy: Path) -> None:
    """A recording or a module more; a pattern that finds nothing is a mistake of the script."""
    (copy / "tests/lab/kymaoperator/more.py").touch()
    assert _run(copy, "check").returncode == 1
    (copy / "tests/lab/kymaoperator/more.py").unlink()
    assert _run(copy, "check").returncode == 0
    (copy / "tests/operator/model.lock").unlink()
    assert _run(copy, "check").returncode == 1
    (copy / "tests/lab/kymalab/images.py").unlink()
    assert "there is no tests/lab/kymalab/images.py" in _run(copy, "write").stderr


def test_the_roles_tests_do_not_count(copy: Path) -> None:
    """They do not test the model."""
    with (copy / "tests/operator/test_role_switch.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert _run(copy, "check").returncode == 0


def test_another_operator(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tests always run, and their result is not the model's."""
    monkeypatch.setenv("LAB_OPERATOR", "operator")
    assert _run(copy, "check").returncode == 1
    (copy / "tests/operator/model.lock").unlink()
    assert _run(copy, "write").returncode == 0
    assert not (copy / "tests/operator/model.lock").exists()


def test_unknown_command(copy: Path) -> None:
    """It says what there is."""
    assert _run(copy, "verify").returncode == 2
