# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts that have exactly the rights of a manifest of docs/rbac, or one less."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

MANIFESTS = playbook.REPOSITORY / "docs" / "rbac"
Run = Callable[..., playbook.Run]
Give = Callable[..., Run]


@dataclass(frozen=True, order=True)
class Right:
    """One verb of one rule. kind: ClusterRole or Role."""

    kind: str
    resource: str
    verb: str

    def __str__(self) -> str:
        """For the name of a test."""
        return f"{self.kind} {self.resource} {self.verb}"


def documents(name: str) -> list[ObjectDict]:
    """The roles of a manifest."""
    return list(yaml.safe_load_all((MANIFESTS / f"{name}.yml").read_text(encoding="utf-8")))


def rights(name: str) -> list[Right]:
    """Each right of a manifest."""
    return [
        Right(role["kind"], rule["resources"][0], verb)
        for role in documents(name)
        for rule in role["rules"]
        for verb in rule["verbs"]
    ]


def roles(name: str, missing: Right | None = None) -> list[ObjectDict]:
    """The roles of a manifest, perhaps with one right less."""
    found = documents(name)
    for role in found if missing else ():
        if role["kind"] == missing.kind:
            role["rules"] = _without(role["rules"], missing)
    return found


def _without(rules: list[ObjectDict], missing: Right) -> list[ObjectDict]:
    left = [
        {
            **rule,
            "verbs": [
                verb for verb in rule["verbs"] if (rule["resources"], verb) != ([missing.resource], missing.verb)
            ],
        }
        for rule in rules
    ]
    assert left != rules, f"no such right: {missing}"
    return [rule for rule in left if rule["verbs"]]


def bound(
    role: ObjectDict, subject: ObjectDict, namespace: str, suffix: str, everywhere: bool = False
) -> list[ObjectDict]:
    """The role and its binding. suffix: roles of the cluster carry it in their name, tests may run side by side.

    everywhere: a Role becomes a role of the cluster, for a namespace that is yet to be made.
    """
    role = copy.deepcopy(role)
    if everywhere and role["kind"] == "Role":
        role["kind"] = "ClusterRole"
        suffix = f"{suffix}-everywhere"
    place = {"namespace": namespace} if role["kind"] == "Role" else {}
    role["metadata"] = {"name": f"{role['metadata']['name']}-{suffix}", **place}
    group = "rbac.authorization.k8s.io"
    binding = {
        "apiVersion": role["apiVersion"],
        "kind": f"{role['kind']}Binding",
        "metadata": role["metadata"],
        "roleRef": {"apiGroup": group, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [subject],
    }
    return [role, binding]


def kubectl(kubeconfig: str, *arguments: str, text: str | None = None) -> str:
    """What kubectl prints; it has to succeed."""
    done = subprocess.run(
        ["kubectl", "--kubeconfig", kubeconfig, *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make(kubeconfig: str, objects: Iterable[ObjectDict]) -> None:
    """Make the objects, whatever their kinds; none of them may be there."""
    document = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    kubectl(kubeconfig, "create", "--validate=false", "-f", "-", text=json.dumps(document))


def await_rights(kubeconfig: str, user: str, given: Iterable[Right], namespace: str) -> None:
    """Bindings reach the API server's authorizer a moment later, all of their rules at once."""
    # Rights to get may be about some names only, of which this question knows nothing.
    last = {right.kind: right for right in given if right.verb != "get"}
    for right in last.values():
        scope = ("-n", namespace) if right.kind == "Role" else ("--all-namespaces",)
        plural, _slash, part = right.resource.partition("/")
        what = (right.verb, plural, *(("--subresource", part) if part else ()))
        command = ["kubectl", "--kubeconfig", kubeconfig, "auth", "can-i", *what, "--as", user, *scope]
        until(
            f"{user} to have: {right}",
            lambda command=command: subprocess.run(command, capture_output=True, check=False).returncode == 0,  # type: ignore[misc]
        )


class Accounts:
    """ServiceAccounts of one namespace, and playbooks that run as one of them."""

    def __init__(self, kubeconfig: str, host: str, namespace: str, folder: Path) -> None:
        """folder: for the certificate of the cluster's authority."""
        self._kubeconfig = kubeconfig
        self._host = host
        self._namespace = namespace
        self._authority = folder / "ca.crt"
        self._authority.write_text(certificate(kubeconfig), encoding="utf-8")
        self._made: list[str] = []

    def give(self, *names: str, missing: Right | None = None) -> Run:
        """What runs a playbook with the rights of these manifests, of the first of them perhaps one less."""
        account = f"deployer-{len(self._made)}"
        subject = {"kind": "ServiceAccount", "name": account, "namespace": self._namespace}
        place = {"name": account, "namespace": self._namespace}
        objects: list[ObjectDict] = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": place}]
        for index, name in enumerate(names):
            for role in roles(name, None if index else missing):
                objects += bound(role, subject, self._namespace, f"{account}-{self._namespace}")
        self._made += [
            f"{item['kind']}/{item['metadata']['name']}" for item in objects if "namespace" not in item["metadata"]
        ]
        make(self._kubeconfig, objects)
        return self._runner(account, [right for name in names for right in rights(name) if right != missing])

    def _runner(self, account: str, given: list[Right]) -> Run:
        user = f"system:serviceaccount:{self._namespace}:{account}"
        await_rights(self._kubeconfig, user, given, self._namespace)
        token = kubectl(self._kubeconfig, "create", "token", account, "-n", self._namespace, "--duration=1h").strip()
        environment = {
            "K8S_AUTH_HOST": self._host,
            "K8S_AUTH_API_KEY": token,
            "K8S_AUTH_SSL_CA_CERT": str(self._authority),
        }

        def run(book: str, *arguments: str, **variables: Any) -> playbook.Run:
            known = {"registry_namespace": self._namespace, "registry_wait_timeout": 120, **variables}
            return playbook.run(
                f"kyma.docker_registry.{book}",
                kubeconfig=None,
                variables=known,
                arguments=arguments,
                extra_environment=environment,
            )

        return run

    def remove(self) -> None:
        """Delete what lies outside the namespace."""
        if self._made:
            kubectl(self._kubeconfig, "delete", "--ignore-not-found", *self._made)


def certificate(kubeconfig: str) -> str:
    """The certificate of the cluster's authority."""
    entry = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))["clusters"][0]["cluster"]
    if "certificate-authority-data" in entry:
        return base64.b64decode(entry["certificate-authority-data"]).decode()
    return Path(entry["certificate-authority"]).read_text(encoding="utf-8")


def named(refusal: playbook.TaskResult | dict[str, Any], right: Right) -> bool:
    """Whether the only finding that stops the run names the right."""
    result = refusal if isinstance(refusal, dict) else refusal.result
    plural, _slash, part = right.resource.partition("/")
    errors = [item for item in result["findings"] if item["severity"] == "error"]
    return (
        [item["code"] for item in errors] == ["cluster-forbidden"]
        and f"is not allowed to {right.verb} {plural}" in result["msg"]
        and part in result["msg"]
    )
