# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster without the CRD of the DockerRegistry: reported with the manifest, or installed with install.yml; and copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LeaseTaken
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import definition
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import NAME, crd
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import Do, Result, Stage, codes
from ansible_collections.kyma.docker_registry.tests.support import playbook, rights
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

# Only one of them at a time: most want no definition.
pytestmark = [pytest.mark.beside, pytest.mark.usefixtures("turn")]
CREDENTIALS = "dockerregistry-config"
MAY_NOT = "is not allowed to create customresourcedefinitions.apiextensions.k8s.io"


def _errors(result: Result) -> dict[str, dict[str, Any]]:
    return {item["path"]: item for item in result["findings"] if item["severity"] == "error"}


def _command(text: str) -> tuple[str, str]:
    """Command and document of what an administrator copies from a finding."""
    command, _newline, rest = text[text.index("kubectl ") :].partition("\n")
    return command, rest.partition("\nEOF\n")[0]


def _defined(stage: Stage) -> bool:
    return stage.cluster.get("CustomResourceDefinition", NAME) is not None


@pytest.fixture
def removed(stage: Stage, turn: None) -> Iterator[None]:
    """What the test defines is there for no other test."""
    yield
    made = stage.cluster.get("CustomResourceDefinition", NAME)
    stage.cluster.delete("CustomResourceDefinition", NAME, None, uid=made["metadata"]["uid"])
    until("the definition to be gone", lambda: not _defined(stage))


@pytest.mark.parametrize("requested", ["auto", "direct"])
def test_rights_in_the_namespace_only(stage: Stage, requested: str) -> None:
    """The finding names the right and carries the definition; so does every other missing right in it; nothing is written."""
    namespace = stage.namespace()
    stage.give("local", namespace, "direct", "Role")
    audit = stage.audit(namespace)
    seen = stage.as_user("local", namespace)("docker_registry_storage", state="validated", mode=requested)
    assert set(codes(seen)) == {"cluster-forbidden"}
    errors = _errors(seen)
    reported = errors[f"CustomResourceDefinition/{NAME}"]
    assert f"local {MAY_NOT}" in reported["message"]
    command, document = _command(reported["remedy"])
    assert command == "kubectl apply -f - <<'EOF'"
    assert yaml.safe_load(document) == crd()
    assert ("Deployment" in errors) == (requested == "auto")
    assert "StorageClass" in errors
    assert audit.writes() == [] and not _defined(stage)


def test_off(stage: Stage) -> None:
    """With install_crd false, the finding has the same manifest."""
    namespace = stage.namespace()
    seen = stage.as_user("", namespace)("docker_registry_storage", state="validated", install_crd=False)
    assert "crd-missing" in codes(seen)
    assert yaml.safe_load(_command(seen["msg"])[1]) == crd()


def test_what_the_role_prints(stage: Stage) -> None:
    """A play that fails prints a text that can be applied unchanged; no task has changed anything."""
    namespace = stage.namespace()
    stage.give("local", namespace, "direct", "Role")
    audit = stage.audit(namespace)
    run = playbook.run(
        "kyma.docker_registry.site",
        kubeconfig=stage.kubeconfig,
        variables={"registry_namespace": namespace, "registry_mode": "direct"},
        extra_environment={"K8S_AUTH_IMPERSONATE_USER": "local"},
    )
    assert run.returncode != 0 and run.changed == 0
    assert audit.writes() == []
    command, document = _command(run.failure.result["msg"])
    assert f"{command}\n{document}\nEOF\n" in run.output
    applied = rights.kubectl(stage.kubeconfig, "apply", "--dry-run=server", "-f", "-", text=document)
    assert "created" in applied


def test_copies(stage: Stage, tmp_path: Path) -> None:
    """Named namespaces with the rights there; `all`, and finding those that are wanted no more, with them everywhere."""
    namespace, first, second = (stage.namespace() for _ in range(3))
    stage.give("copier", namespace, "direct")
    do = stage.as_user("copier", namespace)
    wanted = {"pull_secret_namespaces": [first]}
    refused = do("registry_secret", **wanted)
    assert "is not allowed to list namespaces" in refused["msg"] and codes(refused) == ["cluster-forbidden"]

    lists, copies = rights.documents("pull-secrets")
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "copier"}
    rights.make(stage.kubeconfig, rights.bound(lists, subject, "", "copier"))
    in_first = [{**copies, "kind": "Role"}]
    rights.make(stage.kubeconfig, [item for role in in_first for item in rights.bound(role, subject, first, "copier")])
    made = do("registry_secret", **wanted)
    assert not codes(made), made
    assert [item["code"] for item in made["findings"]] == ["copies-unseen"]
    assert stage.cluster.get("Secret", CREDENTIALS, first) is not None

    in_second = do("registry_secret", pull_secret_namespaces=[second])
    assert codes(in_second) == ["cluster-forbidden"] and f"secrets in namespace {second}" in in_second["msg"]
    rights.make(stage.kubeconfig, rights.bound(copies, subject, "", "copier-everywhere"))
    rights.await_rights(stage.kubeconfig, "copier", [rights.Right("ClusterRole", "secrets", "delete")], "")
    moved = do("registry_secret", pull_secret_namespaces=[second])
    assert not codes(moved), moved
    assert stage.cluster.get("Secret", CREDENTIALS, first) is None
    assert stage.cluster.get("Secret", CREDENTIALS, second) is not None


def _objects(namespace: str, do: Do) -> list[Result]:
    return [
        do("docker_registry_storage", state="validated"),
        do("registry_secret", create_namespace=True),
        do("docker_registry_storage"),
    ]


@pytest.mark.usefixtures("removed")
def test_the_first_run(stage: Stage) -> None:
    """Namespace and definition are made with install.yml besides; without it the namespace alone is refused."""
    namespace = "yet-to-be-made"
    # A Role cannot be in a namespace that is not there.
    stage.give("installer", namespace, "direct", everywhere=True)
    stage.add_class()
    do = stage.as_user("installer", namespace)
    assert codes(do("docker_registry_storage", state="validated")) == ["cluster-forbidden"]
    stage.give("installer", namespace, "install")
    for result in _objects(namespace, do):
        assert not codes(result), result
    assert _defined(stage)
    assert stage.cluster.get("DockerRegistry", "default", namespace) is not None


@pytest.mark.usefixtures("removed")
def test_another_run_made_the_definition(stage: Stage) -> None:
    """Between the look and the write, as two first runs at the same moment do: one makes it, both go on."""
    stage.define()
    namespace = stage.namespace()
    context = make_context({"kubeconfig": stage.kubeconfig, "namespace": namespace}, check_mode=False)
    with pytest.raises(LeaseTaken):
        definition.install_definition(context, namespace)
    definition.install_definition(context, namespace)
    assert context.changes == []
