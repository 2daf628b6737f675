# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launches a playbook as AWX launches a job: ansible-runner, a private folder, credentials by AWX' own injectors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import ansible_runner
import yaml
from ansible_collections.kyma.docker_registry.tests.support import controller
from ansible_collections.kyma.docker_registry.tests.support.configuration import RECORD, Configuration
from ansible_collections.kyma.docker_registry.tests.support.playbook import LONGEST_RUN, REPOSITORY, Run, TaskResult
from ansible_runner.utils import args2cmdline
from awx_plugins.credentials import plugins as types_of_awx
from awx_plugins.interfaces import _temporary_private_container_api as container
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

# Where a task's result is in an event.
_RESULTS = {"runner_on_ok": False, "runner_on_failed": True}
# The folder in a job's private folder, and in the stage of a project update.
COLLECTIONS = "requirements_collections"
KUBERNETES = types_of_awx.kubernetes_bearer_token


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
class Job(Run):
    """A finished job. artifacts: what set_stats gave; texts: everything of the job that AWX stores and shows."""

    artifacts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict, repr=False)

    def scanned(self, public: str) -> dict[str, str]:
        """What a search for secrets has to look through. public: what is not a secret and is found, so that the search sees what is there."""
        assert public in self.output and any(public in text for place, text in self.texts.items() if "event" in place)
        return {**self.texts, "artifacts": json.dumps(self.artifacts)}


@dataclass(frozen=True)
class Project:
    """A project as a project update leaves it: its repository, and the folder of the collections that its requirements name."""

    source: Path
    collections: Path


def commit(folder: Path) -> Path:
    """Makes a repository of a folder; returns it."""
    for words in ("init --quiet", "add --all .", "-c user.name=t -c user.email=t@localhost commit --quiet --message t"):
        subprocess.run(["git", *words.split()], cwd=folder, check=True)
    return folder


def clone(repository: Path, folder: Path) -> Path:
    """Fetches a repository into a new folder; returns it."""
    subprocess.run(["git", "clone", "--quiet", repository, folder], check=True)
    return folder


def checkout(name: str) -> Path:
    """A repository of what is in this checkout, committed or not. name: of the folder below .cache."""
    subprocess.run([REPOSITORY / "tests/gates/copy", name], check=True)
    return commit(REPOSITORY / f".cache/{name}/ansible_collections/kyma/docker_registry")


def install_collections(core: str, source: Path, stage: Path) -> Project:
    """What AWX' project update does behind the fetch (awx/playbooks/project_update.yml)."""
    galaxy = REPOSITORY / ".venv" / core / "bin/ansible-galaxy"
    requirements = source / "collections/requirements.yml"
    home = stage / "home"
    home.mkdir(parents=True)
    subprocess.run(
        [galaxy, "collection", "install", "-r", requirements, "--collections-path", stage / COLLECTIONS],
        cwd=source,
        env={
            **_clean(),
            "HOME": str(home),
            "ANSIBLE_FORCE_COLOR": "false",
            "ANSIBLE_COLLECTIONS_PATHS": str(stage / COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(stage / "tmp"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Project(source, stage / COLLECTIONS)


@dataclass(frozen=True)
class Launcher:
    """An execution environment, and what a controller has. core: name of the virtual environment that stands for the former."""

    core: str
    folder: Path
    project: Project
    made: Configuration
    kubernetes: Credential

    def launch(
        self,
        name: str,
        answers: Mapping[str, Any],
        *credentials: Credential,
        variables: Mapping[str, Any] | None = None,
        artifacts: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Job:
        """Launches a job template of awx/configure.yml. answers: what is typed into the survey.

        variables: of the launch, which AWX ignores unless the template asks for them. artifacts: of the former node of a workflow.
        options: changes in the template, or at a prompt; environment: of the controller's own settings.
        """
        template = {**self.made.template(name), **(options or {})}
        assert template.keys() <= RECORD["modules"]["job_template"].keys()
        private = Path(tempfile.mkdtemp(prefix="awx_7_", dir=self.folder))
        for folder in ("env", "inventory", "home"):
            (private / folder).mkdir()
        clone(self.project.source, private / "project")
        shutil.copytree(self.project.collections, private / COLLECTIONS)
        own = template.get("extra_vars", {})
        extra = {
            **own,
            **controller.answers(template["survey_spec"], answers),
            **((variables or {}) if template["ask_variables_on_launch"] else {}),
            **(artifacts or {}),
            **_of_awx(template),
        }
        (private / "env/extravars").write_text(controller.as_awx_writes(extra, own), encoding="utf-8")
        inventory = private / "inventory/hosts"
        inventory.write_text(self._inventory(), encoding="utf-8")
        inventory.chmod(0o700)
        injected, arguments = self._inject(private, credentials)
        with mock.patch.dict(os.environ, _clean(), clear=True):
            done = ansible_runner.run(
                private_data_dir=str(private),
                playbook=template["playbook"],
                inventory=str(inventory),
                envvars={**self._environment(private), **(environment or {}), **injected},
                cmdline=args2cmdline(*_arguments(template), *arguments),
                fact_cache_type="jsonfile" if template.get("use_fact_cache") else "",
                settings={"suppress_ansible_output": True, "job_timeout": LONGEST_RUN},
                suppress_env_files=True,
                quiet=True,
            )
        return _job(done)

    def _environment(self, private: Path) -> dict[str, str]:
        """What AWX sets for every job, and PATH and HOME of the execution environment."""
        return {
            "PATH": f"{REPOSITORY / '.venv' / self.core / 'bin'}:{os.environ['PATH']}",
            "HOME": str(private / "home"),
            "ANSIBLE_COLLECTIONS_PATH": f"{private / COLLECTIONS}:~/.ansible/collections:/usr/share/ansible/collections",
            "ANSIBLE_ROLES_PATH": f"{private / 'requirements_roles'}:~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles",
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "AWX_HOST": "https://awx.example.com",
            "AWX_PRIVATE_DATA_DIR": str(private),
            "JOB_ID": "7",
            "INVENTORY_ID": "1",
            "PROJECT_REVISION": "0" * 40,
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
                path.write_text(controller.as_awx_writes(yaml.safe_load(path.read_text(encoding="utf-8")), {}))
        return environment, arguments

    def _inventory(self) -> str:
        """AWX hands an inventory over as a program."""
        host = self.made.one("host", "localhost")
        hosts = {host["name"]: {**host["variables"], "remote_tower_enabled": "true", "remote_tower_id": 1}}
        content = json.dumps({"all": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}})
        return f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({content!r})\n"


def _arguments(template: Mapping[str, Any]) -> list[str]:
    """Arguments of ansible-playbook in AWX' order (awx/main/tasks/jobs.py, RunJob.build_args); without a machine credential the user is root."""
    found = ["--check"] if template["job_type"] == "check" else []
    found += ["-u", "root"]
    found += ["--diff"] if template.get("diff_mode") else []
    found += [f"--forks={template['forks']}"] if template.get("forks") else []
    found += ["-l", template["limit"]] if template.get("limit") else []
    found += [f"-{'v' * template['verbosity']}"] if template.get("verbosity") else []
    found += ["-t", template["job_tags"]] if template.get("job_tags") else []
    return found + ([f"--skip-tags={template['skip_tags']}"] if template.get("skip_tags") else [])


def _of_awx(template: Mapping[str, Any]) -> dict[str, Any]:
    """Variables that AWX adds to those of every job."""
    values = {"job_id": 7, "job_launch_type": "manual", "user_name": "admin", "job_template_name": template["name"]}
    return {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in values.items()}


def _clean() -> dict[str, str]:
    """The environment without this machine's settings of Ansible and of clusters."""
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG"))
    }


def _job(done: Any) -> Job:
    tasks, artifacts, texts = [], {}, {}
    folder = Path(done.config.artifact_dir)
    for path in sorted((folder / "job_events").glob("*.json")):
        texts[f"event {path.name.partition('-')[0]}"] = path.read_text(encoding="utf-8")
    for path in folder.glob("fact_cache/*"):
        texts[f"facts of {path.name}"] = path.read_text(encoding="utf-8")
    for event in done.events:
        data = event.get("event_data") or {}
        if event["event"] in _RESULTS:
            tasks.append(TaskResult(data["task"], _RESULTS[event["event"]], data["res"]))
        artifacts = data.get("artifact_data") or artifacts
    for name in ("stdout", "stderr"):
        path = folder / name
        texts[name] = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return Job(done.rc, texts["stdout"], tasks, artifacts, texts)
