# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many cases in one run of ansible-playbook: a namespace for each, and a user for each task, which identifies its requests in the audit log."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.tests.api.cases import ARGUMENTS, WAYS, WRITING, module_of
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit, Request

CASES = {**ARGUMENTS, **WAYS}
CHANGING = (*WRITING, *WAYS)
# What is done with a case, in this order. no-rights: as a user without rights; prepare: what a case needs in its namespace.
CHECK, NO_RIGHTS, UNKNOWN, PREPARE, FIRST, SECOND = PHASES = (
    "check",
    "no-rights",
    "unknown",
    "prepare",
    "first",
    "second",
)
# All in one run; or runs of their own, the first of them with --check.
AT_ONCE = (PHASES,)
APART = ((CHECK,), (PREPARE, FIRST), (SECOND,))
_FORBIDDEN = "nobody"


@dataclass(frozen=True)
class Done:
    """A task that was run, and the requests that it sent."""

    task: playbook.TaskResult
    requests: list[Request]

    @property
    def writes(self) -> list[Request]:
        """Requests that could change something."""
        return [request for request in self.requests if request.writes]


class Batch:
    """What run_cases() returned, read."""

    def __init__(self, made: dict[str, Any]) -> None:
        """made: as run_cases() returned it."""
        self._made = made

    def of(self, execution: str, phase: str, case: str) -> Done:
        """One task."""
        done = self._made[execution]
        name = _task(phase, case)
        assert name in done["tasks"], done["output"]
        task, requests = done["tasks"][name]
        return Done(playbook.TaskResult(**task), [Request(**item) for item in requests])


def run_cases(
    cases: Sequence[str], executions: Sequence[str], *, kubeconfig: str, audit_log: str, runs: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """Run the cases in process and as modules at the same time; return JSON."""
    base = f"test-{uuid.uuid4().hex[:10]}"
    audit = Audit(audit_log, base, base)

    def through(execution: str) -> list[playbook.Run]:
        done = []
        for phases in runs:
            flags = ["--check"] if tuple(phases) == (CHECK,) else []
            if tasks := list(_tasks(base, execution, phases, cases)):
                done.append(playbook.run(tasks, kubeconfig=kubeconfig, execution=execution, arguments=flags))
        return done

    with _namespaces(base, cases, executions, kubeconfig), ThreadPoolExecutor(len(executions)) as pool:
        done = dict(zip(executions, pool.map(through, executions), strict=True))
        sent: dict[str, list[dict[str, Any]]] = {}
        for request in audit.requests():
            sent.setdefault(request.user, []).append(asdict(request))
    return {
        execution: {
            "output": "\n".join(item.output for item in done[execution]),
            "tasks": {
                task.task: (asdict(task), sent.get(_user(base, execution, task.task), []))
                for item in done[execution]
                for task in item.tasks
            },
        }
        for execution in executions
    }


def _tasks(base: str, execution: str, phases: Sequence[str], cases: Sequence[str]) -> Iterator[dict[str, Any]]:
    for phase in phases:
        for case in cases:
            arguments = _arguments(phase, case, _namespace(base, execution, phase, case))
            if arguments is None:
                continue
            module = "docker_registry_storage" if phase == PREPARE else module_of(case)
            name = _task(phase, case)
            if phase == NO_RIGHTS:
                # The same for both ways of running: messages contain it.
                arguments["impersonate_user"] = f"{base}-{_FORBIDDEN}"
            elif phase != UNKNOWN:
                arguments |= {
                    "impersonate_user": _user(base, execution, name),
                    "impersonate_groups": ["system:masters"],
                }
            yield {
                "name": name,
                f"kyma.docker_registry.{module}": arguments,
                "check_mode": phase == CHECK,
                "diff": phase in (CHECK, SECOND),
                "ignore_errors": True,
            }


def _arguments(phase: str, case: str, namespace: str) -> dict[str, Any] | None:
    """Arguments of the case's module in this phase; None if the case has no part in it."""
    if phase == PREPARE:
        # registry_deployment writes its status to the DockerRegistry.
        return {"namespace": namespace} if case == "registry_deployment" else None
    if case not in (ARGUMENTS if phase in (NO_RIGHTS, UNKNOWN) else CHANGING if phase in (FIRST, SECOND) else CASES):
        return None
    return {"nonsense_option": 1} if phase == UNKNOWN else CASES[case](namespace)


def _task(phase: str, case: str) -> str:
    return f"{phase} {case}"


def _user(base: str, execution: str, task: str) -> str:
    return f"{base}-{execution}-{task.replace(' ', '-')}"


def _namespace(base: str, execution: str, phase: str, case: str) -> str:
    """Both ways of running share it if nothing is written to it, so that their results can be compared."""
    part = execution if phase in (PREPARE, FIRST, SECOND) else CHECK
    return f"{base}-{part}-{list(CASES).index(case)}"


@contextmanager
def _namespaces(base: str, cases: Sequence[str], executions: Sequence[str], kubeconfig: str) -> Iterator[None]:
    cluster = connect({"kubeconfig": kubeconfig}, {}, user_agent="tests")
    names = {_namespace(base, execution, phase, case) for execution in executions for phase in PHASES for case in cases}
    made = [
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})["metadata"]
        for name in sorted(names)
    ]
    try:
        yield
    finally:
        for metadata in made:
            cluster.delete("Namespace", metadata["name"], None, uid=metadata["uid"])
