# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`.ci/run` begins where a killed run ended: with programs that only write down how they are called."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

COLLECTION = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of nothing but the command; its lab can be made to fail."""
    for path, word in (("tests/lab/lab", "lab"), ("bin/make", "make")):
        tool = tmp_path / path
        tool.parent.mkdir(parents=True)
        tool.write_text(f'#!/bin/bash\necho "{word} $*" >>"$LOG"\ncase " $BROKEN " in *" $1 "*) exit 1 ;; esac\n')
        tool.chmod(0o755)
    (tmp_path / ".ci").mkdir()
    shutil.copy(COLLECTION / ".ci/run", tmp_path / ".ci/run")
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> Callable[..., list[str]]:
    """Run it; return what was called."""

    def call(**environment: str) -> list[str]:
        log = checkout / "log"
        known = {"PATH": f"{checkout}/bin:{os.environ['PATH']}", "LOG": str(log)}
        subprocess.run([checkout / ".ci/run"], env={**known, **environment}, check=True, timeout=60)
        return log.read_text().splitlines()

    return call


def test_a_lab_that_runs(run: Callable[..., list[str]]) -> None:
    """It is emptied; the tests then find it running."""
    assert run() == ["lab status", "lab reset", "make test"]


def test_a_lab_that_cannot_be_emptied(run: Callable[..., list[str]]) -> None:
    """It is taken down; the tests start another."""
    assert run(BROKEN="reset") == ["lab status", "lab reset", "lab down", "make test"]


def test_no_lab(run: Callable[..., list[str]]) -> None:
    """Nothing is emptied: neither one that does not run, nor a cluster that is given."""
    assert run(BROKEN="status") == ["lab status", "make test"]


def test_a_cluster_that_is_given(run: Callable[..., list[str]]) -> None:
    """It belongs to the user."""
    assert run(KUBECONFIG="/mine") == ["make test"]


def test_steps_of_a_killed_run(checkout: Path, run: Callable[..., list[str]]) -> None:
    """They are ended. Those of another checkout continue."""
    results = [checkout / ".test-output/unit.xml", checkout.with_name("other") / ".test-output/unit.xml"]
    ours, others = (
        subprocess.Popen(["sleep", "60"], env={**os.environ, "JUNIT_XML": str(path)}, start_new_session=True)
        for path in results
    )
    try:
        run()
        assert ours.wait(10) == -9 and others.poll() is None
    finally:
        ours.kill()
        others.kill()
        others.wait()
