# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For every module: arguments that change something, so that generic rules can be checked for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LABELS = {"app.kubernetes.io/managed-by": "kyma.docker_registry", "app": "docker-registry", "release": "dockerregistry"}


def objects(namespace: str) -> list[dict[str, Any]]:
    """A Deployment that never needs a node (no Pod is made), and a ConfigMap."""
    metadata = {"namespace": namespace, "labels": LABELS}
    container = {"name": "docker-registry", "image": "none"}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {**metadata, "name": "dockerregistry"},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": {"app": "docker-registry", "release": "dockerregistry"}},
                "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {**metadata, "name": "dockerregistry-config"},
            "data": {"config.yml": "version: 0.1\n"},
        },
    ]


SECRET_CANARY = "kyma-canary-4f9Xq7Zt2LmR"

ARGUMENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "docker_registry_storage": lambda namespace: {"namespace": namespace},
    "registry_secret": lambda namespace: {"namespace": namespace, "registry_password": SECRET_CANARY},
    "registry_deployment": lambda namespace: {
        "namespace": namespace,
        "storage": {},
        "objects": objects(namespace),
    },
    "registry_probe": lambda namespace: {"namespace": namespace, "level": "none"},
    "docker_registry_info": lambda namespace: {"namespace": namespace},
}
WRITING = ("docker_registry_storage", "registry_secret", "registry_deployment")
