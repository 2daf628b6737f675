# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launches a playbook as AWX launches a job: ansible-runner, a private folder, credentials by AWX' own injectors."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import ansible_runner
import yaml
from ansible_collections.kyma.docker_registry.tests.support import controller
from ansible_collections.kyma.docker_registry.tests.support.playbook import LONGEST_RUN, REPOSITORY, TaskResult
from awx_plugins.credentials.injectors import kubernetes_bearer_token
from awx_plugins.interfaces import _temporary_private_container_api as container
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

# Where a task's result is in an event.
_RESULTS = {"runner_on_ok": False, "runner_on_failed": True}
# Variables of AWX' own, which it adds to those of every job.
_OF_AWX = {
    f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in (("job_id", 7), ("user_name", "admin"))
}
KUBERNETES = ManagedCredentialType(
    namespace="kubernetes_bearer_token",
    name="OpenShift or Kubernetes API Bearer Token",
    kind="kubernetes",
    inputs={"fields": []},
    managed=True,
    custom_injectors=kubernetes_bearer_token,
)


@dataclass(frozen=True)
class Credential:
    """A credential as AWX' injectors see it. inputs: what was typed into the form."""

    type: ManagedCredentialType
    inputs: Mapping[str, Any] = field(repr=False)

    def get_input(self, name: str, **options: Any) -> Any:
        """One value."""
        return self.inputs[name] if name in self.inputs else options["default"]

    def has_input(self, name: str) -> bool:
        """Whether something was typed in."""
        return self.inputs.get(name) not in (None, "")

    def get_input_keys(self) -> list[str]:
        """Fields of the type that have a value."""
        return list(self.inputs)


def ours(name: str, **inputs: str) -> Credential:
    """A credential of one of our types, by the end of the type's name."""
    found = controller.credential_types()[name]
    assert set(found["inputs"]["required"]) <= inputs.keys() <= {item["id"] for item in found["inputs"]["fields"]}
    kind = ManagedCredentialType(
        namespace="ours", name=name, kind=found["kind"], inputs=found["inputs"], injectors=found["injectors"]
    )
    return Credential(kind, inputs)


@dataclass(frozen=True)
class Job:
    """A finished job. texts: everything of it that AWX stores and shows."""

    status: str
    tasks: list[TaskResult]
    artifacts: dict[str, Any]
    texts: dict[str, str] = field(repr=False)

    @property
    def output(self) -> str:
        """Standard output."""
        return self.texts["stdout"]

    @property
    def failure(self) -> TaskResult:
        """The task that failed."""
        return next(task for task in self.tasks if task.failed)

    def of(self, part: str) -> TaskResult:
        """The first task whose name holds the part."""
        return next(task for task in self.tasks if part in task.task)


def install_project(folder: Path) -> Path:
    """A project that is this repository, fetched and with its collections installed as AWX' project update does."""
    subprocess.run([REPOSITORY / "tests/gates/copy", "awx"], check=True)
    project = REPOSITORY / ".cache/awx/ansible_collections/kyma/docker_registry"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    stage = folder / "requirements_collections"
    galaxy = [
        REPOSITORY / ".venv/main/bin/ansible-galaxy",
        "collection",
        "install",
        "-r",
        "collections/requirements.yml",
    ]
    subprocess.run(
        [*galaxy, "--collections-path", stage],
        cwd=project,
        env={**environment, "ANSIBLE_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        check=True,
    )
    return project


@dataclass(frozen=True)
class Launcher:
    """One execution environment with one project. core: name of the virtual environment that stands for it."""

    core: str
    folder: Path
    project: Path
    collections: Path
    kubernetes: Credential

    def launch(
        self,
        playbook: str,
        answers: Mapping[str, Any],
        *credentials: Credential,
        check: bool = False,
        arguments: Sequence[str] = ("--diff", "--forks=5", "-t", "all"),
        trusted: Mapping[str, Any] | None = None,
    ) -> Job:
        """Runs a playbook of the project. trusted: variables of the job template."""
        private = self.folder
        for name in ("env", "inventory", "home"):
            (private / name).mkdir(parents=True, exist_ok=True)
        (private / "env/extravars").write_text(
            controller.as_awx_writes(answers, {**_OF_AWX, **(trusted or {})}), encoding="utf-8"
        )
        inventory = private / "inventory/hosts"
        inventory.write_text(_inventory(), encoding="utf-8")
        inventory.chmod(0o700)
        environment, more = self._inject(private, credentials)
        with _clean_environment():
            done = ansible_runner.run(
                private_data_dir=str(private),
                project_dir=str(self.project),
                playbook=playbook,
                inventory=str(inventory),
                envvars={**self._environment(private), **environment},
                cmdline=" ".join([*more, *arguments, *(["--check"] if check else [])]),
                settings={"suppress_ansible_output": True, "job_timeout": LONGEST_RUN},
                suppress_env_files=True,
                quiet=True,
            )
        return _job(done)

    def _environment(self, private: Path) -> dict[str, str]:
        """What AWX sets for every job."""
        return {
            "PATH": f"{REPOSITORY / '.venv' / self.core / 'bin'}:{os.environ['PATH']}",
            "ANSIBLE_HOME": str(private / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "AWX_PRIVATE_DATA_DIR": str(private),
            "JOB_ID": "7",
            "INVENTORY_ID": "1",
            "MAX_EVENT_RES": "700000",
            "LC_ALL": "C.UTF-8",
        }

    def _inject(self, private: Path, credentials: Sequence[Credential]) -> tuple[dict[str, str], list[str]]:
        """Environment and arguments from the credentials. AWX writes their variables as it writes answers."""
        environment: dict[str, str] = {}
        arguments: list[str] = []
        with mock.patch.object(container, "CONTAINER_ROOT", str(private)):
            for item in (self.kubernetes, *credentials):
                inject_credential(
                    item.type, item, environment, {}, arguments, str(private), container_root=str(private)
                )
        for argument in arguments:
            if argument.startswith("@"):
                path = Path(argument[1:])
                path.chmod(0o600)
                path.write_text(controller.as_awx_writes(yaml.safe_load(path.read_text(encoding="utf-8"))))
        return environment, arguments


def _inventory() -> str:
    """AWX hands an inventory over as a program."""
    (play,) = controller.load(controller.FOLDER / "configure.yml")
    (host,) = [task["awx.awx.host"] for task in play["tasks"] if "awx.awx.host" in task]
    hosts = {host["name"]: {**host["variables"], "remote_tower_enabled": "true", "remote_tower_id": 1}}
    content = json.dumps({"all": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}})
    return f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({content!r})\n"


@contextmanager
def _clean_environment() -> Iterator[None]:
    """Nothing of this machine's settings."""
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG"))
    }
    with mock.patch.dict(os.environ, clean, clear=True):
        yield


def _job(done: Any) -> Job:
    tasks, artifacts, texts = [], {}, {}
    folder = Path(done.config.artifact_dir)
    for path in sorted((folder / "job_events").glob("*.json")):
        texts[f"event {path.name.partition('-')[0]}"] = path.read_text(encoding="utf-8")
    for event in done.events:
        data = event.get("event_data") or {}
        if event["event"] in _RESULTS:
            tasks.append(TaskResult(data["task"], _RESULTS[event["event"]], data["res"]))
        artifacts = data.get("artifact_data") or artifacts
    for name in ("stdout", "stderr"):
        path = folder / name
        texts[name] = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return Job(done.status, tasks, artifacts, texts)
