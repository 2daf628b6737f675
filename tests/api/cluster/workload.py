# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small registry Deployment that fails in whatever way a test wants."""

from __future__ import annotations

from typing import Any

IMAGE = "europe-docker.pkg.dev/kyma-project/prod/external/library/registry:3.1.1"
NAME = "registry"
LABELS = {"app": NAME}


def registry(namespace: str, *, pod: dict[str, Any] | None = None, **container: Any) -> dict[str, Any]:
    """The Deployment; `pod` and `container` are laid over its Pod's spec and its container."""
    spec = {
        "name": NAME,
        "image": IMAGE,
        "env": [
            {"name": "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "value": "/data"},
            {"name": "OTEL_TRACES_EXPORTER", "value": "none"},
        ],
        "ports": [{"containerPort": 5000}],
        "readinessProbe": {"tcpSocket": {"port": 5000}, "periodSeconds": 1},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **container,
    }
    template = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 1,
        "containers": [spec],
        "volumes": [{"name": "data", "emptyDir": {}}],
        **(pod or {}),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": template},
        },
    }


def claim(namespace: str, storage_class: str) -> dict[str, Any]:
    """A PersistentVolumeClaim named `data` of this class."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Mi"}},
            "storageClassName": storage_class,
        },
    }


def with_claim() -> dict[str, Any]:
    """The Pod's part that mounts that claim."""
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}


def without_pods(namespace: str, strategy: dict[str, Any], **container: Any) -> dict[str, Any]:
    """A Deployment `sample` with no replica and a container `c`: only its specification is tested."""
    labels = {"app": "sample"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "sample", "namespace": namespace},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "strategy": strategy,
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", **container}]}},
        },
    }
