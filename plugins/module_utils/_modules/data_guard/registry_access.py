# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the running registry: credentials from the cluster, a ready Pod, a port-forward."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    annotations_of,
    secret_text,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import container_image, is_ready
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi

from .revisions import read_revisions
from .storage_ids import UNKNOWN, running_storage_id

# Seconds for one answer of the registry (the storage driver may be a slow cloud).
ANSWER_TIMEOUT = 30.0
_PAUSE = 1.0
# Restarts of a container after which its Pod is not waited for.
_CRASHES = 2


@dataclass(frozen=True)
class RegistryCredentials:
    """The registry's user. identity: 12 hexadecimal digits that differ from registry to registry and stay the same for one.

    uid: of the Secret. canary: the storage ID to which the registry's canary was pushed, '' if it was to none.
    """

    username: str
    password: str = field(repr=False)
    uid: str
    canary: str = ""

    @property
    def identity(self) -> str:
        """The beginning of the Secret's UID."""
        return self.uid.replace("-", "")[:12]


@dataclass(frozen=True)
class RunningRegistry:
    """The API of the running registry. pod: name of the Pod that answers. storage_id: where its Deployment keeps the images.

    addresses: IP addresses of the Pod. image: of the registry's container.
    """

    api: RegistryApi
    pod: str
    user: RegistryCredentials
    storage_id: str
    addresses: tuple[str, ...] = ()
    image: str = ""

    @property
    def has_canary(self) -> bool:
        """Whether the registry's canary was pushed to the storage that it uses now."""
        return self.user.canary == self.storage_id


def read_credentials(
    context: Context[Options], namespace: str, name: str = constants.CREDENTIALS_SECRET
) -> RegistryCredentials:
    """The registry's user from the Secret `name`; the password is masked from then on.

    CREDENTIALS_SECRET has the user that clients know, PRIVATE_SECRET the one that the next revision of the registry accepts.
    """
    path = f"Secret/{name}"
    secret = context.cluster.get("Secret", name, namespace)
    if secret is None:
        raise Refusal(
            [
                error(
                    "credentials-missing",
                    path,
                    f"does not exist in namespace {namespace}.",
                    "Run registry_secret first.",
                )
            ]
        )
    username, password = secret_text(secret, constants.USERNAME_KEY), secret_text(secret, constants.PASSWORD_KEY)
    context.secrets.hide(password)
    if not username or not password:
        lacking = constants.USERNAME_KEY if not username else constants.PASSWORD_KEY
        raise Refusal(
            [
                error(
                    "credentials-incomplete",
                    f"{path}.data.{lacking}",
                    "is missing or empty.",
                    "Run registry_secret to complete it.",
                )
            ]
        )
    return RegistryCredentials(
        username, password, str(secret["metadata"]["uid"]), annotations_of(secret).get(constants.CANARY, "")
    )


def _newest_ready(pods: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The newest ready Pod, None if none is ready."""
    return max(filter(is_ready, pods), key=lambda pod: str(pod["metadata"].get("creationTimestamp")), default=None)


def _read_revision(cluster: Cluster, namespace: str) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]]]:
    """The Deployment, and the Pods of its current revision.

    Labels do not suffice: a Pod of another owner with the same labels would get the password, and a Pod of a former revision can serve
    another storage.
    """
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    revisions = read_revisions(cluster, namespace, deployment) if deployment is not None else None
    return deployment, revisions.current.pods if revisions is not None else []


def _await_ready_pod(
    context: Context[Options], namespace: str, seconds: float
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The Deployment, and its ready Pod, which is waited for unless it crashes again and again."""
    deadline = time.monotonic() + seconds
    progress = context.awaiting(f"a ready Pod of the registry in namespace {namespace}", seconds)
    while True:
        deployment, pods = _read_revision(context.cluster, namespace)
        pod = _newest_ready(pods)
        if pod is not None or time.monotonic() >= deadline or any(map(_crash_loops, pods)):
            return deployment, pod
        progress("no Pod exists")
        time.sleep(_PAUSE)


def _crash_loops(pod: Mapping[str, Any]) -> bool:
    containers = status_of(pod).get("containerStatuses") or []
    return any((entry.get("restartCount") or 0) >= _CRASHES for entry in containers)


@contextmanager
def connect_registry(context: Context[Options], namespace: str, wait_seconds: float = 0) -> Iterator[RunningRegistry]:
    """The running registry through the API server's port-forward. wait_seconds: how long to wait for a ready Pod."""
    user = read_credentials(context, namespace)
    deployment, pod = _await_ready_pod(context, namespace, wait_seconds)
    if pod is None:
        raise Refusal(
            [
                error(
                    "registry-not-running",
                    f"Deployment/{constants.REGISTRY}",
                    f"has no ready Pod in namespace {namespace}.",
                    "Check the state and the log of the Pods, or deploy the registry first.",
                )
            ]
        )
    name = str(pod["metadata"]["name"])
    storage_id = running_storage_id(context, namespace, deployment) or UNKNOWN
    with context.cluster.port_forward(namespace, name, constants.API_PORT) as opener:
        api = RegistryApi(
            open_connection=opener, username=user.username, password=user.password, timeout=ANSWER_TIMEOUT
        )
        addresses = tuple(str(item["ip"]) for item in status_of(pod).get("podIPs") or [])
        yield RunningRegistry(api, name, user, storage_id, addresses, container_image(deployment))
