# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one step of the Makefile and records its result.

The output goes to `.test-output/NAME.log`, the counts to `.test-output/NAME.xml` (JUnit: by the command, which finds the path in JUNIT_XML, or with one
test case for the whole command), times to `.test-output/NAME.json`. `tier.py` reads both.

The exit code is the command's. With KEEP_GOING=1 it is 0, so that make runs the steps that come after this one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / ".test-output"
TAIL_LINES = 60
HEARTBEAT_SECONDS = 60
# Exit codes: this machine cannot run the step (the last line of its output says why); the step was ended because it took too long.
CANNOT_RUN = 77
TIMED_OUT = 124
# A line of output that begins so reports a part that this machine cannot run.
LEFT_OUT = "Left out: "


def main() -> int:
    """Run the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--budget", type=int, default=0, help="CPU seconds that the step may use")
    parser.add_argument(
        "--needs", nargs="+", default=[], action="extend", metavar="STEP", help="steps that must have passed"
    )
    parser.add_argument("--minutes", type=int, default=40, help="after which the step is ended")
    parser.add_argument("--cluster", action="store_true", help="sets KUBECONFIG to the lab's, unless it is set")
    parser.add_argument("--background", action="store_true", help="leaves the processors to other steps first")
    words = sys.argv[1:]
    split = words.index("--")
    arguments = parser.parse_args(words[:split])
    OUTPUT.mkdir(exist_ok=True)
    result = OUTPUT / f"{arguments.name}.xml"
    result.unlink(missing_ok=True)
    began = time.monotonic()
    reason = _blocked(arguments.needs)
    if reason:
        code = CANNOT_RUN if "cannot run here" in reason else 1
        (OUTPUT / f"{arguments.name}.log").write_text(f"{reason}\n", encoding="utf-8")
    else:
        print(f"{arguments.name:<16} ...", flush=True)
        code = _run(arguments, words[split + 1 :])
    text = (OUTPUT / f"{arguments.name}.log").read_text(encoding="utf-8", errors="replace")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    record = {
        "code": code,
        "wall": round(time.monotonic() - began, 1),
        "cpu": round(used.ru_utime + used.ru_stime, 1),
        "budget": arguments.budget,
        "note": reason or _note(code, text, arguments.minutes),
    }
    if not result.exists():
        _write_result(result, arguments.name, code, str(record["note"]))
    (OUTPUT / f"{arguments.name}.json").write_text(json.dumps(record), encoding="utf-8")
    _report(arguments.name, record, text)
    return 0 if code in (0, CANNOT_RUN) or os.environ.get("KEEP_GOING") == "1" else 1


def _blocked(needs: list[str]) -> str:
    """Why the step cannot run, from the records of the steps that it needs; empty if it can."""
    for need in needs:
        file = OUTPUT / f"{need}.json"
        code = json.loads(file.read_text(encoding="utf-8"))["code"] if file.exists() else 1
        if code:
            return f"not run, because {need} {'cannot run here' if code == CANNOT_RUN else 'failed or did not run'}"
    return ""


def _run(arguments: argparse.Namespace, command: list[str]) -> int:
    """Run the command in a session, with a line each minute; end it and its children after the time limit or with this process."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    environment["JUNIT_XML"] = str(OUTPUT / f"{arguments.name}.xml")
    if arguments.cluster and not environment.get("KUBECONFIG"):
        requested = [str(ROOT / "tests/lab/lab"), "kubeconfig"]
        environment["KUBECONFIG"] = subprocess.run(
            requested, stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
    signal.signal(signal.SIGINT, _interrupted)
    signal.signal(signal.SIGTERM, _interrupted)
    began = time.monotonic()
    with (OUTPUT / f"{arguments.name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

        if arguments.background:
            # Linux weighs sessions against each other by their autogroups, where it has them, and processes by their nice value.
            os.setpriority(os.PRIO_PGRP, process.pid, 10)
            with contextlib.suppress(OSError):
                Path(f"/proc/{process.pid}/autogroup").write_text("10", encoding="ascii")

        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(HEARTBEAT_SECONDS)
                seconds = time.monotonic() - began
                if seconds > arguments.minutes * 60:
                    _end(process)
                    return TIMED_OUT
                print(f"{arguments.name:<16} still running, {seconds:.0f} s", flush=True)
        except SystemExit:
            _end(process)
            raise


def _interrupted(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process group: a leader that obeys may leave children that do not."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _note(code: int, text: str, minutes: int) -> str:
    if code == CANNOT_RUN:
        return (text.strip().splitlines() or ["this machine cannot run it"])[-1]
    if code == TIMED_OUT:
        return f"took more than {minutes} minutes"
    left_out = [line.removeprefix(LEFT_OUT) for line in text.splitlines() if line.startswith(LEFT_OUT)]
    return f"left out: {'; '.join(left_out)}" if left_out else ""


def _write_result(path: Path, name: str, code: int, note: str) -> None:
    """A JUnit file with one test case."""
    suite = ElementTree.Element("testsuite", name=name, tests="1")
    case = ElementTree.SubElement(suite, "testcase", classname="gates", name=name)
    if code == CANNOT_RUN:
        ElementTree.SubElement(case, "skipped", message=note)
    elif code:
        ElementTree.SubElement(case, "failure", message=note or f"exit code {code}")
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _report(name: str, record: dict[str, object], text: str) -> None:
    word = "ok" if record["code"] == 0 else "cannot run" if record["code"] == CANNOT_RUN else "FAILED"
    note = f": {record['note']}" if record["note"] else ""
    if word == "FAILED":
        print("\n".join(f"    | {line}" for line in text.splitlines()[-TAIL_LINES:]), flush=True)
        note += f"; .test-output/{name}.log"
    print(f"{name:<16} {word}, {record['wall']:.0f} s, CPU {record['cpu']:.0f} s{note}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
