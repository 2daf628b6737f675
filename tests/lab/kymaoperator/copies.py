"""Copies of the credentials in other namespaces: only of a registry in the base namespace, and renewed every minute."""

from __future__ import annotations

from kymaoperator.chart import CREDENTIALS, CREDENTIALS_LABEL
from kymaoperator.client import ApiError, Client, Json, path_of
from kymaoperator.scope import Scope

EXCLUDED = ("istio-system", "kyma-system")
INTERVAL = 60.0
FINALIZER = "dockerregistry.kyma-project.io/finalizer-registry-config"
_USERS_OWN = ("dockerregistry.kyma-project.io/managed-by", "user")


def renew(client: Client, scope: Scope) -> None:
    """Make or renew the copies, or delete them where the base Secret is being deleted."""
    base = client.get("Secret", CREDENTIALS, scope.base) if scope.has(scope.base) else None
    key, value = CREDENTIALS_LABEL
    if not base or base["metadata"].get("labels", {}).get(key) != value:
        return
    namespaces = _namespaces(client, scope)
    finalizers = base["metadata"].get("finalizers", [])
    if base["metadata"].get("deletionTimestamp"):
        if FINALIZER in finalizers:
            for namespace in namespaces:
                _delete(client, namespace)
            _set_finalizers(client, base, [name for name in finalizers if name != FINALIZER])
        return
    if FINALIZER not in finalizers:
        base = _set_finalizers(client, base, [*finalizers, FINALIZER])
    for namespace in namespaces:
        _copy(client, base, namespace)


def _namespaces(client: Client, scope: Scope) -> list[str]:
    return [
        item["metadata"]["name"]
        for item in client.every("Namespace")
        if item["metadata"]["name"] not in (scope.base, *EXCLUDED)
        and scope.has(item["metadata"]["name"])
        and item.get("status", {}).get("phase") != "Terminating"
    ]


def _copy(client: Client, base: Json, namespace: str) -> None:
    """Write one copy. A namespace that rejects it is skipped."""
    metadata = {"name": CREDENTIALS, "namespace": namespace}
    metadata |= {key: base["metadata"][key] for key in ("labels", "annotations") if key in base["metadata"]}
    wanted = {"apiVersion": "v1", "kind": "Secret", "type": base["type"], "metadata": metadata, "data": base["data"]}
    there = client.get("Secret", CREDENTIALS, namespace)
    try:
        if not there:
            client.call("POST", path_of("Secret", namespace), wanted)
        elif not _is_users(there) and any(there.get(key) != base.get(key) for key in ("data", "type")):
            client.call("PUT", path_of("Secret", namespace, CREDENTIALS), wanted)
    except ApiError as error:
        if error.status not in (403, 404, 409):
            raise


def _delete(client: Client, namespace: str) -> None:
    there = client.get("Secret", CREDENTIALS, namespace)
    if there and not _is_users(there):
        client.delete("Secret", CREDENTIALS, namespace)


def _is_users(secret: Json) -> bool:
    key, value = _USERS_OWN
    return bool(secret["metadata"].get("labels", {}).get(key) == value)


def _set_finalizers(client: Client, secret: Json, finalizers: list[str]) -> Json:
    changed = {**secret, "metadata": {**secret["metadata"], "finalizers": finalizers}}
    return client.call("PUT", path_of("Secret", secret["metadata"]["namespace"], CREDENTIALS), changed)
