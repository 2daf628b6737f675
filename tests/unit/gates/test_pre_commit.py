# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hook of pre-commit that needs a tool beyond `.venv/main`."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
Call = Callable[[], subprocess.CompletedProcess[str]]


@pytest.fixture
def hook() -> dict[str, Any]:
    """The one with actionlint."""
    (found,) = [item for item in HOOKS if item["id"] == "actionlint"]
    return dict(found)


@pytest.fixture
def call(hook: dict[str, Any], tmp_path: Path) -> Call:
    """Calls it as pre-commit does, on a machine that has nothing but a shell (and what the test adds)."""
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))

    def run() -> subprocess.CompletedProcess[str]:
        command = shlex.split(hook["entry"])
        command[0] = shutil.which(command[0], path=str(tmp_path)) or command[0]
        return subprocess.run(
            command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def test_without_go(hook: dict[str, Any], call: Call) -> None:
    """It passes and says that nothing was linted; pre-commit shows the output of a hook that passes if it is verbose."""
    done = call()
    assert (done.returncode, done.stdout) == (
        0,
        "No Go on this machine, which builds actionlint: workflows not linted.\n",
    )
    assert hook["verbose"] is True


def test_a_finding_fails(call: Call, tmp_path: Path) -> None:
    """Of actionlint, or of its build."""
    go = tmp_path / "go"
    go.write_text("#!/bin/bash\nexit 1\n")
    go.chmod(0o755)
    assert call().returncode == 1
