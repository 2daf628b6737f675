"""All objects of the chart, in the order in which the operator applies them."""

from __future__ import annotations

import base64
import secrets
import string
from typing import Any

from kymaoperator.deployment import deployment
from kymaoperator.errors import RenderError
from kymaoperator.gotypes import dump_yaml, go_print, go_type, plain_scalar, truthy
from kymaoperator.policies import policies
from kymaoperator.strvals import Values

Object = dict[str, Any]

FULL_NAME = "dockerregistry"
CREDENTIALS = "dockerregistry-config"
CREDENTIALS_LABEL = ("dockerregistry.kyma-project.io/config", "credentials")
PORT = 5000
CLAIM_SIZE = "20Gi"
_ALPHANUMERIC = string.ascii_letters + string.digits


def render(values: Values, namespace: str, *, fast: bool = False) -> list[Object]:
    """Return the objects; RenderError where a template cannot use a value. fast: Pods count as ready sooner."""
    return [
        _priority_class(),
        *policies(namespace, values),
        _credentials(values, namespace),
        *_storage_secret(values, namespace),
        _config_map(values, namespace),
        *_claim(values, namespace),
        _service(values, namespace),
        _metrics_service(values, namespace),
        deployment(values, namespace, _generated(values.get("registryHTTPSecret"), 16), fast=fast),
    ]


def common_labels(values: Values, **more: str) -> dict[str, str]:
    """Return the labels that every object has, and more with `_` for what names of variables cannot have."""
    labels = {name: go_print(value) for name, value in values["commonLabels"].items()}
    return labels | {f"app.kubernetes.io/{name}": value for name, value in more.items()}


def _object(kind: str, version: str, name: str, namespace: str, labels: dict[str, str], **fields: Any) -> Object:
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def _generated(value: Any, length: int) -> str:
    """Return a value that was there before, or a new one."""
    if value is not None:
        return go_print(value)
    return _encoded("".join(secrets.choice(_ALPHANUMERIC) for _ in range(length)))


def _priority_class() -> Object:
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "dockerregistry-priority"},
        "value": 2000000,
        "globalDefault": False,
        "description": (
            "Scheduling priority of dockerregistry components. By default, dockerregistry components"
            " should not be blocked by unschedulable user workloads."
        ),
    }


def _credentials(values: Values, namespace: str) -> Object:
    """Return the Secret with the registry's user and both addresses."""
    user = _generated(values["dockerRegistry"].get("username"), 20)
    password = _generated(values["dockerRegistry"].get("password"), 40)
    pull = f"localhost:{values['registryNodePort']}"
    push = f"{FULL_NAME}.{namespace}.svc.cluster.local:{PORT}"
    auth = _encoded(f"{user}:{password}")
    docker = f'{{"auths": {{"{push}": {{"auth": "{auth}"}}, "{pull}": {{"auth": "{auth}"}}}}}}'
    texts = {"username": user, "password": password, "pullRegAddr": pull, "pushRegAddr": push}
    labels = common_labels(values, instance=f"{FULL_NAME}-secret", component=FULL_NAME)
    return _object(
        "Secret", "v1", CREDENTIALS, namespace, labels | dict([CREDENTIALS_LABEL]),
        type="kubernetes.io/dockerconfigjson",
        data={name: _encoded(text) for name, text in (texts | {".dockerconfigjson": docker}).items()},
    )  # fmt: skip


# Key in the Secret, value in the chart, and where its template has `b64enc`: line and column as Go counts them.
_SECRET_KEYS = {
    "azure": (
        ("azureAccountName", "accountName", 16),
        ("azureAccountKey", "accountKey", 17),
        ("azureContainer", "container", 18),
    ),
    "s3": (("s3AccessKey", "accessKey", 22), ("s3SecretKey", "secretKey", 23)),
    "gcs": (("keyfile.json", "accountkey", 27),),
}
_SECRET_TEMPLATE = "docker-registry/templates/secret.yaml"


def _storage_secret(values: Values, namespace: str) -> list[Object]:
    """Return the Secret that the registry gets its cloud's credentials from: empty unless all of them are there."""
    kind = values["storage"]
    if kind not in _SECRET_KEYS:
        return []
    known = values["secrets"].get(kind, {})
    data: dict[str, str] = {}
    if all(truthy(known.get(value)) for _, value, _ in _SECRET_KEYS[kind]):
        for key, value, line in _SECRET_KEYS[kind]:
            if not isinstance(known[value], str):
                column = len(f"  {key}: {{{{ .Values.secrets.{kind}.{value} | ")
                raise RenderError(
                    f'template: {_SECRET_TEMPLATE}:{line}:{column}: executing "{_SECRET_TEMPLATE}" at <b64enc>:'
                    f" wrong type for value; expected string; got {go_type(known[value])}"
                )
            data[key] = _encoded(known[value])
    labels = common_labels(values, instance=f"{FULL_NAME}-secret", component=FULL_NAME) | {"heritage": "Helm"}
    return [_object("Secret", "v1", f"{FULL_NAME}-secret", namespace, labels, type="Opaque", data=data)]


def _config_map(values: Values, namespace: str) -> Object:
    labels = common_labels(values, instance=f"{FULL_NAME}-configmap", component=FULL_NAME) | {"heritage": "Helm"}
    text = dump_yaml(values["configData"])
    return _object("ConfigMap", "v1", f"{FULL_NAME}-config", namespace, labels, data={"config.yml": text})


def _claim(values: Values, namespace: str) -> list[Object]:
    """Return the default claim; a round that does not render it deletes it, with all images."""
    persistence = values["persistence"]
    if not truthy(persistence["enabled"]) or truthy(persistence.get("existingClaim")):
        return []
    labels = common_labels(values, instance=f"{FULL_NAME}-pvc", component=FULL_NAME) | {"heritage": "Helm"}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": CLAIM_SIZE}}}
    return [_object("PersistentVolumeClaim", "v1", FULL_NAME, namespace, labels, spec=spec)]


def _service(values: Values, namespace: str) -> Object:
    port = {
        "name": "http-registry",
        "port": PORT,
        "targetPort": PORT,
        "protocol": "TCP",
        "nodePort": plain_scalar(go_print(values["registryNodePort"])),
    }
    labels = common_labels(values, instance=f"{FULL_NAME}-service", component=FULL_NAME)
    selector = {"app": "docker-registry", "release": FULL_NAME}
    spec = {"type": "NodePort", "ports": [port], "selector": selector}
    return _object("Service", "v1", FULL_NAME, namespace, labels, spec=spec)


def _metrics_service(values: Values, namespace: str) -> Object:
    labels = common_labels(values, instance="docker-registry-metrics", component=FULL_NAME)
    found = _object("Service", "v1", "docker-registry-metrics-service", namespace, labels)
    found["metadata"]["annotations"] = {
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": "5001",
        "prometheus.io/scrape": "true",
    }
    found["spec"] = {
        "type": "ClusterIP",
        "ports": [{"name": "http", "port": 5001, "targetPort": 5001, "protocol": "TCP"}],
        "selector": {"app": "docker-registry", "release": FULL_NAME},
    }
    return found
