"""What a round reads from the cluster before it renders."""

from __future__ import annotations

import base64
import random

from kymaoperator.chart import CREDENTIALS, CREDENTIALS_LABEL, FULL_NAME
from kymaoperator.client import ApiError, Client, Json
from kymaoperator.errors import LookupFailure, OperatorError
from kymaoperator.plan import Facts
from kymaoperator.storage import Secret

NODE_PORT = 32137
_NODE_PORTS = range(30000, 32767)
_HTTP_SECRET = "REGISTRY_HTTP_SECRET"


def facts(client: Client, namespace: str) -> Facts:
    """Read them."""
    try:
        found = client.get("Secret", CREDENTIALS, namespace)
        credentials = _decoded(found) if found and _is_credentials(found) else None
        return Facts(
            namespace=namespace,
            credentials=credentials,
            http_secret="" if credentials is None else _http_secret(client, namespace),
            node_port=node_port(client, namespace),
            read_secret=lambda name: read_secret(client, namespace, name),
            has_claim=lambda name: client.get("PersistentVolumeClaim", name, namespace) is not None,
        )
    except ApiError as error:
        raise OperatorError(f"while reading the registry's access: {error}") from error


def read_secret(client: Client, namespace: str, name: str) -> Secret:
    """Return a Secret in clear; LookupFailure in the words of the API."""
    if not name:
        raise LookupFailure("resource name may not be empty")
    try:
        found = client.get("Secret", name, namespace)
    except ApiError as error:
        raise LookupFailure(str(error)) from error
    if not found:
        raise LookupFailure(f'secrets "{name}" not found')
    return _decoded(found)


def node_port(client: Client, namespace: str) -> int:
    """Return the port that the Service has, the usual one, or one that is free."""
    own = client.get("Service", FULL_NAME, namespace)
    if own and own["spec"].get("type") == "NodePort":
        ports = {port.get("name"): port["nodePort"] for port in own["spec"]["ports"]}
        return NODE_PORT if NODE_PORT in ports.values() else ports.get("http-registry", NODE_PORT)
    taken = {
        port.get("nodePort")
        for service in client.every("Service")
        if service["spec"].get("type") in ("NodePort", "LoadBalancer")
        for port in service["spec"].get("ports", [])
    }
    if NODE_PORT not in taken:
        return NODE_PORT
    return random.choice([port for port in _NODE_PORTS if port not in taken])


def _is_credentials(secret: Json) -> bool:
    key, value = CREDENTIALS_LABEL
    return bool(secret["metadata"].get("labels", {}).get(key) == value)


def _decoded(secret: Json) -> Secret:
    data = secret.get("data") or {}
    return {key: base64.b64decode(value).decode("utf-8", "surrogateescape") for key, value in data.items()}


def _http_secret(client: Client, namespace: str) -> str:
    """Return the running registry's HTTP secret; nothing where there is no Deployment yet."""
    found = client.get("Deployment", FULL_NAME, namespace)
    if not found:
        return ""
    variables = found["spec"]["template"]["spec"]["containers"][0].get("env", [])
    return next((item["value"] for item in variables if item["name"] == _HTTP_SECRET and item.get("value")), "")
