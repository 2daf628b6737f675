# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights of docs/rbac suffice, none of them is there for nothing, and one that is missing is named."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

MANIFESTS = playbook.REPOSITORY / "docs" / "rbac"
ACCOUNT = "deployer"
# Rights of direct.yml that a run on the default volume without any trouble has no use for, and what has.
OTHERWISE = {
    **dict.fromkeys(("secrets watch", "secrets list"), "a storage Secret that somebody else makes; removal"),
    **dict.fromkeys(("pods get", "pods create", "pods delete", "pods watch"), "the trial of an object store"),
    **dict.fromkeys((f"configmaps {verb}" for verb in ("create", "delete")), "the same"),
    **dict.fromkeys(("pods/log get", "events list", "replicasets list"), "a rollout that takes its time, or fails"),
    **dict.fromkeys(
        (f"pods/{name} {verb}" for name in ("exec", "portforward") for verb in ("get", "create")), "streams"
    ),
    **dict.fromkeys((f"poddisruptionbudgets {verb}" for verb in ("create", "patch", "delete")), "two replicas"),
    **dict.fromkeys((f"serviceaccounts {verb}" for verb in ("create", "patch", "delete")), "annotations for it"),
    "persistentvolumeclaims delete": "a loss that is accepted",
    "storageclasses get": "a claim of the user's own",
    # An apply of what is not there is logged as a patch alone, and asks for both.
    **dict.fromkeys(
        (
            f"{name} create"
            for name in ("secrets", "services", "persistentvolumeclaims", "deployments", "networkpolicies")
        ),
        "the first run",
    ),
    "dockerregistries create": "the first run",
}
# One right less: kind of the rule, resource, verb.
MISSING = (
    ("ClusterRole", "deployments", "list"),
    ("ClusterRole", "storageclasses", "list"),
    ("Role", "dockerregistries", "create"),
    ("Role", "secrets", "create"),
    ("Role", "networkpolicies", "patch"),
    ("Role", "deployments", "watch"),
    ("Role", "dockerregistries/status", "patch"),
    ("Role", "pods", "list"),
)

Run = Callable[..., playbook.Run]
Grant = Callable[..., Run]


def _kubectl(kubeconfig: str, *arguments: str, text: str | None = None) -> str:
    done = subprocess.run(
        ["kubectl", "--kubeconfig", kubeconfig, *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _certificate(kubeconfig: str) -> str:
    """The certificate of the cluster's authority."""
    entry = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))["clusters"][0]["cluster"]
    if "certificate-authority-data" in entry:
        return base64.b64decode(entry["certificate-authority-data"]).decode()
    return Path(entry["certificate-authority"]).read_text(encoding="utf-8")


def _without(rules: list[dict[str, Any]], resource: str, verb: str) -> list[dict[str, Any]]:
    """The rules with one right less."""
    left = [
        {**rule, "verbs": [item for item in rule["verbs"] if (rule["resources"], item) != ([resource], verb)]}
        for rule in rules
    ]
    assert left != rules, "no such right"
    return [rule for rule in left if rule["verbs"]]


@pytest.fixture
def grant(kubeconfig: str, cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[Grant]:
    """Makes an account with the rights of a manifest, perhaps less one; returns what runs a playbook as that account."""
    made: list[str] = []

    def give(name: str, missing: tuple[str, str, str] | None = None) -> Run:
        account = f"{ACCOUNT}-{name}"
        subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
        objects: list[dict[str, Any]] = [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace}}
        ]
        for role in yaml.safe_load_all((MANIFESTS / f"{name}.yml").read_text(encoding="utf-8")):
            if missing and missing[0] == role["kind"]:
                role["rules"] = _without(role["rules"], *missing[1:])
            # Roles of the cluster carry the namespace in their name: tests may run side by side.
            full = f"{role['metadata']['name']}-{namespace}"
            place = {"namespace": namespace} if role["kind"] == "Role" else {}
            role["metadata"] = {"name": full, **place}
            reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": full}
            binding = {
                "apiVersion": role["apiVersion"],
                "kind": f"{role['kind']}Binding",
                "metadata": role["metadata"],
                "roleRef": reference,
                "subjects": [subject],
            }
            objects += [role, binding]
            made.extend(f"{item['kind']}/{full}" for item in (role, binding) if not place)
        _kubectl(
            kubeconfig, "apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        )
        token = _kubectl(kubeconfig, "create", "token", account, "-n", namespace, "--duration=1h").strip()
        authority = tmp_path / "ca.crt"
        authority.write_text(_certificate(kubeconfig), encoding="utf-8")
        user = f"system:serviceaccount:{namespace}:{account}"
        _await_rights(kubeconfig, namespace, user)
        environment = {
            "K8S_AUTH_HOST": cluster.target.host,
            "K8S_AUTH_API_KEY": token,
            "K8S_AUTH_SSL_CA_CERT": str(authority),
        }

        def run(book: str, *arguments: str, **variables: Any) -> playbook.Run:
            known = {"registry_namespace": namespace, "registry_wait_timeout": 120, **variables}
            return playbook.run(
                f"kyma.docker_registry.{book}",
                kubeconfig=None,
                variables=known,
                arguments=arguments,
                extra_environment=environment,
            )

        return run

    yield give
    if made:
        _kubectl(kubeconfig, "delete", "--ignore-not-found", *made)


def _await_rights(kubeconfig: str, namespace: str, user: str) -> None:
    """Bindings reach the API server's authorizer a moment later."""

    def may(*right: str) -> bool:
        done = subprocess.run(
            ["kubectl", "--kubeconfig", kubeconfig, "auth", "can-i", *right, "--as", user, "-n", namespace],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() == "yes"

    until("the rights in the namespace", lambda: may("get", "dockerregistries.operator.kyma-project.io"))
    until("the rights in the cluster", lambda: may("get", "deployments.apps") or may("list", "deployments.apps"))


def _rights(name: str) -> set[str]:
    """`resource verb` of each right of a manifest."""
    documents = yaml.safe_load_all((MANIFESTS / f"{name}.yml").read_text(encoding="utf-8"))
    rules = [rule for document in documents for rule in document["rules"]]
    return {f"{rule['resources'][0]} {verb}" for rule in rules for verb in rule["verbs"]}


def test_they_suffice_and_are_needed(grant: Grant, audit: Audit, cluster: Cluster, namespace: str) -> None:
    """The plan, a run, a second one, a look by an account that may only look, and the removal."""
    run = grant("direct")
    planned = run("check")
    assert planned.returncode == 0, planned.output
    assert "Deployment/dockerregistry" in planned.output and audit.writes() == []

    first = run("site")
    assert first.returncode == 0, first.output
    assert first.of("Prove").result["proven"]
    assert run("site").changed == 0

    look = grant("info")
    seen = look("info")
    assert seen.returncode == 0, seen.output
    result = seen.tasks[0].result
    assert (result["state"], result["mode"], result["images"]["known"]) == ("Ready", "direct", True), result
    assert f"DockerRegistry {namespace}/default: Ready" in seen.output
    asked = look("info", info_query="routes.running")
    assert asked.tasks[0].result["queried"] == "persistentvolumeclaim"
    refused = look("site")
    assert refused.failure.codes() == ["cluster-forbidden"]

    removed = run("remove")
    assert removed.returncode == 0, removed.output
    assert cluster.get("Deployment", "dockerregistry", namespace) is None
    assert cluster.get("PersistentVolumeClaim", "dockerregistry", namespace) is not None, "the images stay"

    used = {f"{request.resource} {request.verb}" for request in audit.requests()}
    assert _rights("direct") - used - OTHERWISE.keys() == set(), "rights that nothing asks for"


@pytest.mark.parametrize("missing", MISSING, ids=" ".join)
def test_one_right_less(missing: tuple[str, str, str], grant: Grant) -> None:
    """One finding that names verb and resource."""
    _kind, resource, verb = missing
    run = grant("direct", missing)("site")
    assert run.returncode != 0
    assert run.failure.codes() == ["cluster-forbidden"], run.output
    plural, _slash, part = resource.partition("/")
    message = run.failure.result["msg"]
    assert f"may not {verb} {plural}" in message and part in message, message
