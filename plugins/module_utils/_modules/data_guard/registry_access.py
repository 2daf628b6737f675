# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the running registry: credentials from the cluster, a ready Pod, a port-forward."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_being_deleted, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_ready
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi

# Seconds for one answer of the registry (the storage driver may be a slow cloud).
ANSWER_TIMEOUT = 30.0


def read_credentials(context: Context, namespace: str) -> tuple[str, str]:
    """User and password of the registry from its credentials Secret; the password is masked from then on."""
    path = f"Secret/{constants.CREDENTIALS_SECRET}"
    secret = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    if secret is None:
        raise Refusal(
            [error("credentials-missing", path, f"is not in namespace {namespace}.", "Run registry_secret first.")]
        )
    username, password = secret_text(secret, "username"), secret_text(secret, "password")
    context.secrets.hide(password)
    if not username or not password:
        lacking = "username" if not username else "password"
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
    return username, password


def find_ready_pod(cluster: Cluster, namespace: str) -> dict[str, Any] | None:
    """The newest ready Pod of the registry, None where there is none."""
    selector = ",".join(f"{key}={value}" for key, value in constants.SELECTOR.items())
    ready = [
        pod
        for pod in cluster.list("Pod", namespace, label_selector=selector)
        if is_ready(pod) and not is_being_deleted(pod)
    ]
    return max(ready, key=lambda pod: str(pod["metadata"].get("creationTimestamp")), default=None)


@contextmanager
def connect_registry(context: Context, namespace: str) -> Iterator[tuple[RegistryApi, str]]:
    """The running registry's API through the API server, and the name of the Pod that answers."""
    username, password = read_credentials(context, namespace)
    pod = find_ready_pod(context.cluster, namespace)
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
        yield RegistryApi(open_connection=opener, username=username, password=password, timeout=ANSWER_TIMEOUT), name
