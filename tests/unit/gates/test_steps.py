# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the Makefile: nothing that failed, was ended or did not run may look green."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support.waiting import until
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import GATES, load

step, summary = load("step.py"), load("summary.py")

PASSED = '<testcase classname="a" name="b"/>'
FAILED = '<testcase classname="a" name="c"><failure message="no"/></testcase>'
BROKEN = '<testcase classname="a" name="d"><error message="no"/></testcase>'
SKIPPED = '<testcase classname="a" name="e"><skipped message="no"/></testcase>'


@pytest.fixture(autouse=True)
def _output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(step, "OUTPUT", tmp_path)
    monkeypatch.setattr(summary, "OUTPUT", tmp_path)
    monkeypatch.delenv("KEEP_GOING", raising=False)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["step.py", *arguments])
    return int(step.main())


def _summary(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["summary.py", "--began", str(time.time()), "--limit", "1", *arguments])
    return int(summary.main())


@pytest.mark.parametrize(
    ("cases", "code", "counts"),
    [
        (PASSED + SKIPPED, 0, summary.Counts(passed=1, skipped=1)),
        (PASSED + FAILED + BROKEN, 1, summary.Counts(passed=1, failed=2)),
        (PASSED, 1, summary.Counts(passed=1, failed=1)),
        (PASSED, -9, summary.Counts(passed=1, failed=1)),
        ("", 0, summary.Counts(failed=1)),
        ("<", 0, summary.Counts(failed=1)),
        (SKIPPED, 77, summary.Counts(skipped=1)),
    ],
)
def test_counts(cases: str, code: int, counts: object, tmp_path: Path) -> None:
    """By test case; a run without tests, and a command that failed after its tests, count as one failure."""
    file = tmp_path / "result.xml"
    file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", encoding="utf-8")
    assert summary.counted(file, code) == counts


def test_without_result_file(tmp_path: Path) -> None:
    """One failure."""
    assert summary.counted(tmp_path / "none.xml", 0) == summary.Counts(failed=1)


def test_steps_and_their_needs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure fails what needs it, with its output; a step that cannot run here is skipped, with what needs it."""
    assert _run(monkeypatch, "good", "--", "true") == 0
    assert _run(monkeypatch, "bad", "--", "bash", "-c", "echo details; exit 3") == 1
    assert "    | details" in capsys.readouterr().out
    assert _run(monkeypatch, "after", "--needs", "good", "--needs", "bad", "--", "true") == 1
    assert _run(monkeypatch, "none", "--", "bash", "-c", "echo no Python 3.10; exit 77") == 0
    assert _run(monkeypatch, "without", "--needs", "none", "--", "false") == 0
    assert _summary(monkeypatch, "good", "bad", "after", "none", "without", "forgotten") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 passed, 3 failed, 2 skipped"
    assert [line for line in lines if line.startswith("none")][-1].endswith("no Python 3.10")
    assert _summary(monkeypatch, "good") == 0


def test_keep_going(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a tier make has to go on after a failure; the summary still fails."""
    monkeypatch.setenv("KEEP_GOING", "1")
    assert _run(monkeypatch, "bad", "--", "false") == 0
    assert _summary(monkeypatch, "bad") == 1


def test_budget(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CPU time over the budget is shown; above 1.5 times it fails a strict run only."""
    _run(monkeypatch, "busy", "--", "true")
    for used, strict, code, remark in (
        (9, ["--strict"], 0, ""),
        (11, ["--strict"], 0, "over budget"),
        (16, [], 0, "over budget"),
        (16, ["--strict"], 1, "CPU time is above 1.5 x budget"),
        (11, [], 0, "over budget; left out: a part"),
    ):
        note = remark.partition("; ")[2]
        record = {"code": 0, "wall": 1, "cpu": used, "budget": 10, "note": note}
        (tmp_path / "busy.json").write_text(json.dumps(record), encoding="utf-8")
        capsys.readouterr()
        assert _summary(monkeypatch, *strict, "busy") == code
        row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("busy"))
        assert row.endswith(remark or " 10")


def test_children_are_ended_with_the_step(tmp_path: Path) -> None:
    """An interrupted step ends the command and what that has started."""
    program = f"import step, pathlib; step.OUTPUT = pathlib.Path({str(tmp_path)!r}); raise SystemExit(step.main())"
    command = [sys.executable, "-c", program, "slow", "--", "bash", "-c", "sleep 300 & echo $!; wait"]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(GATES)}) as process:
        while not (tmp_path / "slow.log").exists() or not (tmp_path / "slow.log").read_text():
            time.sleep(0.05)
        process.terminate()
        assert process.wait(30) == 143
    child = int((tmp_path / "slow.log").read_text())
    until("the child to end", lambda: _ended(child))


def _ended(number: int) -> bool:
    state = Path(f"/proc/{number}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"
