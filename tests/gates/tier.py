# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs steps of the Makefile side by side, prints what came of them, and ends with `N passed, N failed`.

make keeps the order of the steps; this program reads the files that step.py and JUnit leave. If it is ended, it ends make and the steps.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / ".test-output"
# A step may use this many times its budget of CPU time before it fails a strict run: machines differ.
TOLERANCE = 1.5


@dataclass(frozen=True)
class Counts:
    """Tests of a step, by result."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


def counted(path: Path, code: int) -> Counts:
    """The counts of a JUnit file. Without a file, or without a test in it, or if the command failed without a failed test, one test has failed."""
    try:
        suites = list(ElementTree.parse(path).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        suites = []
    total, failed, skipped = 0, 0, 0
    for suite in suites:
        cases = list(suite.iter("testcase"))
        total += len(cases)
        failed += sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
        skipped += sum(case.find("skipped") is not None for case in cases)
    wrong = not total or (code not in (0, 77) and not failed)
    return Counts(total - failed - skipped, failed + int(wrong), skipped)


def failures(path: Path) -> list[str]:
    """Each failed test of a JUnit file: its name, and the first line of the reason."""
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return []
    found = []
    for case in cases:
        for reason in (*case.iter("failure"), *case.iter("error")):
            first_line = (reason.get("message") or reason.text or "").strip().partition("\n")[0]
            found.append(f"{case.get('classname', '')}::{case.get('name', '')}: {first_line[:200]}")
    return found


def line(name: str, counts: Counts, record: dict[str, Any], *, strict: bool) -> tuple[str, bool]:
    """The row of a step, and whether its CPU time fails the run."""
    budget = record.get("budget", 0)
    over = bool(budget) and record["cpu"] > budget
    fails = strict and bool(budget) and record["cpu"] > TOLERANCE * budget
    price = f"CPU time is above {TOLERANCE} x budget" if fails else "over budget" if over else ""
    remark = "; ".join(filter(None, (price, record.get("note", ""))))
    cells = f"{counts.passed:>6} {counts.failed:>6} {counts.skipped:>7} {record['wall']:>7.0f} {record['cpu']:>7.0f}"
    return f"{name:<18} {cells} {budget or '':>7}  {remark}".rstrip(), fails


def run_steps(steps: list[str], jobs: int) -> None:
    """Run make, so many steps at a time. A signal that ends this process ends make first, which ends the steps."""
    for name in steps:
        for ending in ("json", "xml"):
            (OUTPUT / f"{name}.{ending}").unlink(missing_ok=True)
    # What the make that has started this program gives to its children is not for an independent one.
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    with subprocess.Popen(
        ["make", "-s", f"-j{jobs}", "LANES=1", *steps], cwd=ROOT, env={**environment, "KEEP_GOING": "1"}
    ) as process:
        signal.signal(signal.SIGINT, _interrupted)
        signal.signal(signal.SIGTERM, _interrupted)
        try:
            process.wait()
        except SystemExit:
            process.terminate()
            process.wait()
            raise


def _interrupted(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def summarize(steps: list[str], *, began: float, limit: float, strict: bool) -> int:
    """Print the table and the closing line. began: by the monotonic clock; limit: minutes. Returns 1 if anything failed or nothing passed."""
    print(f"\n{'step':<18} {'passed':>6} {'failed':>6} {'skipped':>7} {'wall s':>7} {'CPU s':>7} {'budget':>7}")
    passed, failed, skipped, cpu = 0, 0, 0, 0.0
    failed_tests: list[str] = []
    for name in steps:
        file = OUTPUT / f"{name}.json"
        record = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        if record is None:
            print(f"{name:<18} did not run")
            failed += 1
            continue
        results = OUTPUT / f"{name}.xml"
        counts = counted(results, record["code"])
        failed_tests += [f"{name}: {failure}" for failure in failures(results)]
        row, over = line(name, counts, record, strict=strict)
        print(row)
        passed, skipped, cpu = passed + counts.passed, skipped + counts.skipped, cpu + record["cpu"]
        failed += counts.failed + int(over)
    if failed_tests:
        print("\nFailed:\n" + "\n".join(failed_tests))
    minutes = (time.monotonic() - began) / 60
    over_limit = f", over the limit of {limit:.0f}" if minutes > limit else ""
    print(f"\n{len(steps)} steps in {minutes:.1f} minutes{over_limit}; CPU {cpu:.0f} s; output in .test-output/")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return 1 if failed or not passed else 0


def main() -> int:
    """Run the steps and print their results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, required=True, help="minutes that the run should take at most")
    parser.add_argument("--jobs", type=int, default=1, help="steps at a time")
    parser.add_argument("--strict", action="store_true", help=f"CPU time above {TOLERANCE} x budget is a failure")
    parser.add_argument("steps", nargs="+")
    arguments = parser.parse_args()
    OUTPUT.mkdir(exist_ok=True)
    began = time.monotonic()
    run_steps(arguments.steps, arguments.jobs)
    return summarize(arguments.steps, began=began, limit=arguments.limit, strict=arguments.strict)


if __name__ == "__main__":
    sys.exit(main())
