"""Start and stop of the operator."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from kymalab import images, preconditions, processes, record
from kymalab.api import Api, ApiError
from kymalab.build import build
from kymalab.operator import evidence
from kymalab.operator.record import OperatorRecord, forget, load
from kymalab.products import OPERATOR_PRODUCTS
from kymalab.record import Record
from kymalab.settings import SOURCE, LabError, Paths, definition, say

LOG = "operator"
NAMESPACE = "kyma-system"
SERVED = "op-*"
FAST = "--fast"
START_TIMEOUT = 60
GRACE = 5
_STEADY_SECONDS = 0.5
_NOBODY = processes.Process(-1, -1)


def up(paths: Paths, namespace: str, served: str, *, fast: bool = False) -> None:
    """Make sure that the operator runs and that its Deployment exists."""
    preconditions.require_root()
    with record.machine_lock():
        lab = _lab(paths)
        known = load(paths)
        wanted = _wanted(paths, namespace, served, fast=fast)
        if known and known.is_same(wanted) and not problems_of(paths, known):
            say(f"The operator runs and serves {served}.")
            return
        begin = time.monotonic()
        if not known or known.definition != wanted.definition:
            _import_images(paths, lab)
        if known and known.namespace != namespace:
            with closing(Api(paths)) as api:
                evidence.remove(api, known.namespace)
        if not known or not known.is_same(wanted) or not known.process.alive:
            _stop(known)
            wanted.process = processes.start(wanted.command, paths.log_of(LOG), wanted.environment)
        elif known:
            wanted.process = known.process
        wanted.save(paths)
        _await(paths, wanted)
    say(f"The operator is up after {time.monotonic() - begin:.1f} s and serves {served}.")


def down(paths: Paths) -> None:
    """Stop the operator and delete its Deployment."""
    preconditions.require_root()
    with record.machine_lock():
        known = load(paths)
        if known:
            with suppress(ApiError), closing(Api(paths)) as api:
                evidence.remove(api, known.namespace)
        remove(paths)
    say("The operator is down.")


def remove(paths: Paths) -> None:
    """Stop the operator's process with its children; for a caller that takes the cluster down or empties it."""
    _stop(load(paths))
    processes.stop(processes.of_operator(paths), 0)
    forget(paths)


def status(paths: Paths) -> dict[str, Any]:
    """Return everything about the operator."""
    preconditions.require_root()
    known = load(paths)
    problems = problems_of(paths, known) if known else ["the operator does not run"]
    found: dict[str, Any] = {"running": not problems, "problems": problems, "log": str(paths.log_of(LOG))}
    if known:
        found |= {
            "command": known.command,
            "namespace": known.namespace,
            "serves": known.environment["OPERATOR_NAMESPACES"],
            "fast": FAST in known.command,
            "pid": known.process.pid,
        }
    return found


def problems_of(paths: Paths, known: OperatorRecord) -> list[str]:
    """Return what is wrong with an operator that should run; empty when all is well."""
    if not known.process.alive:
        return ["its process does not run"]
    try:
        with closing(Api(paths)) as api:
            return evidence.problems(api, known.namespace)
    except ApiError as error:
        return [str(error)]


def _lab(paths: Paths) -> Record:
    lab = record.load()
    if not lab or not lab.belongs_to(paths) or not lab.complete or not lab.any_alive:
        raise LabError("The lab does not run. Start it with `tests/lab/lab up`, then the operator.")
    return lab


def _wanted(paths: Paths, namespace: str, served: str, *, fast: bool) -> OperatorRecord:
    """Return the operator that is asked for: LAB_OPERATOR's command, or the lab's own; only the latter can be fast."""
    command = shlex.split(os.environ.get("LAB_OPERATOR", ""))
    environment = {"KUBECONFIG": str(paths.kubeconfig), "OPERATOR_NAMESPACES": served}
    if command:
        program = shutil.which(command[0])
        if not program:
            raise LabError(f"LAB_OPERATOR: there is no program {command[0]}.")
        command[0] = os.path.abspath(program)
        environment |= {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    else:
        command = [
            sys.executable,
            "-B",
            "-m",
            "kymaoperator",
            f"--kubeconfig={paths.kubeconfig}",
            *([FAST] if fast else []),
        ]
        environment |= {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}
    return OperatorRecord(command, environment, definition(), namespace, _NOBODY)


def _import_images(paths: Paths, lab: Record) -> None:
    """Give the node what the operator's Pods need."""
    go = preconditions.go_toolchain()
    programs = build(OPERATOR_PRODUCTS, paths.cache, go)
    archives = images.write_operator_archives(paths, Path(lab.binaries["pause"]), programs["htpasswd"], go)
    for name, archive in archives.items():
        images.import_archive(paths, name, archive)


def _stop(known: OperatorRecord | None) -> None:
    """End the process and its children, which are in its process group."""
    if not known or not known.process.alive:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(known.process.pid, number)
        deadline = time.monotonic() + GRACE
        while known.process.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        if not known.process.alive:
            return


def _await(paths: Paths, current: OperatorRecord) -> None:
    """Create the operator's Deployment, and wait until operator and Deployment are ready."""
    with closing(Api(paths)) as api:
        evidence.create(api, current.namespace)
    deadline = time.monotonic() + START_TIMEOUT
    steady_from = time.monotonic() + _STEADY_SECONDS
    while (found := problems_of(paths, current)) or time.monotonic() < steady_from:
        if not current.process.alive:
            raise LabError(f"The operator has ended.\n{processes.tail(paths.log_of(LOG))}")
        if found and time.monotonic() > deadline:
            raise LabError(f"The operator does not become ready: {'; '.join(found)}.")
        time.sleep(0.1)
