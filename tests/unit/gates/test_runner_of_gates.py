# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which steps run: lanes, needs, hangs and faults."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load

run = load("run")


def _step(name: str, lane: str = "a", **options: Any) -> Any:
    return run.Step("g", name, "true", lane=lane, **options)


class _Scripted(run.Runner):  # type: ignore[misc,name-defined]
    """Steps take a moment and end with the code that the test gives; notes who ran with whom."""

    def __init__(self, *steps: Any, codes: dict[str, int] | None = None) -> None:
        super().__init__(steps)
        self.codes = codes or {}
        self.order: list[str] = []
        self.together: set[frozenset[str]] = set()
        self.active: set[str] = set()
        self.guard = threading.Lock()

    def _execute(self, step: Any, log: Path) -> int:
        with self.guard:
            self.order.append(step.name)
            self.active.add(step.name)
            self.together |= {frozenset((step.name, other)) for other in self.active if other != step.name}
        code = self.codes.get(step.name, 0)
        if code == -1:
            raise OSError("no such program")
        time.sleep(0.03)
        log.write_text("3 passed in 1.0s" if not code else "1 failed, 3 passed in 1.0s" if code == 1 else "cannot")
        with self.guard:
            self.active.discard(step.name)
        return code


@pytest.fixture(autouse=True)
def _logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "LOGS", tmp_path)


def _pair(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_one_lane_keeps_its_order() -> None:
    """One after the other."""
    runner = _Scripted(_step("1"), _step("2"), _step("3"))
    outcomes = runner.run()
    assert runner.order == ["1", "2", "3"] and not runner.together
    assert all(outcome.passed == 1 and not outcome.failed for outcome in outcomes.values())


def test_lanes_run_at_the_same_time() -> None:
    """Different lanes together, same lanes never."""
    runner = _Scripted(_step("a1", "a"), _step("a2", "a"), _step("b1", "b"), _step("b2", "b"))
    runner.run()
    assert _pair("a1", "b1") in runner.together
    assert not {_pair("a1", "a2"), _pair("b1", "b2")} & runner.together


def test_needs_are_awaited() -> None:
    """Across lanes; what waits holds its lane, so that the order is kept."""
    runner = _Scripted(_step("slow", "a"), _step("user", "b", needs=("slow",)), _step("later", "b"))
    runner.run()
    assert runner.order == ["slow", "user", "later"]


def test_needs_that_are_not_chosen_do_not_count() -> None:
    """A given cluster stands for the lab."""
    assert _Scripted(_step("user", needs=("lab",))).run()["user"].passed


@pytest.mark.parametrize("code", [1, 2, -1])
@pytest.mark.parametrize("pytest_run", [True, False])
def test_what_needs_a_failed_step_fails(code: int, pytest_run: bool) -> None:
    """Also where only one test of it failed; and so on to what needs that. It says why; others go on."""
    steps = (
        _step("base", pytest=pytest_run),
        _step("user", "b", needs=("base",)),
        _step("next", needs=("user",)),
        _step("free"),
    )
    runner = _Scripted(*steps, codes={"base": code})
    outcomes = runner.run()
    assert runner.order == ["base", "free"]
    assert outcomes["base"].failed and outcomes["free"].passed
    assert outcomes["user"] == run.Outcome(failed=1, why="not run, because base failed")
    assert outcomes["next"] == run.Outcome(failed=1, why="not run, because user failed")


def test_what_needs_a_skipped_step_is_skipped() -> None:
    """What this machine cannot run is no failure."""
    runner = _Scripted(_step("venv"), _step("unit", needs=("venv",)), codes={"venv": 77})
    outcomes = runner.run()
    assert outcomes["venv"] == run.Outcome(skipped=1, why="cannot")
    assert outcomes["unit"] == run.Outcome(skipped=1, why="not run, because venv cannot run here")


@pytest.mark.parametrize(
    "steps",
    [
        (_step("a", needs=("b",)), _step("b", needs=("a",))),
        (_step("first", needs=("second",)), _step("second")),
    ],
)
def test_no_order_is_possible(steps: tuple[Any, ...]) -> None:
    """Told as a failure, at once, instead of waiting for ever."""
    outcomes = _Scripted(*steps).run()
    assert len(outcomes) == 2 and all(
        outcome.failed and "comes after it" in outcome.why for outcome in outcomes.values()
    )


def test_a_fault_of_the_runner_is_a_failed_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it is; the others go on."""
    outcomes = _Scripted(_step("bad"), _step("good"), codes={"bad": -1}).run()
    assert outcomes["bad"] == run.Outcome(failed=1, why="OSError: no such program") and outcomes["good"].passed
    assert "bad             FAILED (1 failed, 0 s): OSError: no such program" in capsys.readouterr().out


def test_words(capsys: pytest.CaptureFixture[str]) -> None:
    """ok, FAILED with the end of the log, skipped with its reason."""
    steps = (_step("fine"), _step("tests", pytest=True), _step("none"))
    _Scripted(*steps, codes={"tests": 1, "none": 77}).run()
    said = capsys.readouterr().out
    assert "fine            ok (1 passed, 0 s)\n" in said
    assert "tests           FAILED (3 passed, 1 failed, 0 s): exit code 1; .test-output/tests.log\n" in said
    assert "    | 1 failed, 3 passed in 1.0s\n" in said and "none            skipped (1 skipped, 0 s): cannot\n" in said


def _real(command: str, **options: Any) -> Any:
    return run.Step("g", "real", command, **options)


def test_real_command(tmp_path: Path) -> None:
    """Its output goes to the log, a failure in a pipe counts, nothing waits for input."""
    outcomes = run.Runner((_real("cat; echo said; echo wrong >&2; false | true"),)).run()
    assert outcomes["real"] == run.Outcome(failed=1, why="exit code 1")
    assert (tmp_path / "real.log").read_text() == "said\nwrong\n"


def test_static_steps_give_way(tmp_path: Path) -> None:
    """To whatever runs beside them; those of the cluster do not."""
    here = os.nice(0)
    for lane, above in (("static", 10), ("cluster", 0)):
        run.Runner((_real("nice", lane=lane),)).run()
        assert int((tmp_path / "real.log").read_text()) == min(here + above, 19)


def test_hanging_command_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its minutes, also a child that the shell left behind."""
    monkeypatch.setattr(run, "MINUTE", 0.3)
    child = tmp_path / "child"
    began = time.monotonic()
    outcomes = run.Runner((_real(f"sleep 60 & echo $! >{child}; wait", minutes=1),)).run()
    assert outcomes["real"].failed and "took more than 1 minutes" in outcomes["real"].why
    assert time.monotonic() - began < 20
    _gone(int(child.read_text()))


def test_stop_ends_what_runs_and_starts_nothing(tmp_path: Path) -> None:
    """Ctrl-C."""
    child = tmp_path / "child"
    runner = run.Runner((_real(f"sleep 60 & echo $! >{child}; wait"), _step("later", "static")))
    whole = threading.Thread(target=runner.run)
    whole.start()
    _until(lambda: child.exists() and child.read_text().strip() != "")
    runner.stop()
    whole.join(20)
    assert not whole.is_alive() and "later" not in runner.outcomes
    _gone(int(child.read_text()))


def _gone(number: int) -> None:
    def gone() -> bool:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        # A zombie that nobody has waited for yet is gone as well.
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    _until(gone)


def _until(true: Any) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_their_sessions_give_way() -> None:
    """Where Linux weighs sessions against each other."""
    group = Path("/proc/self/autogroup")
    if not group.exists() or os.geteuid() != 0:
        pytest.skip("sessions have no weight here")
    steps = [run.Step("g", lane, f"cat {group}", lane=lane) for lane in ("static", "cluster")]
    assert all(outcome.passed for outcome in run.Runner(tuple(steps)).run().values())
    told = {lane: (run.LOGS / f"{lane}.log").read_text(encoding="utf-8").rstrip() for lane in ("static", "cluster")}
    assert told["static"].endswith("nice 10") and not told["cluster"].endswith("nice 10")
