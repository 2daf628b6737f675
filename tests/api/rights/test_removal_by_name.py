# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A removal names a DockerRegistry. It must not remove the objects of another one in the same namespace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER, OPERATOR
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import Result, Stage, codes, everything
from ansible_collections.kyma.docker_registry.tests.support import consent

pytestmark = pytest.mark.beside
TEAM = "team-registry"
MANIFEST = "apiVersion: operator.kyma-project.io/v1alpha1\nkind: DockerRegistry\nmetadata:\n  name: {name}\n"
STORAGE_SECRET = {"purpose": "s3", "secret_name": "store"}
MERGE = "application/merge-patch+json"
# Each module that removes, called by itself.
REMOVALS: dict[str, tuple[str, dict[str, Any]]] = {
    "docker_registry_storage": ("docker_registry_storage", {"wait_timeout": 1}),
    "registry_deployment": ("registry_deployment", {}),
    "registry_secret": ("registry_secret", {}),
    "registry_secret s3": ("registry_secret", STORAGE_SECRET),
}


@pytest.fixture(scope="module")
def prepared(stage: Stage) -> Stage:
    """The API server with the definition, a class for volumes and the operator's namespaces."""
    stage.prepare_for_operator()
    return stage


@pytest.fixture(params=["direct", "operator"])
def mode(request: pytest.FixtureRequest, prepared: Stage, turn: None) -> Iterator[str]:
    """Without an operator, and with one that is installed. The tests of the file see the same one."""
    stage = prepared
    if request.param == "direct":
        yield request.param
        return
    made = stage.operator()
    yield request.param
    stage.cluster.delete("Deployment", OPERATOR, made["metadata"]["namespace"], uid=made["metadata"]["uid"])


@pytest.fixture
def place(mode: str, stage: Stage) -> Iterator[str]:
    """A namespace with the registry `team-registry`: its DockerRegistry, the Secrets of the role, and its workload in direct mode."""
    namespace = stage.namespace()
    do = stage.as_user("", namespace)
    with stage.taking(namespace, TEAM) if mode == "operator" else nullcontext():
        made = [do("docker_registry_storage", name=TEAM)]
    made.append(do("registry_secret", mode=mode, registry_password="of-the-test"))
    made.append(do("registry_secret", secret_source={"values": STORAGE_SECRETS["s3"]}, **STORAGE_SECRET))
    if mode == "direct":
        options = {"name": TEAM, "storage": {}, "wait": False}
        made.append(do("registry_deployment", objects=everything(namespace), **options))
    assert [codes(result) for result in made] == [[]] * len(made), made
    if mode == "operator":
        _set_finalizers(stage, namespace, TEAM, [FINALIZER])
    yield namespace
    # The operator serves one DockerRegistry in the cluster.
    for item in stage.cluster.list("DockerRegistry", namespace):
        _set_finalizers(stage, namespace, item["metadata"]["name"], None)
        stage.cluster.delete("DockerRegistry", item["metadata"]["name"], namespace, uid=item["metadata"]["uid"])


def _set_finalizers(stage: Stage, namespace: str, name: str, finalizers: list[str] | None) -> None:
    stage.cluster.patch("DockerRegistry", name, namespace, {"metadata": {"finalizers": finalizers}}, content_type=MERGE)


def _remove(stage: Stage, namespace: str, removal: str, **options: Any) -> Result:
    module, own = REMOVALS[removal]
    if module == "registry_deployment":
        options["accept_data_loss"] = consent.fitting(stage.cluster, namespace)
    return stage.as_user("", namespace)(module, state="absent", **own, **options)


@pytest.mark.parametrize("removal", REMOVALS)
def test_another_name_is_rejected(removal: str, place: str, stage: Stage) -> None:
    """Nothing is written, and the message names the DockerRegistry that is there."""
    audit = stage.audit(place)
    result = _remove(stage, place, removal, name="defualt")
    assert codes(result) == ["cr-name-mismatch"], result
    (finding,) = [item for item in result["findings"] if item["severity"] == "error"]
    assert finding["path"] == "name"
    assert "defualt" in finding["message"] and TEAM in finding["message"] and TEAM in finding["remedy"]
    assert (audit.writes(), result["changed"]) == ([], False)


def test_the_name_of_a_manifest(place: str, stage: Stage) -> None:
    """It counts instead of the option, and a wrong one is rejected in the same way."""
    audit = stage.audit(place)
    result = _remove(stage, place, "docker_registry_storage", manifest=MANIFEST.format(name="other"))
    assert codes(result) == ["cr-name-mismatch"] and audit.writes() == [], result
    assert [item["path"] for item in result["findings"] if item["severity"] == "error"] == ["manifest"]
    right = _remove(stage, place, "docker_registry_storage", manifest=MANIFEST.format(name=TEAM))
    assert right["changes"][-1] == f"DockerRegistry/{TEAM} removed", right


@pytest.mark.parametrize("removal", REMOVALS)
def test_two_of_them(removal: str, place: str, stage: Stage) -> None:
    """The objects can belong to either one, so the removal of one is rejected as well."""
    second = {"name": "second", "namespace": place}
    stage.cluster.create(
        {"apiVersion": "operator.kyma-project.io/v1alpha1", "kind": "DockerRegistry", "metadata": second, "spec": {}}
    )
    audit = stage.audit(place)
    result = _remove(stage, place, removal, name=TEAM)
    assert codes(result) == ["cr-name-mismatch"] and audit.writes() == [], result
    assert "second" in result["msg"]


def test_an_interrupted_removal_is_completed(place: str, mode: str, stage: Stage) -> None:
    """The DockerRegistry was deleted, and its objects are left: the next run removes them, and the one after it finds nothing."""
    _set_finalizers(stage, place, TEAM, None)
    there = stage.cluster.get("DockerRegistry", TEAM, place)
    stage.cluster.delete("DockerRegistry", TEAM, place, uid=there["metadata"]["uid"])
    order = ("docker_registry_storage", "registry_deployment", "registry_secret")
    removed = [_remove(stage, place, removal, name=TEAM) for removal in order]
    assert [codes(result) for result in removed] == [[]] * 3, removed
    changes = [change for result in removed for change in result.get("changes", [])]
    assert f"Secret/{constants.CREDENTIALS_SECRET} in {place} removed" in changes
    assert f"Secret/store in {place} removed" in changes
    assert ("Deployment/dockerregistry removed" in changes) == (mode == "direct")
    again = [_remove(stage, place, removal, name=TEAM) for removal in order]
    assert [result["changed"] for result in again] == [False] * 3, again
    assert "cr-absent" in [item["code"] for item in again[0]["findings"]]
