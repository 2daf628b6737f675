# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many scenes in one run of ansible-playbook: a namespace for each, and a user for each task, by whom the audit log tells its requests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.tests.api.scenes import ARGUMENTS, WAYS, WRITING, module_of
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit, Request

SCENES = {**ARGUMENTS, **WAYS}
CHANGING = (*WRITING, *WAYS)
# What is done with a scene, in this order. nobody: as a user without rights; prepare: what a scene needs in its namespace.
CHECK, NOBODY, UNKNOWN, PREPARE, FIRST, SECOND = PHASES = ("check", "nobody", "unknown", "prepare", "first", "second")
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
    """What run_scenes() returned, read."""

    def __init__(self, made: dict[str, Any]) -> None:
        """made: as run_scenes() returned it."""
        self._made = made

    def of(self, door: str, phase: str, scene: str) -> Done:
        """One task."""
        done = self._made[door]
        name = _task(phase, scene)
        assert name in done["tasks"], done["output"]
        task, requests = done["tasks"][name]
        return Done(playbook.TaskResult(**task), [Request(**item) for item in requests])


def run_scenes(
    scenes: Sequence[str], doors: Sequence[str], *, kubeconfig: str, audit_log: str, runs: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """Runs the scenes through the doors, which are open at the same time; returns JSON."""
    base = f"test-{uuid.uuid4().hex[:10]}"
    audit = Audit(audit_log, base, base)

    def through(door: str) -> list[playbook.Run]:
        done = []
        for phases in runs:
            flags = ["--check"] if tuple(phases) == (CHECK,) else []
            if tasks := list(_tasks(base, door, phases, scenes)):
                done.append(playbook.run(tasks, kubeconfig=kubeconfig, door=door, arguments=flags))
        return done

    with _namespaces(base, scenes, doors, kubeconfig), ThreadPoolExecutor(len(doors)) as pool:
        done = dict(zip(doors, pool.map(through, doors), strict=True))
        sent: dict[str, list[dict[str, Any]]] = {}
        for request in audit.requests():
            sent.setdefault(request.user, []).append(asdict(request))
    return {
        door: {
            "output": "\n".join(item.output for item in done[door]),
            "tasks": {
                task.task: (asdict(task), sent.get(_user(base, door, task.task), []))
                for item in done[door]
                for task in item.tasks
            },
        }
        for door in doors
    }


def _tasks(base: str, door: str, phases: Sequence[str], scenes: Sequence[str]) -> Iterator[dict[str, Any]]:
    for phase in phases:
        for scene in scenes:
            arguments = _arguments(phase, scene, _namespace(base, door, phase, scene))
            if arguments is None:
                continue
            module = "docker_registry_storage" if phase == PREPARE else module_of(scene)
            name = _task(phase, scene)
            if phase == NOBODY:
                # The same for both doors: it is in the messages.
                arguments["impersonate_user"] = f"{base}-{_FORBIDDEN}"
            elif phase != UNKNOWN:
                arguments |= {"impersonate_user": _user(base, door, name), "impersonate_groups": ["system:masters"]}
            yield {
                "name": name,
                f"kyma.docker_registry.{module}": arguments,
                "check_mode": phase == CHECK,
                "diff": phase in (CHECK, SECOND),
                "ignore_errors": True,
            }


def _arguments(phase: str, scene: str, namespace: str) -> dict[str, Any] | None:
    """Arguments of the scene's module in this phase; None if the scene has no part in it."""
    if phase == PREPARE:
        # registry_deployment writes its status to the DockerRegistry.
        return {"namespace": namespace} if scene == "registry_deployment" else None
    if scene not in (ARGUMENTS if phase in (NOBODY, UNKNOWN) else CHANGING if phase in (FIRST, SECOND) else SCENES):
        return None
    return {"nonsense_option": 1} if phase == UNKNOWN else SCENES[scene](namespace)


def _task(phase: str, scene: str) -> str:
    return f"{phase} {scene}"


def _user(base: str, door: str, task: str) -> str:
    return f"{base}-{door}-{task.replace(' ', '-')}"


def _namespace(base: str, door: str, phase: str, scene: str) -> str:
    """Both doors share it if nothing is written to it, so that their results can be compared."""
    part = door if phase in (PREPARE, FIRST, SECOND) else CHECK
    return f"{base}-{part}-{list(SCENES).index(scene)}"


@contextmanager
def _namespaces(base: str, scenes: Sequence[str], doors: Sequence[str], kubeconfig: str) -> Iterator[None]:
    cluster = connect({"kubeconfig": kubeconfig}, {}, user_agent="tests")
    names = {_namespace(base, door, phase, scene) for door in doors for phase in PHASES for scene in scenes}
    made = [
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})["metadata"]
        for name in sorted(names)
    ]
    try:
        yield
    finally:
        for metadata in made:
            cluster.delete("Namespace", metadata["name"], None, uid=metadata["uid"])
