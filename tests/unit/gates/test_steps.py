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

step, tier = load("step.py"), load("tier.py")

PASSED = '<testcase classname="a" name="b"/>'
FAILED = '<testcase classname="a" name="c"><failure message="no"/></testcase>'
BROKEN = '<testcase classname="a" name="d"><error message="no"/></testcase>'
SKIPPED = '<testcase classname="a" name="e"><skipped message="no"/></testcase>'


@pytest.fixture(autouse=True)
def _output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(step, "OUTPUT", tmp_path)
    monkeypatch.setattr(tier, "OUTPUT", tmp_path)
    monkeypatch.delenv("KEEP_GOING", raising=False)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["step.py", *arguments])
    return int(step.main())


def _summary(*steps: str, strict: bool = False) -> int:
    return int(tier.summarize(list(steps), began=time.monotonic(), limit=1, strict=strict))


@pytest.mark.parametrize(
    ("cases", "code", "counts"),
    [
        (PASSED + SKIPPED, 0, tier.Counts(passed=1, skipped=1)),
        (PASSED + FAILED + BROKEN, 1, tier.Counts(passed=1, failed=2)),
        (PASSED, 1, tier.Counts(passed=1, failed=1)),
        (PASSED, -9, tier.Counts(passed=1, failed=1)),
        ("", 0, tier.Counts(failed=1)),
        ("<", 0, tier.Counts(failed=1)),
        (SKIPPED, 77, tier.Counts(skipped=1)),
    ],
)
def test_counts(cases: str, code: int, counts: object, tmp_path: Path) -> None:
    """By test case; a run without tests, and a command that failed after its tests, count as one failure."""
    file = tmp_path / "result.xml"
    file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", encoding="utf-8")
    assert tier.counted(file, code) == counts


def test_without_result_file(tmp_path: Path) -> None:
    """One failure."""
    assert tier.counted(tmp_path / "none.xml", 0) == tier.Counts(failed=1)


def test_failed_tests_are_named_below_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log of which only the end is kept still says which test failed."""
    (tmp_path / "one.xml").write_text(
        f"<testsuites><testsuite>{PASSED}{FAILED}{BROKEN}</testsuite></testsuites>", encoding="utf-8"
    )
    (tmp_path / "one.json").write_text(json.dumps({"code": 1, "wall": 1, "cpu": 1}), encoding="utf-8")
    assert _summary("one") == 1
    assert "\nFailed:\none: a::c: no\none: a::d: no\n" in capsys.readouterr().out


def test_steps_and_their_needs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure fails what needs it, with its output; a step that cannot run here is skipped, with what needs it."""
    assert _run(monkeypatch, "good", "--", "true") == 0
    assert _run(monkeypatch, "bad", "--", "bash", "-c", "echo details; exit 3") == 1
    assert "    | details" in capsys.readouterr().out
    assert _run(monkeypatch, "after", "--needs", "good", "--needs", "bad", "--", "true") == 1
    assert _run(monkeypatch, "none", "--", "bash", "-c", "echo no Python 3.10; exit 77") == 0
    assert _run(monkeypatch, "without", "--needs", "none", "--", "false") == 0
    assert _summary("good", "bad", "after", "none", "without", "forgotten") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 passed, 3 failed, 2 skipped"
    assert [line for line in lines if line.startswith("none")][-1].endswith("no Python 3.10")
    assert _summary("good") == 0


def test_keep_going(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a tier make has to go on after a failure; the summary still fails."""
    monkeypatch.setenv("KEEP_GOING", "1")
    assert _run(monkeypatch, "bad", "--", "false") == 0
    assert _summary("bad") == 1


def test_budget(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CPU time over the budget is shown; above 1.5 times it fails a strict run only."""
    _run(monkeypatch, "busy", "--", "true")
    for used, strict, code, remark in (
        (9, True, 0, ""),
        (11, True, 0, "over budget"),
        (16, False, 0, "over budget"),
        (16, True, 1, "CPU time is above 1.5 x budget"),
        (11, False, 0, "over budget; left out: a part"),
    ):
        note = remark.partition("; ")[2]
        record = {"code": 0, "wall": 1, "cpu": used, "budget": 10, "note": note}
        (tmp_path / "busy.json").write_text(json.dumps(record), encoding="utf-8")
        capsys.readouterr()
        assert _summary("busy", strict=strict) == code
        row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("busy"))
        assert row.endswith(remark or " 10")


def test_an_ended_tier_leaves_nothing(tmp_path: Path) -> None:
    """Ending the program ends make, the step and the step's command: a second run would meet the first one's tests."""
    (tmp_path / "Makefile").write_text(
        f"slow:\n\t@{sys.executable} {GATES / 'step.py'} test-of-tier -- bash -c 'echo $$$$ >{tmp_path}/pid; exec sleep 300'\n"
    )
    program = (
        f"import tier, pathlib; tier.ROOT = tier.OUTPUT = pathlib.Path({str(tmp_path)!r}); tier.run_steps(['slow'], 1)"
    )
    with subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(GATES)}) as process:
        until("the command to run", lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        process.terminate()
        assert process.wait(30) == 143
    assert _ended(int((tmp_path / "pid").read_text()))


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
