"""Processes of the lab: started so that they outlive their caller, ended only if they are surely ours."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kymalab.settings import COMMAND_PATH, Paths

_LAB_PROGRAMS = {
    "containerd", "containerd-shim-runc-v2", "coredns", "etcd", "kube-apiserver", "kube-controller-manager",
    "kube-proxy", "kube-scheduler", "kubelet", "local-path-provisioner",
}  # fmt: skip
_CLOUD_PROGRAMS = {"fake-gcs-server", "nginx", "node", "versitygw"}
_CLOUD_MODULE = b"\0kymalab.clouds."
_OPERATOR_MODULE = b"\0kymaoperator\0"


@dataclass(frozen=True)
class Process:
    """A process, distinguished from a later one with the same number by its start time."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it still runs (a zombie does not)."""
        return _started(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _started(pid: int) -> int | None:
    """Return a process's start time in clock ticks since the boot; None if it does not run."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] in "ZX" else int(after_name[19])


def find(pid: int) -> Process | None:
    """Return the process that has a number now."""
    started = _started(pid)
    return None if started is None else Process(pid, started)


def start(command: list[str], log: Path, environment: dict[str, str]) -> Process:
    """Start a process in its own session, without open files of its caller."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": COMMAND_PATH, "HOME": "/", **environment},
            start_new_session=True,
            close_fds=True,
        )
    child.returncode = 0  # It is not waited for: it outlives this program.
    return find(child.pid) or Process(child.pid, -1)


def of_lab(paths: Paths) -> list[Process]:
    """Find processes of the lab by program and by the state folder in their command line."""
    marks = (f"{paths.run}/".encode(), f"{paths.pki}/".encode(), f"{paths.kubeconfigs}/".encode())
    node = _find(lambda program, command: program in _LAB_PROGRAMS and any(mark in command for mark in marks))
    return [*node, *of_clouds(paths), *of_operator(paths)]


def of_clouds(paths: Paths) -> list[Process]:
    """Find processes of the clouds in the same way; Python is known by the lab's module that it runs."""
    mark = f"{paths.clouds}/".encode()
    return _find(lambda program, command: mark in command and (program in _CLOUD_PROGRAMS or _CLOUD_MODULE in command))


def of_operator(paths: Paths) -> list[Process]:
    """Find the lab's own controller by its module and its kubeconfig."""
    mark = f"--kubeconfig={paths.kubeconfig}\0".encode()
    return _find(lambda _, command: mark in command and _OPERATOR_MODULE in command)


def _find(wanted: Callable[[str, bytes], bool]) -> list[Process]:
    """Return the processes whose program's name and command line are wanted."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        program = os.path.basename(command.split(b"\0", 1)[0].decode(errors="replace"))
        if wanted(program, command):
            process = find(int(folder.name))
            if process:
                found.append(process)
    return found


def stop(processes: Iterable[Process], grace: float) -> None:
    """End processes: politely for some seconds, then for sure."""
    remaining = [process for process in processes if process.alive]
    if grace:
        for process in remaining:
            process.send(signal.SIGTERM)
        remaining = _wait_gone(remaining, grace)
    for process in remaining:
        process.send(signal.SIGKILL)
    _wait_gone(remaining, 10)


def _wait_gone(processes: list[Process], seconds: float) -> list[Process]:
    """Wait until processes have ended. Return those that still run."""
    deadline = time.monotonic() + seconds
    while processes and time.monotonic() < deadline:
        time.sleep(0.02)
        processes = [process for process in processes if process.alive]
    return processes


def tail(log: Path) -> str:
    """Return a log's last lines."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-12:])
