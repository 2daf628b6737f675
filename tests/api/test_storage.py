# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker_registry_storage against the real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH, Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import everything
from ansible_collections.kyma.docker_registry.tests.support import consent, objects
from ansible_collections.kyma.docker_registry.tests.support.objects import claim
from ansible_collections.kyma.docker_registry.tests.support.waiting import until
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config

pytestmark = pytest.mark.nodeless


@pytest.mark.smoke
def test_cr_is_the_record(namespace: str, call: Call, cluster: Cluster) -> None:
    """Default storage leaves `storage` out; a backend is written as given; empty takes it out again."""
    assert call("docker_registry_storage", {"namespace": namespace, "storage": {}}).changed
    assert "storage" not in cluster.get("DockerRegistry", "default", namespace)["spec"]
    cluster.create(claim("own", namespace))
    result = call("docker_registry_storage", {"namespace": namespace, "storage": {"pvc": {"name": "own"}}})
    assert (result.result["storage_type"], result.result["claim"]) == ("pvc", "own")
    assert cluster.get("DockerRegistry", "default", namespace)["spec"]["storage"] == {"pvc": {"name": "own"}}
    call("docker_registry_storage", {"namespace": namespace})
    assert "storage" not in cluster.get("DockerRegistry", "default", namespace)["spec"]


def test_foreign_backend_is_taken_out(namespace: str, call: Call, cluster: Cluster) -> None:
    """spec.storage is exclusive: what another client wrote does not stay beside ours, and the second run is quiet."""
    call("docker_registry_storage", {"namespace": namespace})
    patch = {"spec": {"storage": {"s3": {"bucket": "b", "region": "eu-central-1"}}}}
    cluster.patch("DockerRegistry", "default", namespace, patch, content_type="application/merge-patch+json")
    cluster.create(claim("own", namespace))
    arguments = {"namespace": namespace, "storage": {"pvc": {"name": "own"}}}
    assert call("docker_registry_storage", arguments, check=True).changed
    assert call("docker_registry_storage", arguments).changed
    assert cluster.get("DockerRegistry", "default", namespace)["spec"]["storage"] == {"pvc": {"name": "own"}}
    assert not call("docker_registry_storage", arguments).changed


def test_what_an_operator_left_is_not_taken_blindly(namespace: str, call: Call, cluster: Cluster) -> None:
    """A Deployment of an operator that does not run any more, and that cannot say what it stores, stops direct mode."""
    labels = {"app": "docker-registry", "app.kubernetes.io/managed-by": "dockerregistry-operator"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "none"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "docker-registry"}}, "template": template}
    metadata = {"name": "dockerregistry", "namespace": namespace, "labels": labels}
    cluster.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    assert call("docker_registry_storage", {"namespace": namespace}).codes() == ["images-at-risk"]
    assert cluster.get("DockerRegistry", "default", namespace) is None


def test_a_deleted_deployment(namespace: str, call: Call, cluster: Cluster) -> None:
    """The DockerRegistry names the bucket with the images. Another one needs the consent, from the validation to the deployment."""

    def storage(bucket: str) -> dict[str, Any]:
        return {"namespace": namespace, "storage": {"s3": {"bucket": bucket, "region": "eu-central-1"}}}

    first, other = storage("images"), storage("other-images")
    assert not call("docker_registry_storage", first).failed
    assert not call("docker_registry_storage", {**other, "state": "validated"}).failed, "it was never deployed"
    live = cluster.get("DockerRegistry", "default", namespace)
    names = {"name": "default", "namespace": namespace}
    status = {"served": "True", "storage": "s3"}
    cluster.apply_status(
        {**{key: live[key] for key in ("apiVersion", "kind")}, "metadata": names, "status": status}, live=live
    )

    refused = call("docker_registry_storage", {**other, "state": "validated"})
    assert refused.codes() == call("docker_registry_storage", other).codes() == ["images-at-risk"]
    assert not call("docker_registry_storage", first).changed
    given = {**other, "accept_data_loss": consent.offered(refused.result)}
    assert call("docker_registry_storage", given).codes("warning") == ["data-loss-accepted"]
    deploy = {**given, "objects": everything(namespace), "wait": False}
    assert call("registry_deployment", deploy, check=True).codes() == []
    again = call("docker_registry_storage", {**first, "accept_data_loss": given["accept_data_loss"]})
    assert again.codes() == ["images-at-risk"]


def test_the_last_field_is_taken_back(namespace: str, call: Call, cluster: Cluster) -> None:
    """spec.logging is left out after it was given, and the default volume needs no field of spec.storage."""
    request = {"namespace": namespace}
    assert call("docker_registry_storage", {**request, "logging": {"level": "debug"}}).changed
    taken_back = call("docker_registry_storage", request)
    assert taken_back.changed and not taken_back.failed, taken_back.result
    live = cluster.get("DockerRegistry", constants.CR_NAME, namespace)
    assert live is not None and not live["spec"].get("logging")
    assert not call("docker_registry_storage", request).changed


def test_external_access_is_taken_back(namespace: str, call: Call, cluster: Cluster) -> None:
    """What a run with an operator has written, direct mode takes out, also where nothing else is left of the spec; what others wrote stays."""
    document = {
        "apiVersion": "operator.kyma-project.io/v1alpha1",
        "kind": "DockerRegistry",
        "metadata": {"name": "default", "namespace": namespace},
        "spec": {"externalAccess": {"enabled": True, "host": "registry.example.com"}},
    }
    call("docker_registry_storage", {"namespace": namespace})
    live = cluster.get("DockerRegistry", "default", namespace)
    cluster.apply(document, live=live, force=True)
    assert call("docker_registry_storage", {"namespace": namespace}).changed
    assert not cluster.get("DockerRegistry", "default", namespace)["spec"].get("externalAccess")
    assert not call("docker_registry_storage", {"namespace": namespace}).changed

    others = {"op": "add", "path": "/spec/externalAccess", "value": {"enabled": False}}
    cluster.patch("DockerRegistry", "default", namespace, [others])
    assert not call("docker_registry_storage", {"namespace": namespace}).changed
    assert cluster.get("DockerRegistry", "default", namespace)["spec"]["externalAccess"] == {"enabled": False}


def test_hand_over_with_external_access(namespace: str, call: Call, cluster: Cluster) -> None:
    """Objects of an operator that was removed stay, and the finding names them. Its finalizer is removed, so that a removal does not wait for it."""
    access = {"enabled": True, "host": "registry.example.com"}
    cluster.create(
        {
            "apiVersion": "operator.kyma-project.io/v1alpha1",
            "kind": "DockerRegistry",
            "metadata": {"name": "default", "namespace": namespace, "finalizers": [FINALIZER]},
            "spec": {"externalAccess": access},
        }
    )
    status = {"served": "True", "externalAccess": {"enabled": "True", "secretName": constants.EXTERNAL_SECRET}}
    path = ("DockerRegistry", "default", namespace)
    live = cluster.get(*path)
    cluster.apply_status({**live, "status": status}, live=live)
    labels = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
    external = objects.secret(constants.EXTERNAL_SECRET, namespace, {"username": "u", "password": "kept"})
    external["metadata"]["labels"] = labels
    uid = cluster.create(external)["metadata"]["uid"]
    done = call("docker_registry_storage", {"namespace": namespace})
    assert not done.failed and done.codes("warning") == ["external-access-left"], done.result
    after = cluster.get(*path)
    assert "finalizers" not in after["metadata"] and after["spec"]["externalAccess"] == access
    assert cluster.get("Secret", constants.EXTERNAL_SECRET, namespace)["metadata"]["uid"] == uid
    again = call("docker_registry_storage", {"namespace": namespace})
    assert not again.changed and not again.codes("warning")


def test_objects_of_another_owner(namespace: str, call: Call, cluster: Cluster) -> None:
    """A Service and a ServiceAccount under the registry's name: the first task of the role finds both, with the client that wrote them."""
    metadata = {"name": constants.REGISTRY, "namespace": namespace}
    ports = {"ports": [{"port": 80, "protocol": "TCP"}]}
    cluster.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": ports})
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**metadata, "labels": labels}})
    found = call("docker_registry_storage", {"namespace": namespace, "state": "validated", "storage": {}})
    assert found.codes() == ["object-not-ours"] * 2, found.result
    assert "managed-by: Helm" in found.result["msg"] and "Service/dockerregistry" in found.result["msg"]


def test_second_registry_in_a_namespace(namespace: str, call: Call) -> None:
    """A namespace has room for one."""
    call("docker_registry_storage", {"namespace": namespace})
    assert call("docker_registry_storage", {"namespace": namespace, "name": "other"}).codes() == ["cr-duplicate"]


def test_missing_namespace_may_be_refused(namespace: str, call: Call) -> None:
    """create_namespace off."""
    result = call("docker_registry_storage", {"namespace": f"{namespace}-none", "create_namespace": False})
    assert result.codes() == ["namespace-missing"]


@pytest.fixture
def bound_claim(namespace: str, kubeconfig: str, cluster: Cluster) -> Iterator[None]:
    """The registry's default claim, bound to a volume."""
    volumes = CoreV1Api(new_client_from_config(kubeconfig))
    reference = {"namespace": namespace, "name": constants.DEFAULT_CLAIM}
    volume = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "claimRef": reference,
        "hostPath": {"path": "/nonexistent"},
        "storageClassName": "",
    }
    volumes.create_persistent_volume({"metadata": {"name": namespace}, "spec": volume})
    try:
        cluster.create(claim(constants.DEFAULT_CLAIM, namespace, storage_class=""))
        read = partial(cluster.get, "PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
        until("the claim is bound", lambda: read()["status"].get("phase") == "Bound")
        yield
    finally:
        volumes.delete_persistent_volume(namespace)


@pytest.mark.usefixtures("bound_claim")
def test_a_hand_over_does_not_spoil_the_consent(namespace: str, call: Call, cluster: Cluster) -> None:
    """An operator's Deployment is deleted on the way to another volume; the module that deploys accepts the same consent, and only for it."""
    labels = {"app": "docker-registry", "app.kubernetes.io/managed-by": "dockerregistry-operator"}
    for name in ("own", "second"):
        cluster.create(claim(name, namespace))
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": constants.DEFAULT_CLAIM}}
    pod = {"containers": [{"name": "a", "image": "none"}], "volumes": [volume]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "docker-registry"}}, "template": template}
    metadata = {"name": constants.REGISTRY, "namespace": namespace, "labels": labels}
    call("docker_registry_storage", {"namespace": namespace})
    cluster.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})

    switch = {"namespace": namespace, "storage": {"pvc": {"name": "own"}}}
    refused = call("docker_registry_storage", {**switch, "state": "validated"})
    assert refused.codes() == ["images-at-risk"]
    given = {**switch, "accept_data_loss": consent.offered(refused.result)}
    assert call("docker_registry_storage", given).codes("warning") == ["data-loss-accepted"]
    assert cluster.get("Deployment", constants.REGISTRY, namespace) is None
    assert not call("docker_registry_storage", given).changed
    objects = [item for item in everything(namespace) if item["kind"] != "PersistentVolumeClaim"]
    deploy = {**given, "objects": objects, "wait": False}
    to_second = {**deploy, "storage": {"pvc": {"name": "second"}}}
    assert call("registry_deployment", to_second, check=True).codes() == ["images-at-risk"]
    assert call("registry_deployment", deploy, check=True).codes("warning") == ["data-loss-accepted"]


def test_a_consent_is_used_up_by_a_failed_switch(namespace: str, call: Call, cluster: Cluster) -> None:
    """The run failed before its write of the Deployment and restored spec.storage. Then the Deployment changes: the same consent is rejected."""
    for name in ("own", "second"):
        cluster.create(claim(name, namespace))
    former = {"pvc": {"name": "own"}}
    labels = {**constants.SELECTOR, **constants.MANAGED_BY}
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "own"}}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "a", "image": "none"}], "volumes": [volume]},
    }
    spec = {"replicas": 0, "selector": {"matchLabels": constants.SELECTOR}, "template": template}
    metadata = {"name": constants.REGISTRY, "namespace": namespace, "labels": labels}
    metadata["annotations"] = {constants.REQUESTED_STORAGE: json.dumps(former)}
    call("docker_registry_storage", {"namespace": namespace, "storage": former})
    applied = cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}).after
    record = {constants.PREVIOUS_DEPLOYMENT: json.dumps(owned_part(applied, constants.FIELD_MANAGER))}

    def annotate(annotations: dict[str, str]) -> None:
        patch = {"metadata": {"annotations": annotations}}
        cluster.patch("Deployment", constants.REGISTRY, namespace, patch, content_type=MERGE_PATCH)

    annotate(record)
    switch = {"namespace": namespace, "storage": {"pvc": {"name": "second"}}}
    refused = call("docker_registry_storage", {**switch, "state": "validated"})
    given = {**switch, "accept_data_loss": consent.offered(refused.result)}
    assert call("docker_registry_storage", given).codes("warning") == ["data-loss-accepted"]
    annotate({"team/note": "one"})
    assert call("docker_registry_storage", given).codes("warning") == ["data-loss-accepted"], "the run was killed"
    call("registry_deployment", {"namespace": namespace, "state": "restored", "failed_with": ["rollout-crashloop"]})
    restored = cluster.get("DockerRegistry", constants.CR_NAME, namespace)
    assert restored is not None and restored["spec"]["storage"] == former
    assert constants.ACCEPTED_LOSS not in restored["metadata"].get("annotations", {})
    assert call("docker_registry_storage", given).codes() == ["images-at-risk"]
