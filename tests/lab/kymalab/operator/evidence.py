"""What an operator that is installed leaves in a cluster: the definition, namespaces, and a Deployment with a Pod."""

from __future__ import annotations

import json
from typing import Any

from kymalab.api import Api, Json
from kymalab.images import OPERATOR_IMAGE
from kymalab.settings import SOURCE

NAME = "dockerregistry-operator"
# The real operator keeps what it rendered in this namespace, wherever the DockerRegistry is.
BASE_NAMESPACE = "docker-registry"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_SELECTOR = {
    "control-plane": "operator",
    "app.kubernetes.io/component": "dockerregistry-operator.kyma-project.io",
}
_COMMON = {
    **_SELECTOR,
    "app.kubernetes.io/managed-by": "kustomize",
    "app.kubernetes.io/name": NAME,
    "app.kubernetes.io/part-of": NAME,
    "app.kubernetes.io/version": OPERATOR_IMAGE.rpartition(":")[2],
    "kyma-project.io/module": "docker-registry",
}


def create(api: Api, namespace: str) -> None:
    """Create everything, or bring it to this state."""
    definition = json.loads((SOURCE / "kymaoperator" / "crd.json").read_text(encoding="utf-8"))
    _apply(api, f"{_DEFINITIONS}/{definition['metadata']['name']}", definition)
    for name in {namespace, BASE_NAMESPACE}:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        _apply(api, f"/api/v1/namespaces/{name}", body)
    _apply(api, _path(namespace), _deployment(namespace))


def problems(api: Api, namespace: str) -> list[str]:
    """Return what is not there yet."""
    definition = json.loads((SOURCE / "kymaoperator" / "crd.json").read_text(encoding="utf-8"))
    found = api.get(f"{_DEFINITIONS}/{definition['metadata']['name']}")
    conditions = {item["type"]: item["status"] for item in found.get("status", {}).get("conditions", [])}
    missing = [] if conditions.get("Established") == "True" else ["the definition of DockerRegistry is not established"]
    if not api.get(f"/api/v1/namespaces/{BASE_NAMESPACE}"):
        missing.append(f"namespace {BASE_NAMESPACE} is not there")
    if not api.get(_path(namespace)).get("status", {}).get("readyReplicas"):
        missing.append(f"Deployment {namespace}/{NAME} has no Pod that is ready")
    return missing


def remove(api: Api, namespace: str) -> None:
    """Delete the operator's Deployment. CRD and namespaces stay."""
    api.delete(_path(namespace))


def _path(namespace: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}/deployments/{NAME}"


def _apply(api: Api, path: str, body: Json) -> None:
    api.call(
        "PATCH", path, body,
        query={"fieldManager": "kyma-registry-lab", "force": "true"}, content_type="application/apply-patch+yaml",
    )  # fmt: skip


def _deployment(namespace: str) -> Json:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {"name": "manager", "image": OPERATOR_IMAGE, "imagePullPolicy": "Never", "securityContext": security}
    pod: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
    }
    labels = {**_COMMON, "app.kubernetes.io/instance": NAME, "sidecar.istio.io/inject": "false"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": NAME,
            "namespace": namespace,
            "labels": {**_COMMON, "app.kubernetes.io/instance": f"{NAME}-deployment"},
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _SELECTOR},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
