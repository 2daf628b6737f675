# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Makefile starts: with programs that only write down how they are called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Runs targets in a checkout that has nothing but the Makefile; its output has the commands."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("tests/gates/tree", "tests/gates/venv", ".venv/main/bin/python"):
        tool = tmp_path / name
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.write_text('#!/bin/bash\necho "${0##*/} $*"\n')
        tool.chmod(0o755)

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        # Not the settings of the make that runs these tests.
        known = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return subprocess.run(
            ["make", *arguments],
            cwd=tmp_path,
            env={**known, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_soak(make: Make) -> None:
    """The suite runs with its limit; another name is rejected."""
    done = make("soak", "SUITE=faults")
    assert done.returncode == 0 and done.stdout.endswith("tests/gates/tier.py --jobs 1 --limit 25 faults\n"), done
    done = make("soak", "SUITE=other")
    assert done.returncode != 0 and "Suites: faults" in done.stdout, done


def test_soak_of_what_needs_the_lab(make: Make) -> None:
    """With a cluster of one's own it is rejected before anything starts, with the reason."""
    done = make("soak", "SUITE=faults", KUBECONFIG="/some/where")
    assert done.returncode != 0 and "tier.py" not in done.stdout
    assert "faults needs the lab, and KUBECONFIG names another cluster. Unset KUBECONFIG." in done.stdout


@pytest.mark.parametrize("tier", ["test", "test-long"])
def test_tiers_with_a_cluster_of_ones_own(make: Make, tier: str) -> None:
    """They leave out what needs the lab, and nothing else."""
    own, given = (
        set(re.findall(r"tier.py (.*)", make(tier, **environment).stdout)[0].split())
        for environment in ({}, {"KUBECONFIG": "/some/where"})
    )
    lab = {"lab", "operator", "operator-model", "molecule-operator", "molecule", "alone", "operator-long", "faults"}
    assert given < own and own - given == own & lab


def test_the_oldest_core_runs_each_unit_test(make: Make) -> None:
    """The long part leaves out what the other part names, and the gates, whose tools the oldest core's environment has not.

    Only the folder with tests that are marked `long` is in both.
    """
    first, left = (
        make("-n", step).stdout.rpartition("'unit(core216)' -- ")[2].strip()
        for step in ("unit-core216", "unit-core216-long")
    )
    paths, _mark, marks = first.partition(" -m ")
    named = paths.split()
    assert marks == '"not long"'
    both = [path for path in named if f"--ignore={path}" not in left.split()]
    assert left.split() == [*(f"--ignore={path}" for path in named if path not in both), "--ignore=tests/unit/gates"]
    files = {path for folder in named for path in (ROOT / folder).rglob("test_*.py")}
    marked = {path for path in files if "pytest.mark.long" in path.read_text(encoding="utf-8")}
    assert both and marked == {path for path in marked if any(path.is_relative_to(ROOT / folder) for folder in both)}
    assert [path for path in named if not (ROOT / path).exists()] == []


def _expression(make: Make, step: str) -> str:
    """The marks that the step asks for."""
    (found,) = re.findall(r" -m '?([a-z ]+?)'?(?: -n .*)?$", make("-n", step).stdout.replace("\\\n", " "), re.MULTILINE)
    return str(found)


@pytest.mark.parametrize(
    ("steps", "marks"),
    [
        (("beside", "nodeless", "direct", "alone"), ("beside", "nodeless", "alone")),
        (("compat-core216", "compat-core216-nodeless"), ("nodeless",)),
    ],
    ids=["main", "compat"],
)
def test_each_test_is_in_one_step(make: Make, steps: tuple[str, ...], marks: tuple[str, ...]) -> None:
    """Whatever a test is marked with, exactly one step runs it."""
    expressions = [_expression(make, step) for step in steps]
    for marked in (None, *marks):
        known = {name: name == marked for name in ("alone", "beside", "nodeless", "long")}
        assert [eval(text, {}, known) for text in expressions].count(True) == 1, (marked, expressions)


def test_an_api_server_of_their_own_only_in_the_lab(make: Make) -> None:
    """The programs of an API server are the lab's; in another cluster the same steps use that cluster."""
    for step in ("nodeless", "api-core216", "compat-core216-nodeless"):
        assert "--own-server" in make("-n", step).stdout
        given = make("-n", step, KUBECONFIG="/some/where").stdout
        assert "pytest" in given and "--own-server" not in given
