# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of modules, filters and role, and all that is put into them before they run on the lab.

An example is written for its reader: names, variables, files and objects in it are the reader's. The tables below are the only place that
says what stands for them in a test; an entry that no example uses is an error (tests/unit/docs/test_examples.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import consent, documented, keys, objects, playbook
from ansible_collections.kyma.docker_registry.tests.support.documented import NAMESPACE

ROOT = playbook.REPOSITORY
PAGES = ("README.md", "roles/registry/README.md")
# Names of tasks that mark the next play.
_MARK = "next play: "
GROUP = f"group/{NAMESPACE}.{NAMESPACE.rpartition('.')[2]}"

Task = dict[str, Any]


@dataclass(frozen=True)
class Sandbox:
    """Where examples run. folder: of the play and the files beside it."""

    namespace: str
    kubeconfig: str
    folder: Path
    clouds: dict[str, Any] = field(repr=False)

    @property
    def cluster(self) -> dict[str, Any]:
        """The kubeconfig."""
        return dict(yaml.safe_load(Path(self.kubeconfig).read_text(encoding="utf-8")))

    @property
    def s3(self) -> dict[str, str]:
        """Keys of the lab's S3."""
        return lab_clouds.storage_types(self.clouds)["s3"].secret


Given = Callable[[Sandbox], str]


def _bucket(sandbox: Sandbox) -> str:
    """Not the one that most tests use."""
    return str(sandbox.clouds["s3"]["buckets"][1])


def _manifest(sandbox: Sandbox, secret: bool) -> str:
    metadata = {"name": "default", "namespace": sandbox.namespace}
    storage = {"s3": {"bucket": _bucket(sandbox), "region": "eu-central-1", "secretName": "s3-storage"}}
    documents: list[dict[str, Any]] = [
        {
            "apiVersion": "operator.kyma-project.io/v1alpha1",
            "kind": "DockerRegistry",
            "metadata": metadata,
            "spec": {"storage": storage},
        }
    ]
    if secret:
        documents.append(objects.secret("s3-storage", sandbox.namespace, sandbox.s3))
    return yaml.safe_dump_all(documents)


# Words of the examples.
WORDS: dict[str, Given] = {
    "kyma-system": lambda sandbox: sandbox.namespace,
    "team-a": lambda sandbox: f"{sandbox.namespace}-a",
    "team-b": lambda sandbox: f"{sandbox.namespace}-b",
    "company-images": _bucket,
    "~/.kube/production.yml": lambda sandbox: sandbox.kubeconfig,
    "context: production": lambda sandbox: f"context: {sandbox.cluster['current-context']}",
    "persistentvolumeclaim/dockerregistry#3f9a1c07": lambda sandbox: json.dumps(
        consent.lookup(sandbox.kubeconfig, sandbox.namespace)
    ),
    "/run/secrets/docker-registry.json": lambda sandbox: str(sandbox.folder / "key.json"),
}
# Variables that the reader has in a vault or an inventory.
VARIABLES: dict[str, Given] = {
    "vault_s3_access_key": lambda sandbox: sandbox.s3["accessKey"],
    "vault_s3_secret_key": lambda sandbox: sandbox.s3["secretKey"],
    "vault_s3_new_secret_key": lambda sandbox: sandbox.s3["secretKey"][::-1],
    "vault_azure_account": lambda sandbox: str(sandbox.clouds["azure"]["account"]),
    "vault_azure_account_key": lambda sandbox: str(sandbox.clouds["azure"]["key"]),
    "vault_registry_password": lambda _sandbox: "a password of the examples",
}
# Environment variables of the controller.
ENVIRONMENT: dict[str, Given] = {
    "S3_ACCESS_KEY": lambda sandbox: sandbox.s3["accessKey"],
    "S3_SECRET_KEY": lambda sandbox: sandbox.s3["secretKey"],
}
# Files beside the play.
FILES: dict[str, Given] = {
    "dockerregistry.yml": lambda sandbox: _manifest(sandbox, secret=False),
    "dockerregistry-with-secret.yml": lambda sandbox: _manifest(sandbox, secret=True),
    "key.json": lambda _sandbox: keys.service_account(),
}
# Objects that are there before the example.
OBJECTS: dict[str, Callable[[Sandbox], dict[str, Any]]] = {
    "team-a": lambda sandbox: _namespace(f"{sandbox.namespace}-a"),
    "team-b": lambda sandbox: _namespace(f"{sandbox.namespace}-b"),
    "existing-pvc": lambda sandbox: objects.claim("existing-pvc", sandbox.namespace),
    "object-store-binding": lambda sandbox: objects.secret(
        "object-store-binding", sandbox.namespace, sandbox.clouds["btp"]["aws"]
    ),
    "company-ca": lambda sandbox: objects.config_map(
        "company-ca", sandbox.namespace, {"ca.crt": Path(sandbox.clouds["ca"]["private"]).read_text(encoding="utf-8")}
    ),
}
# Examples that need Kyma's operator, which changes what `auto` means to every test beside: tests/operator runs these. All others run in tests/api.
WITH_OPERATOR: frozenset[tuple[str, str]] = frozenset(
    {("registry_deployment", "With Kyma's operator, complete the operator's Deployment")}
)
# What the role is given besides. Redirects would lead the verification to a name that only the cluster knows.
ROLE: dict[str, Callable[[Sandbox], Any]] = {
    "registry_namespace": lambda sandbox: sandbox.namespace,
    "registry_redirect": lambda _sandbox: False,
}


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def modules() -> dict[str, str]:
    """EXAMPLES of each module."""
    return {name: documented.module(name).EXAMPLES for name in documented.MODULES}


def filters() -> dict[str, str]:
    """EXAMPLES of each filter."""
    pages = sorted((ROOT / "plugins/filter").glob("*.yml"))
    return {page.stem: yaml.safe_load(page.read_text(encoding="utf-8"))["EXAMPLES"] for page in pages}


def plays() -> dict[str, str]:
    """The plays of the role: place to the text of one play. The same play on two pages is one.

    In an order in which each finds what it needs: one that makes a registry, those of the pages, the role's others, which end with the removal.
    """
    first, *others = (
        (f"role: {play['name']}", yaml.safe_dump([play])) for play in yaml.safe_load(documented.ROLE_SPEC["examples"])
    )
    found = {}
    for place, text in (first, *_plays_of_pages(), *others):
        if text not in found.values():
            found[place] = text
    return found


def _plays_of_pages() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
        for number, text in enumerate(blocks, 1):
            listed = yaml.safe_load(text)
            if isinstance(listed, list) and "hosts" in listed[0]:
                yield f"{page}: {number}", yaml.safe_dump(listed)


def everything() -> str:
    """All texts, to look for what is used."""
    return "\n".join([*modules().values(), *filters().values(), *plays().values()])


def called(task: Task) -> str | None:
    """Short name of the module of ours that a task calls, None for Ansible's own."""
    names = [key.rpartition(".")[2] for key in task if key.startswith(f"{NAMESPACE}.")]
    return names[0] if names else None


def steps(listing: str, text: str) -> list[list[Task]]:
    """Tasks in groups that are run twice: one that calls a module of ours, and those after it that look at its result."""
    found: list[list[Task]] = []
    for task in yaml.safe_load(text):
        if called(task) is None and found:
            found[-1].append(task)
        elif (listing, task["name"]) not in WITH_OPERATOR:
            found.append([task])
    return found


def run_twice(steps: list[list[Task]], sandbox: Sandbox) -> None:
    """Each step, and the same again, which changes nothing; a step in check mode reports the same change."""
    order = [(task, again) for step in steps for again in (False, True) for task in step]
    done = run_tasks([task for task, _again in order], sandbox)
    assert done.returncode == 0, done.output
    assert [result.task for result in done.tasks] == [task["name"] for task, _again in order], done.output
    changed = [
        task["name"]
        for (task, again), result in zip(order, done.tasks, strict=True)
        if again and result.changed and not task.get("check_mode")
    ]
    assert changed == [], done.output


def adapted(text: str, sandbox: Sandbox) -> str:
    """The text with the test's words in it."""
    for word in sorted(WORDS, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", lambda _at, word=word: WORDS[word](sandbox), text)
    return text


def needed(text: str, sandbox: Sandbox) -> list[dict[str, Any]]:
    """Objects that the text names and that are the reader's."""
    return [make(sandbox) for name, make in OBJECTS.items() if re.search(rf"(?<![\w-]){name}(?![\w-])", text)]


def run(text: str, sandbox: Sandbox, variables: Mapping[str, Any] | None = None) -> playbook.Run:
    """Runs plays as they are written, with the tables' values."""
    for name, content in FILES.items():
        (sandbox.folder / name).write_text(content(sandbox), encoding="utf-8")
    file = sandbox.folder / "play.yml"
    file.write_text(text, encoding="utf-8")
    return playbook.run(
        file,
        kubeconfig=sandbox.kubeconfig,
        variables={**{name: value(sandbox) for name, value in VARIABLES.items()}, **(variables or {})},
        extra_environment={name: value(sandbox) for name, value in ENVIRONMENT.items()},
    )


def run_tasks(tasks: list[Task], sandbox: Sandbox) -> playbook.Run:
    """Runs tasks in one play, each in the sandbox's namespace where it names none."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {GROUP: {"namespace": sandbox.namespace}},
        "tasks": tasks,
    }
    return run(json.dumps([play]), sandbox)


def run_role_twice(texts: Mapping[str, str], sandbox: Sandbox) -> None:
    """Plays of the role, by their place, in one run: each of them, and the same again, which changes nothing."""
    order = [(place, again) for place in texts for again in ("first", "again")]
    plays: list[Task] = []
    for place, again in order:
        mark = {"name": f"{_MARK}{again} {place}", "ansible.builtin.debug": {"msg": "next"}}
        plays += [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [mark]}]
        plays += yaml.safe_load(adapted(texts[place], sandbox))
    done = run(yaml.safe_dump(plays), sandbox, {name: value(sandbox) for name, value in ROLE.items()})
    reached = [task.task for task in done.tasks if task.task.startswith(_MARK)]
    assert done.returncode == 0, f"{reached[-1:]}: {done.output}"
    assert reached == [f"{_MARK}{again} {place}" for place, again in order], done.output
    part, changed = "", []
    for task in done.tasks:
        part = task.task if task.task.startswith(_MARK) else part
        if task.changed and part.startswith(f"{_MARK}again"):
            changed.append(f"{part}: {task.task}")
    assert changed == [], done.output
