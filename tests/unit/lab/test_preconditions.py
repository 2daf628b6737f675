# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the machine must have before the lab starts."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from kymalab import preconditions
from kymalab.settings import LabError

UPDATE = ["apt-get", "update", "-q"]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A machine without the file of package `some`; its commands are noted, and install it."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        ran.append(command)
        if "install" in command:
            (tmp_path / "some").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(preconditions, "_DPKG_JOURNAL", tmp_path / "updates")
    monkeypatch.setattr(preconditions.shutil, "which", lambda name, **_: f"/usr/bin/{name}")
    monkeypatch.setattr(preconditions.subprocess, "run", run)
    return ran


def test_installation(machine: list[list[str]], tmp_path: Path) -> None:
    """Only what is missing, and only once; it waits for another installation that is at work."""
    packages = {"some": (str(tmp_path / "some"),), "present": (str(tmp_path),)}
    preconditions.install_packages(packages)
    assert machine[0] == UPDATE and machine[1][-1] == "some" and "DPkg::Lock::Timeout=300" in machine[1]
    assert "present" not in machine[1] and len(machine) == 2
    preconditions.install_packages(packages)
    assert len(machine) == 2


def test_installation_after_a_kill(machine: list[list[str]], tmp_path: Path) -> None:
    """Apt fails until dpkg has finished an interrupted installation."""
    (tmp_path / "updates").mkdir()
    (tmp_path / "updates/0001").touch()
    preconditions.install_packages({"some": (str(tmp_path / "some"),)})
    assert machine[:2] == [["dpkg", "--configure", "-a"], UPDATE]


def test_installation_that_fails(monkeypatch: pytest.MonkeyPatch, machine: list[list[str]], tmp_path: Path) -> None:
    """The command and the end of what it said; what is still missing is named."""
    with pytest.raises(LabError, match="still not found: other"):
        preconditions.install_packages({"other": (str(tmp_path / "other"),)})
    failed = subprocess.CompletedProcess(UPDATE, 100, "", "no route to host")
    monkeypatch.setattr(preconditions.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(LabError, match=r"`apt-get update -q` failed:\nno route to host"):
        preconditions.install_packages({"other": (str(tmp_path / "other"),)})
    monkeypatch.setattr(preconditions.shutil, "which", lambda *_, **__: None)
    with pytest.raises(LabError, match="Missing programs, named as Debian's packages: other"):
        preconditions.install_packages({"other": (str(tmp_path / "other"),)})
