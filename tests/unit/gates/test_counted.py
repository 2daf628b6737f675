# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a step counts, read from its output and its exit code: nothing that failed or did not run may look green."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load
from hypothesis import given
from hypothesis import strategies as st

run = load("run")
GATE, TESTS = run.Step("g", "gate", "true"), run.Step("g", "tests", "true", pytest=True, minutes=7)


@pytest.mark.parametrize(
    ("log", "code", "outcome"),
    [
        ("anything\n5 failed in 3s", 0, run.Outcome(passed=1)),
        ("", 0, run.Outcome(passed=1)),
        ("100 passed in 3s", 1, run.Outcome(failed=1, why="exit code 1")),
        ("", -9, run.Outcome(failed=1, why="exit code -9")),
        ("", 124, run.Outcome(failed=1, why="took more than 40 minutes")),
        ("needs\nno Python 3.10 here\n\n", 77, run.Outcome(skipped=1, why="no Python 3.10 here")),
        ("", 77, run.Outcome(skipped=1, why="this machine cannot run it")),
        ("Left out: Python 3.14\nfine", 0, run.Outcome(passed=1, why="left out: Python 3.14")),
        ("a\nLeft out: this\nLeft out: that\n", 0, run.Outcome(passed=1, why="left out: this; that")),
        ("Left out: this\n", 1, run.Outcome(failed=1, why="exit code 1")),
    ],
)
def test_gates(log: str, code: int, outcome: object) -> None:
    """A gate counts as one, by its exit code alone."""
    assert run.counted(GATE, log, code) == outcome


@pytest.mark.parametrize(
    ("log", "code", "outcome"),
    [
        ("12 passed in 3.05s", 0, run.Outcome(12)),
        ("1 passed in 75.28s (0:01:15)", 0, run.Outcome(1)),
        ("===== 12 passed, 2 warnings in 3.05s =====", 0, run.Outcome(12)),
        ("12 passed, 3 skipped, 4 deselected, 1 xfailed in 3.05s", 0, run.Outcome(12, 0, 3)),
        ("2 failed, 10 passed in 3.05s", 1, run.Outcome(10, 2, 0, "exit code 1")),
        ("2 failed, 10 passed, 1 error in 3.05s", 1, run.Outcome(10, 3, 0, "exit code 1")),
        ("3 errors in 0.05s", 2, run.Outcome(0, 3, 0, "exit code 2")),
        ("10 passed in 3.05s", 1, run.Outcome(10, 1, 0, "exit code 1")),
        ("10 passed in 3.05s", 124, run.Outcome(10, 1, 0, "took more than 7 minutes")),
        ("5 skipped in 0.05s", 0, run.Outcome(0, 1, 5, "no test ran")),
        ("5 deselected in 0.05s", 5, run.Outcome(0, 1, 0, "exit code 5")),
        ("no tests ran in 0.01s", 5, run.Outcome(0, 1, 0, "exit code 5")),
        ("", 0, run.Outcome(0, 1, 0, "no test ran")),
        ("killed", -9, run.Outcome(0, 1, 0, "exit code -9")),
        ("test said: 99 passed in 1s\nok\n7 passed in 3.05s", 0, run.Outcome(7)),
        ("99 passed in 1s\n1 failed, 7 passed in 3.05s", 1, run.Outcome(7, 1, 0, "exit code 1")),
        ("4 xpassed, 2 passed in 1.0s", 0, run.Outcome(2)),
    ],
)
def test_pytest_runs(log: str, code: int, outcome: object) -> None:
    """A pytest run counts its tests; it has failed where it ran none, or says so by its exit code."""
    assert run.counted(TESTS, log, code) == outcome


def test_pytest_run_that_cannot_run() -> None:
    """As with a gate."""
    assert run.counted(TESTS, "no Python", 77) == run.Outcome(skipped=1, why="no Python")


@given(st.text() | st.text(alphabet="0123456789 passedfailrosk,in.\n"), st.integers(1, 76))
def test_a_failing_exit_code_is_never_green(log: str, code: int) -> None:
    """Whatever the output says."""
    assert run.counted(TESTS, log, code).failed and run.counted(GATE, log, code).failed


def test_steps_are_well_formed() -> None:
    """Names are single, needs exist and stand before, no pytest run is taken for a gate."""
    names = [step.name for step in run.STEPS]
    assert len(set(names)) == len(names)
    for position, step in enumerate(run.STEPS):
        assert set(step.needs) <= set(names[:position]), step.name
        assert step.pytest == ("-m pytest" in step.command), step.name
        assert len(step.name) <= 15, "the column of names"


@pytest.mark.parametrize("given_cluster", ["", "/some/kubeconfig"])
def test_chosen(monkeypatch: pytest.MonkeyPatch, given_cluster: str) -> None:
    """Groups with what they need; a given cluster makes the lab needless, and has no operator of it."""
    monkeypatch.setenv("KUBECONFIG", given_cluster)
    lab = [] if given_cluster else ["lab"]
    of_lab = ("lab", "operator")
    everything = [step.name for step in run.STEPS if not (given_cluster and step.group in of_lab)]
    assert [step.name for step in run.chosen([])] == everything
    assert [step.name for step in run.chosen(["molecule"])] == [*lab, "molecule"]
    assert [step.name for step in run.chosen(["unit"])] == ["unit", "venv-core216", "unit-core216"]
    assert {step.name for step in run.chosen(["api"])} == {
        "api",
        "api-core219",
        "api-core216",
        "venv-core219",
        "venv-core216",
        *lab,
    }
    assert [step.name for step in run.chosen(["lab"])] == lab
