"""Applies what was rendered, and deletes what is not rendered any more."""

from __future__ import annotations

from typing import Any

from kymaoperator import cache, chart
from kymaoperator.client import ApiError, Client, Json
from kymaoperator.errors import OperatorError
from kymaoperator.flags import Flags
from kymaoperator.scope import Scope

_DISCLAIMER = (
    "DO NOT EDIT - This resource is managed by DockerRegistry.\n"
    "Any modifications are discarded and the resource is reverted to the original state."
)


class DeploymentFailed(OperatorError):
    """The Deployment cannot make its Pods."""


def install(client: Client, scope: Scope, flags: Flags, namespace: str, *, fast: bool = False) -> None:
    """Render and apply. An error in the middle leaves what was applied, deletes nothing and is not remembered."""
    values = flags.build()
    try:
        rendered = cache.load(client, scope.base)
    except ApiError as error:
        raise OperatorError(f"could not get manifest from cache : {error}") from error
    objects = rendered.objects if rendered.is_of(values) else chart.render(values, namespace, fast=fast)
    for obj in objects:
        _apply(client, obj)
    keep = {_identity(obj) for obj in objects}
    remove(client, scope, [obj for obj in rendered.objects if _identity(obj) not in keep])
    try:
        cache.save(client, scope.base, values, objects)
    except ApiError as error:
        raise OperatorError(str(error)) from error


def remove(client: Client, scope: Scope, objects: list[Json]) -> None:
    """Delete objects, the claim with all images among them."""
    for obj in objects:
        kind, namespace, name = _identity(obj)
        if kind == "PriorityClass" and not scope.everywhere:
            continue  # Other registries of the lab need it as well.
        try:
            client.delete(kind, name, namespace)
        except ApiError as error:
            raise OperatorError(f"could not uninstall object {namespace}/{name}: {error}") from error


def is_ready(client: Client, namespace: str) -> bool:
    """Whether the Deployment runs as applied. It is False until then, without a time limit."""
    found = client.get("Deployment", chart.FULL_NAME, namespace)
    if not found:
        raise OperatorError(
            f'could not verify deployment {namespace}/{chart.FULL_NAME}: deployments.apps "dockerregistry" not found'
        )
    status: dict[str, Any] = found.get("status", {})
    conditions = {item["type"]: item for item in status.get("conditions", [])}
    failure = conditions.get("ReplicaFailure", {})
    if failure.get("status") == "True":
        raise DeploymentFailed(
            f"deployment {namespace}/{chart.FULL_NAME} has replica failure: {failure['reason']} - {failure['message']}"
        )
    wanted = found["spec"]["replicas"]
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
    return (
        status.get("observedGeneration", 0) >= found["metadata"]["generation"]
        and counts == [wanted] * len(counts)
        and conditions.get("Available", {}).get("status") == "True"
        and conditions.get("Progressing", {}).get("reason") == "NewReplicaSetAvailable"
    )


def _identity(obj: Json) -> tuple[str, str, str]:
    metadata = obj["metadata"]
    return obj["kind"], metadata.get("namespace", ""), metadata["name"]


def _apply(client: Client, obj: Json) -> None:
    metadata = obj["metadata"]
    notes = {
        **metadata.get("annotations", {}),
        "dockerregistry-operator.kyma-project.io/managed-by-disclaimer": _DISCLAIMER,
    }
    sent = {**obj, "metadata": {**metadata, "annotations": notes}}
    try:
        if obj["kind"] == "PersistentVolumeClaim":
            sent = _with_size_of_cluster(client, sent)
        client.apply(sent)
    except ApiError as error:
        raise OperatorError(
            f"could not install object {metadata.get('namespace', '')}/{metadata['name']}: {error}"
        ) from error


def _with_size_of_cluster(client: Client, claim: Json) -> Json:
    """A claim that was made larger stays as it is."""
    metadata = claim["metadata"]
    there = client.get("PersistentVolumeClaim", metadata["name"], metadata["namespace"])
    if not there:
        return claim
    size = there["spec"]["resources"]["requests"]["storage"]
    return {**claim, "spec": {**claim["spec"], "resources": {"requests": {"storage": size}}}}
