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
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_text, status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_ready
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi

from .revisions import read_revisions

# Seconds for one answer of the registry (the storage driver may be a slow cloud).
ANSWER_TIMEOUT = 30.0
_PAUSE = 1.0
# Restarts of a container after which its Pod is not waited for.
_CRASHES = 2


@dataclass(frozen=True)
class Credentials:
    """The registry's user. identity: 12 hexadecimal digits that differ from registry to registry and stay the same for one."""

    username: str
    password: str = field(repr=False)
    identity: str


@dataclass(frozen=True)
class RunningRegistry:
    """The API of the running registry. pod: name of the Pod that answers. identity: see Credentials."""

    api: RegistryApi
    pod: str
    identity: str


def read_credentials(context: Context, namespace: str, name: str = constants.CREDENTIALS_SECRET) -> Credentials:
    """The registry's user from the Secret `name`; the password is masked from then on.

    CREDENTIALS_SECRET has the user that clients know, PRIVATE_SECRET the one that the next revision of the registry accepts.
    """
    path = f"Secret/{name}"
    secret = context.cluster.get("Secret", name, namespace)
    if secret is None:
        raise Refusal(
            [error("credentials-missing", path, f"is not in namespace {namespace}.", "Run registry_secret first.")]
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
    return Credentials(username, password, secret["metadata"]["uid"].replace("-", "")[:12])


def find_ready_pod(cluster: Cluster, namespace: str) -> Mapping[str, Any] | None:
    """The newest ready Pod of the Deployment's current revision, None if there is none.

    Labels alone do not tell: a Pod of another owner with the same labels would get the password, and a Pod of a former revision can serve
    another storage.
    """
    return _newest_ready(_pods_of_revision(cluster, namespace))


def _newest_ready(pods: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return max(filter(is_ready, pods), key=lambda pod: str(pod["metadata"].get("creationTimestamp")), default=None)


def _pods_of_revision(cluster: Cluster, namespace: str) -> list[Mapping[str, Any]]:
    """The Pods of the Deployment's current revision."""
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    revisions = read_revisions(cluster, namespace, deployment) if deployment is not None else None
    return revisions.current if revisions is not None else []


def _await_ready_pod(context: Context, namespace: str, seconds: float) -> Mapping[str, Any] | None:
    """The ready Pod, waited for unless it crashes again and again."""
    deadline = time.monotonic() + seconds
    progress = context.awaiting(f"a ready Pod of the registry in namespace {namespace}", seconds)
    while True:
        pods = _pods_of_revision(context.cluster, namespace)
        pod = _newest_ready(pods)
        if pod is not None or time.monotonic() >= deadline or any(map(_crash_loops, pods)):
            return pod
        progress("there is none")
        time.sleep(_PAUSE)


def _crash_loops(pod: Mapping[str, Any]) -> bool:
    containers = status_of(pod).get("containerStatuses") or []
    return any((entry.get("restartCount") or 0) >= _CRASHES for entry in containers)


@contextmanager
def connect_registry(context: Context, namespace: str, wait_seconds: float = 0) -> Iterator[RunningRegistry]:
    """The running registry through the API server's port-forward. wait_seconds: how long to wait for a ready Pod."""
    user = read_credentials(context, namespace)
    pod = _await_ready_pod(context, namespace, wait_seconds)
    if pod is None:
        raise Refusal(
            [
                error(
                    "registry-not-running",
                    f"Deployment/{constants.REGISTRY}",
                    f"has no ready Pod in namespace {namespace}.",
                    "Look at the Pods' state and log, or deploy the registry first.",
                )
            ]
        )
    name = str(pod["metadata"]["name"])
    with context.cluster.port_forward(namespace, name, constants.API_PORT) as opener:
        api = RegistryApi(
            open_connection=opener, username=user.username, password=user.password, timeout=ANSWER_TIMEOUT
        )
        yield RunningRegistry(api, name, user.identity)
