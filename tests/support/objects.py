# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that tests make beside the registry."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import resources
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH, Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call


def get_by_path(cluster: Cluster, path: str) -> dict[str, Any]:
    """What the API server has at a path, also of kinds that the collection does not use."""
    return cluster._transport.json(Call("get", path, path), "GET", path)


def scale(cluster: Cluster, namespace: str, name: str, number: int) -> None:
    """Sets the number of replicas of a Deployment as a HorizontalPodAutoscaler does: by the subresource, under the controllers' name."""
    path = resources.path("Deployment", namespace, name, "scale")
    body = {"spec": {"replicas": number}}
    query = [("fieldManager", "kube-controller-manager")]
    cluster._transport.json(Call("patch", path, path), "PATCH", path, query=query, body=body, content_type=MERGE_PATCH)


def claim(
    name: str,
    namespace: str,
    storage_class: str | None = None,
    size: str = "1Gi",
    modes: tuple[str, ...] = ("ReadWriteOnce",),
) -> dict[str, Any]:
    """A PersistentVolumeClaim of a user's own."""
    spec: dict[str, Any] = {"accessModes": list(modes), "resources": {"requests": {"storage": size}}}
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


# The selector of Kyma's operator.
OPERATOR_LABELS = {
    "control-plane": "operator",
    "app.kubernetes.io/component": "dockerregistry-operator.kyma-project.io",
}


def operator_deployment(
    namespace: str = "kyma-system",
    *,
    labels: Mapping[str, str] = OPERATOR_LABELS,
    image: str = "registry.example/operator:0.15.0",
) -> dict[str, Any]:
    """The Deployment of Kyma's operator, or with other labels one that has only its name."""
    container = {"name": "manager", "image": image}
    selector = dict(labels) or {"app": "other"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "dockerregistry-operator", "namespace": namespace, "labels": dict(labels)},
        "spec": {
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": selector}, "spec": {"containers": [container]}},
        },
    }


def running(deployment: Mapping[str, Any], replicas: int = 1) -> dict[str, Any]:
    """The Deployment with so many replicas, all ready."""
    return {**deployment, "status": {"replicas": replicas, "readyReplicas": replicas}}


def config_map(name: str, namespace: str, data: Mapping[str, str]) -> dict[str, Any]:
    """A ConfigMap of a user's own."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}


def pulling_pod(name: str, namespace: str, image: str) -> dict[str, Any]:
    """A Pod whose image the kubelet pulls with the registry's pull Secret; fit for Pod Security `restricted`."""
    security = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 1000,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "imagePullSecrets": [{"name": "dockerregistry-config"}],
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "app", "image": image, "imagePullPolicy": "Always", "securityContext": security}],
        },
    }


def secret(name: str, namespace: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A Secret of a user's own."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "data": data}
