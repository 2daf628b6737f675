# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the commands of `make bench` in turn and measures them from outside, as whole processes."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.kyma.docker_registry.tests.bench.cases import APPLY, FLOOR, Case

IMPORT_LOG = Path(__file__).resolve().parent / "import_log"
_UNCHANGED = re.compile(r"^localhost .* changed=0 .* failed=0 ", re.MULTILINE)


@dataclass(frozen=True)
class Sample:
    """One run: seconds of wall time, and of CPU time of all its processes."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Counts:
    """Of one run: its imports by the package's name, the processes that imported, requests to the API server."""

    imports: Mapping[str, int]
    processes: int
    requests: int


@dataclass(frozen=True)
class Row:
    """A line of the table. ratio: to the floor and the apply of the same round; the median of all rounds."""

    title: str
    minimum: float
    median: float
    maximum: float
    cpu: float
    ratio: float


def run_once(case: Case) -> Sample:
    """Runs the command; it must succeed and change nothing."""
    began = time.monotonic()
    process = subprocess.Popen(
        case.command,
        env=dict(case.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    with process.stdout:
        output = process.stdout.read().decode("utf-8", "replace")
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{case.title}:\n{output}"
    assert "ansible-playbook" not in case.command[0] or _UNCHANGED.search(output), f"{case.title}:\n{output}"
    return Sample(wall, used.ru_utime + used.ru_stime)


def run_rounds(cases: Sequence[Case], rounds: int, run: Callable[[Case], Sample] = run_once) -> dict[str, list[Sample]]:
    """Each command once a round, so that a machine that becomes slower makes all of them slower. By title."""
    samples: dict[str, list[Sample]] = {case.title: [] for case in cases}
    for number in range(rounds):
        # Each round begins with another command: none is always the one after the heaviest.
        first = number % len(cases)
        for case in (*cases[first:], *cases[:first]):
            samples[case.title].append(run(case))
    return samples


def summarize(samples: Mapping[str, Sequence[Sample]]) -> list[Row]:
    """The lines of the table."""
    base = [floor.wall + apply.wall for floor, apply in zip(samples[FLOOR], samples[APPLY], strict=True)]
    return [
        Row(
            title,
            min(walls),
            statistics.median(walls),
            max(walls),
            statistics.median(sample.cpu for sample in found),
            statistics.median(wall / unit for wall, unit in zip(walls, base, strict=True)),
        )
        for title, found in samples.items()
        for walls in [[sample.wall for sample in found]]
    ]


def count(case: Case, work: Path, audit_log: Path) -> Counts:
    """Runs the command again, without measuring its time."""
    log = work / "imports"
    log.unlink(missing_ok=True)
    start = audit_log.stat().st_size
    environment = {**case.environment, "PYTHONPATH": str(IMPORT_LOG), "KYMA_IMPORT_LOG": str(log)}
    run_once(replace(case, environment=environment))
    with audit_log.open("rb") as file:
        file.seek(start)
        # The last line may be half written.
        entries = file.read().rpartition(b"\n")[0].splitlines()
    imports, processes = count_imports(log.read_text(encoding="utf-8") if log.exists() else "")
    return Counts(imports, processes, count_requests(entries, case.agent))


def count_imports(log: str) -> tuple[Counter[str], int]:
    """Imports by package, and the number of processes. log: what import_log/sitecustomize.py writes."""
    lines = [line.split(" ", 1) for line in log.splitlines()]
    return Counter(_package(name) for _, name in lines), len({process for process, _ in lines})


def _package(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[1:3]) if parts[0] == "ansible_collections" and len(parts) > 2 else parts[0]


def count_requests(entries: Sequence[bytes], agent: str) -> int:
    """Requests of the program in an audit log. agent: how its name begins there; empty for a program that sends none."""
    found = map(json.loads, entries)
    return sum(
        bool(agent) and entry.get("stage") == "ResponseComplete" and str(entry.get("userAgent")).startswith(agent)
        for entry in found
    )
