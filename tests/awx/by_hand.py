# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of each template is by hand, and what both have to have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support import jobs, playbook

# Job template to playbook and arguments.
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Deploy": ("site", ("--diff",)),
    "Check": ("site", ("--check", "--diff")),
    "Info": ("info", ("--diff",)),
}
# All that artifacts may hold: names of things, words of ours, and addresses inside the cluster and on its nodes.
_NAME = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
ARTIFACTS = {
    "name": _NAME,
    "namespace": _NAME,
    "mode": "direct|operator",
    "storage_type": "filesystem|pvc|azure|s3|gcs|btp-objectstore-(aws|gcp)",
    "push_address": rf"|dockerregistry\.{_NAME}\.svc\.cluster\.local:5000",
    "pull_address": r"|localhost:\d{4,5}",
    "secret_name": "dockerregistry-config",
    "verification": "none|reachable|write|image",
}


@dataclass(frozen=True)
class Outcome:
    """How a run ended. reported: of each task its name, whether it changed something, and its findings' codes; published: set_stats."""

    failed: bool
    reported: list[tuple[str, bool, list[str]]]
    published: dict[str, dict[str, str]]

    @property
    def codes(self) -> set[str]:
        """Of all findings."""
        return {code for _name, _changed, codes in self.reported for code in codes}


def outcome(
    failed: bool, tasks: Sequence[playbook.TaskResult], published: Mapping[str, Any], namespace: str
) -> Outcome:
    """The comparable form: without the names that differ from namespace to namespace. Published may be nothing but addresses and names."""
    reported = [(task.name, task.changed, [item["code"] for item in task.result.get("findings", [])]) for task in tasks]
    for variable, content in published.items():
        assert variable == "kyma_docker_registry" and content.keys() == ARTIFACTS.keys()
        wrong = [key for key, value in content.items() if not re.fullmatch(ARTIFACTS[key], value)]
        assert wrong == [], f"{wrong}: neither address nor name"
    plain = {
        variable: {
            key: re.sub(r":\d+$", ":PORT", value.replace(namespace, "NAMESPACE")) for key, value in content.items()
        }
        for variable, content in published.items()
    }
    return Outcome(failed, reported, plain)


def of_job(job: jobs.Job, namespace: str) -> Outcome:
    """A job's outcome."""
    return outcome(job.returncode != 0, job.tasks, job.artifacts, namespace)


def of_run(run: playbook.Run, namespace: str) -> Outcome:
    """A run's outcome."""
    assert run.tasks, run.output
    stats = [task.result["ansible_stats"]["data"] for task in run.tasks if "ansible_stats" in task.result]
    return outcome(run.returncode != 0, run.tasks, stats[-1] if stats else {}, namespace)


def plan(run: playbook.Run) -> list[tuple[str, Any]]:
    """What each task would do, or has done: its difference, but for what is drawn again in each run before the first deployment."""
    changed = [(task.name, task.result["diff"]) for task in run.tasks if task.changed and "diff" in task.result]
    text = json.dumps([(name, [_without_defaults(item) for item in diff]) for name, diff in changed])
    text = re.sub(r'("nodePort": |localhost:)\d+', r"\g<1>0", text)
    found: list[tuple[str, Any]] = json.loads(re.sub(r'(/secret-fingerprint": )"[0-9a-f]+"', r'\1"DRAWN"', text))
    return found


def _without_defaults(item: dict[str, Any]) -> dict[str, Any]:
    """A Service only with the role's own fields: if another run takes the chosen port before the dry run, the server's defaults are missing."""
    after = item["after"]
    if not isinstance(after, dict) or after.get("kind") != "Service":
        return item
    return {**item, "after": {**after, "spec": {key: after["spec"][key] for key in ("type", "selector", "ports")}}}


@dataclass(frozen=True)
class ByHand:
    """Runs by hand."""

    kubeconfig: str

    def run(self, template: str, namespace: str, **variables: Any) -> playbook.Run:
        """What the job template does, with the role's variables as a user writes them into a play."""
        name, arguments = COMMANDS[template]
        return playbook.run(
            playbook.REPOSITORY / f"playbooks/{name}.yml",
            kubeconfig=self.kubeconfig,
            variables={"registry_namespace": namespace, **variables},
            arguments=arguments,
        )
