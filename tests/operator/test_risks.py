# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviour of the operator beyond the recordings, from its source and from observations on a real cluster."""

from __future__ import annotations

import uuid

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.operator.sandbox import BASE_NAMESPACE, Sandbox
from ansible_collections.kyma.docker_registry.tests.support import operator_cases, roundtrip
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

pytestmark = pytest.mark.model
KINDS = ("Deployment", "Service", "ConfigMap", "Secret", "NetworkPolicy", "PersistentVolumeClaim")
S3 = {"bucket": "images", "region": "eu-central-1", "secretName": "late"}


def test_serves_images_until_the_storage_changes(sandbox: Sandbox) -> None:
    """The default registry takes an image and gives it back; `deleteEnabled` alone takes its volume away."""
    sandbox.apply(None)
    sandbox.await_state("Ready")
    roundtrip.run(sandbox.cluster, sandbox.namespace, 1024 * 1024)
    status = sandbox.status()
    assert status["internalAccess"]["pushAddress"] == f"dockerregistry.{sandbox.namespace}.svc.cluster.local:5000"
    assert status["internalAccess"]["pullAddress"].startswith("localhost:")
    sandbox.apply({"deleteEnabled": True})
    until("the volume to be lost", lambda: sandbox.names("PersistentVolumeClaim") == [operator_cases.CLAIM])
    assert sandbox.volumes()["data"]["emptyDir"] == {}
    sandbox.await_state("Ready")


def test_second_registry_waits_for_the_first(sandbox: Sandbox) -> None:
    """One is served. The other has this in its status, and is served after the deletion of the first."""
    sandbox.apply(None, "first")
    until("the first to be served", lambda: sandbox.status("first").get("served") == "True")
    sandbox.apply(None, "second")
    until("the second to be refused", lambda: sandbox.status("second").get("served") == "False")
    refused = sandbox.condition("Configured", "second")
    assert (sandbox.status("second")["state"], refused["status"], refused["reason"]) == (
        "Warning",
        "False",
        "Duplicated",
    )
    assert f"(current served instance: {sandbox.namespace}/first)" in refused["message"]
    sandbox.delete("first")
    until("the second to be served", lambda: sandbox.status("second").get("served") == "True")
    sandbox.await_state("Ready", "second")


def test_deletion_takes_everything(sandbox: Sandbox) -> None:
    """The default claim as well; what users made stays."""
    before = {kind: sandbox.names(kind) for kind in KINDS}
    sandbox.apply(None)
    sandbox.await_state("Ready")
    found = sandbox.cluster.get("DockerRegistry", "default", sandbox.namespace)
    assert found and found["metadata"]["finalizers"] == ["dockerregistry-operator.kyma-project.io/deletion-hook"]
    sandbox.delete()
    until("everything to be gone", lambda: {kind: sandbox.names(kind) for kind in KINDS} == before)


def test_storage_secret_comes_late_and_changes(sandbox: Sandbox) -> None:
    """Without its Secret the registry runs on nothing, though the status says s3; the Secret's arrival and change roll it."""
    sandbox.apply({"s3": S3})
    sandbox.await_state("Warning")
    assert sandbox.status()["storage"] == "s3" and sandbox.volumes()["data"]["emptyDir"] == {}
    assert 'secrets "late" not found' in sandbox.condition("Configured")["message"]
    sandbox.secret("late", {"accessKey": "one", "secretKey": "two"})
    until("the registry to use s3", lambda: "secrets.s3=" in sandbox.rollme())
    first = sandbox.rollme()
    assert "data" not in sandbox.volumes() and sandbox.condition("Configured")["status"] == "True"
    sandbox.secret("late", {"accessKey": "one", "secretKey": "other"})
    until("the registry to be rolled", lambda: sandbox.rollme() != first)


def test_credentials_that_were_there_are_used(sandbox: Sandbox) -> None:
    """A Secret with the label sets user and password."""
    key, value = "dockerregistry.kyma-project.io/config", "credentials"
    sandbox.cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "dockerregistry-config", "namespace": sandbox.namespace, "labels": {key: value}},
            "type": "kubernetes.io/dockerconfigjson",
            "data": {"username": "dXNlcg==", "password": "cGFzc3dvcmQ=", ".dockerconfigjson": "e30="},
        }
    )
    sandbox.apply({})
    sandbox.await_state("Ready")
    found = sandbox.cluster.get("Secret", "dockerregistry-config", sandbox.namespace)
    assert found and found["data"]["username"] == "dXNlcg==" and found["data"][".dockerconfigjson"] != "e30="


def test_fields_of_another_manager_stay(sandbox: Sandbox) -> None:
    """A variable that another client applied completes Azure, through later rounds of the operator too."""
    sandbox.apply({"azure": {"secretName": "azure-storage"}})
    until("the Deployment", lambda: "secrets.azure=" in sandbox.rollme())
    variable = sandbox.set_azure_credentials_type()
    sandbox.await_state("Ready")
    change = [{"op": "add", "path": "/spec/logging", "value": {"level": "debug"}}]
    sandbox.cluster.patch("DockerRegistry", "default", sandbox.namespace, change)
    until("the new log level", lambda: "level=debug" in sandbox.rollme())
    assert variable in sandbox.deployment()["template"]["spec"]["containers"][0]["env"]


def test_storage_lock_for_volumes_holds(sandbox: Sandbox) -> None:
    """A claim that another client co-owns cannot be replaced by an emptyDir: state Error, and nothing is lost."""
    sandbox.apply(None)
    sandbox.await_state("Ready")
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    sandbox.overlay({"volumes": [volume]})
    pods = roundtrip.ready_pods(sandbox.cluster, sandbox.namespace)
    sandbox.apply({"deleteEnabled": True})
    until("the operator to fail", lambda: sandbox.condition("Installed").get("reason") == "InstallationErr")
    assert "may not specify more than 1 volume type" in sandbox.condition("Installed")["message"]
    assert "dockerregistry" in sandbox.names("PersistentVolumeClaim")
    assert pods and roundtrip.ready_pods(sandbox.cluster, sandbox.namespace) == pods


def test_storage_lock_for_drivers_holds(sandbox: Sandbox) -> None:
    """A driver's variable from a ConfigMap that does not exist prevents the switch to the default storage: the same Pod continues."""
    sandbox.apply({"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "s3s"}})
    sandbox.await_state("Ready")
    nowhere = {"configMapKeyRef": {"name": "nowhere", "key": "nothing", "optional": True}}
    variable = {"name": "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "valueFrom": nowhere}
    sandbox.overlay({"containers": [{"name": "docker-registry", "env": [variable]}]})
    until("the new Pod", lambda: len(roundtrip.ready_pods(sandbox.cluster, sandbox.namespace)) == 1)
    sandbox.apply(None)
    until("the operator to fail", lambda: sandbox.condition("Installed").get("reason") == "InstallationErr")
    assert "may not be specified when `value` is not empty" in sandbox.condition("Installed")["message"]
    assert "secrets.s3=" in sandbox.rollme()


def test_missing_namespace_of_the_operator(sandbox: Sandbox) -> None:
    """Without its own namespace the operator fails, though the registry runs; with it all is well."""
    found = sandbox.cluster.get("Namespace", BASE_NAMESPACE)
    if sandbox.names_in(BASE_NAMESPACE, "Deployment") or not found:
        pytest.skip(f"namespace {BASE_NAMESPACE} is in use")
    sandbox.cluster.delete("Namespace", BASE_NAMESPACE, None, uid=found["metadata"]["uid"])
    try:
        until("the namespace to be gone", lambda: sandbox.cluster.get("Namespace", BASE_NAMESPACE) is None)
        sandbox.apply(None)
        until("the operator to fail", lambda: sandbox.condition("Installed").get("reason") == "InstallationErr")
        assert sandbox.condition("Installed")["message"] == f'namespaces "{BASE_NAMESPACE}" not found'
        assert sandbox.rollme() == operator_cases.DEFAULT_ROLLME
    finally:
        until("the namespace to be gone", lambda: sandbox.cluster.get("Namespace", BASE_NAMESPACE) is None)
        sandbox.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": BASE_NAMESPACE}})
    sandbox.await_state("Ready")


def test_copies_of_the_credentials(one_cluster: Cluster, serves: str) -> None:
    """A registry in the operator's namespace gives other namespaces its credentials, but those that say no."""
    if BASE_NAMESPACE not in serves.split(","):
        pytest.skip(f"the operator does not serve {BASE_NAMESPACE}")
    base, taker, user = Sandbox(one_cluster, BASE_NAMESPACE), Sandbox(one_cluster), Sandbox(one_cluster)
    name = "dockerregistry-config"
    try:
        user.make_namespace()
        label = {"dockerregistry.kyma-project.io/managed-by": "user"}
        metadata = {"name": name, "namespace": user.namespace, "labels": label}
        one_cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"a": "Yg=="}})
        base.apply({})
        until("the credentials", lambda: name in base.names("Secret"))
        taker.make_namespace()
        until("a copy", lambda: name in taker.names("Secret"))
        original, copy = (one_cluster.get("Secret", name, each.namespace) or {} for each in (base, taker))
        assert copy["data"] == original["data"] and copy["type"] == original["type"]
        kept = one_cluster.get("Secret", name, user.namespace)
        assert kept and kept["data"] == {"a": "Yg=="}
        base.delete()
        until("the copy to be gone", lambda: name not in taker.names("Secret"))
        assert name in user.names("Secret")
    finally:
        base.delete()
        taker.remove()
        user.remove()


def test_other_namespaces_are_left_alone(one_cluster: Cluster, serves: str) -> None:
    """A registry where the operator does not serve gets nothing of it."""
    if serves == "*":
        pytest.skip("the operator serves all namespaces")
    other = Sandbox(one_cluster, f"other-{uuid.uuid4().hex[:10]}")
    served = Sandbox(one_cluster)
    try:
        other.make_namespace()
        served.make_namespace()
        other.apply({})
        served.apply({})
        until("the operator to act", lambda: served.status().get("served") == "True")
        assert other.status() == {} and other.names("Deployment") == []
    finally:
        served.remove()
        other.remove()
