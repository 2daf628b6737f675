# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays with the real ansible-playbook and reads the results of their tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support import returns

REPOSITORY = Path(__file__).resolve().parents[2]
COLLECTIONS = REPOSITORY / ".collections"
CALLBACKS = Path(__file__).resolve().parent / "callback"
# Long enough for a rollout on a busy machine; a hang is a failure.
LONGEST_RUN = 600
# Beginning of a line about a task that waits. A wait that ends within seconds has no such line.
WAITING = "waiting: [localhost] =>"


# Whom runs with an administrator's kubeconfig impersonate.
_user = ""


@dataclass(frozen=True)
class TaskResult:
    """What one task returned (a skipped task has none)."""

    task: str
    failed: bool
    result: dict[str, Any]
    host: str = "localhost"

    @property
    def name(self) -> str:
        """The task's name without its role's."""
        return self.task.rpartition(" : ")[2]

    @property
    def changed(self) -> bool:
        """Whether the task reported a change."""
        return bool(self.result.get("changed"))

    def codes(self, severity: str = "error") -> list[str]:
        """Codes of the findings of this severity."""
        return [item["code"] for item in self.result.get("findings", []) if item["severity"] == severity]


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook."""

    returncode: int
    output: str
    tasks: list[TaskResult] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """Number of tasks that reported a change."""
        return sum(task.changed for task in self.tasks)

    @property
    def failures(self) -> list[TaskResult]:
        """The tasks that failed; there is at least one. After the first, the role restores the former state and fails with a report."""
        failed = [task for task in self.tasks if task.failed]
        assert failed, f"no task failed:\n{self.output}"
        return failed

    @property
    def failure(self) -> TaskResult:
        """The task that failed first."""
        return self.failures[0]

    def on(self, host: str) -> Run:
        """The part of the run that concerns one host of the inventory. The return code stays the whole run's."""
        return replace(self, tasks=[task for task in self.tasks if task.host == host])

    @property
    def waited(self) -> bool:
        """Whether a task reported that it waits."""
        return WAITING in self.output

    def of(self, part: str) -> TaskResult:
        """The first task whose name holds the part."""
        return next(task for task in self.tasks if part in task.task)


@contextmanager
def known_as(user: str) -> Iterator[None]:
    """Runs with a kubeconfig impersonate this user, who may do everything: its name distinguishes them in the audit log from runs of other tests."""
    global _user  # noqa: PLW0603
    former, _user = _user, user
    try:
        yield
    finally:
        _user = former


def environment(
    kubeconfig: str | None, execution: str, home: Path, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Environment of ansible-playbook: the tree of this checkout, no foreign settings."""
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG"))
    }
    clean.update(
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        ANSIBLE_HOME=str(home),
        ANSIBLE_LOCALHOST_WARNING="False",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="False",
        ANSIBLE_NOCOLOR="1",
        ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
        ANSIBLE_CALLBACKS_ENABLED="task_results",
        KYMA_DOCKER_REGISTRY_EXECUTION=execution,
        LC_ALL="C.UTF-8",
    )
    extra = extra or {}
    if kubeconfig:
        clean["KUBECONFIG"] = kubeconfig
        if _user and "K8S_AUTH_IMPERSONATE_USER" not in extra:
            clean.update(K8S_AUTH_IMPERSONATE_USER=_user, K8S_AUTH_IMPERSONATE_GROUPS="system:masters")
    clean.update(extra)
    return clean


def local_play(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A play of these tasks on the controller, with the Python that runs Ansible."""
    return {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": list(tasks),
    }


def run(
    playbook: str | Path | Sequence[Mapping[str, Any]],
    *,
    kubeconfig: str | None,
    variables: Mapping[str, Any] | None = None,
    execution: str = "action",
    arguments: Sequence[str] = (),
    extra_environment: Mapping[str, str] | None = None,
    inside: Sequence[str] = (),
) -> Run:
    """Runs a playbook by name or path, or a list of tasks. Never raises for a failing play. inside: a command that runs it.

    Whatever a module of ours returns has to be in its documentation.
    """
    with tempfile.TemporaryDirectory(prefix="kyma-play-") as folder:
        home = Path(folder)
        results = home / "results.jsonl"
        if not isinstance(playbook, (str, Path)):
            file = home / "play.yml"
            file.write_text(json.dumps([local_play(playbook)]), encoding="utf-8")
            playbook = file
        command = [*inside, str(Path(sys.executable).parent / "ansible-playbook"), str(playbook), *arguments]
        if variables:
            extra = home / "variables.json"
            extra.write_text(json.dumps(variables), encoding="utf-8")
            command += ["-e", f"@{extra}"]
        variables_of_run = environment(
            kubeconfig, execution, home, {"KYMA_TASK_RESULTS": str(results), **(extra_environment or {})}
        )
        done = subprocess.run(
            command,
            env=variables_of_run,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_RUN,
            check=False,
        )
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    items = [json.loads(line) for line in lines]
    undocumented = [text for item in items for text in returns.problems(item["action"], item["result"], item["failed"])]
    assert undocumented == [], f"what modules returned is not what they document: {undocumented}"
    tasks = [TaskResult(item["task"], item["failed"], item["result"], item["host"]) for item in items]
    return Run(done.returncode, done.stdout.decode("utf-8", "replace"), tasks)


def module(
    name: str, arguments: Mapping[str, Any], *, kubeconfig: str | None, execution: str, flags: Sequence[str] = ()
) -> tuple[TaskResult, str]:
    """Runs one module of this collection; returns its result and the whole output."""
    task = {"name": name, f"kyma.docker_registry.{name}": dict(arguments)}
    done = run([task], kubeconfig=kubeconfig, execution=execution, arguments=flags)
    assert done.tasks, done.output
    return done.tasks[0], done.output
