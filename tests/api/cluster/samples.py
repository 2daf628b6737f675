# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of the kinds that the collection applies, rich in the places where comparing is hard."""

from __future__ import annotations

import base64
from typing import Any

LABELS = {"app": "web", "release": "r"}


def _object(api: str, kind: str, namespace: str, **content: Any) -> dict[str, Any]:
    metadata = {"name": "sample", "namespace": namespace, "labels": dict(LABELS), "annotations": {"a.b/c": "1"}}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **content}


def samples(namespace: str) -> list[dict[str, Any]]:
    """One object of each kind."""
    return [
        _object(
            "v1",
            "ConfigMap",
            namespace,
            data={"a": "1", "b": ""},
            binaryData={"x": base64.b64encode(b"\x00\x01").decode()},
        ),
        _object(
            "v1",
            "Secret",
            namespace,
            type="Opaque",
            data={key: base64.b64encode(key.encode()).decode() for key in ("a", "b", "c")},
        ),
        _object(
            "v1",
            "Service",
            namespace,
            spec={
                "type": "ClusterIP",
                "selector": dict(LABELS),
                "ports": [
                    {"name": "http", "port": 80, "targetPort": 5000},
                    {"name": "metrics", "port": 81, "protocol": "TCP"},
                ],
            },
        ),
        _object(
            "v1",
            "PersistentVolumeClaim",
            namespace,
            spec={
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1024Mi"}},
                "storageClassName": "none",
            },
        ),
        _object(
            "v1", "ServiceAccount", namespace, automountServiceAccountToken=False, imagePullSecrets=[{"name": "a"}]
        ),
        _object(
            "policy/v1",
            "PodDisruptionBudget",
            namespace,
            spec={"maxUnavailable": 1, "selector": {"matchLabels": dict(LABELS)}},
        ),
        _object(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            namespace,
            spec={
                "podSelector": {"matchLabels": dict(LABELS)},
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [
                    {"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 5000}]}
                ],
                "egress": [{}],
            },
        ),
        deployment(namespace),
    ]


def deployment(namespace: str) -> dict[str, Any]:
    """A Deployment as the collection writes it, with more besides."""
    container = {
        "name": "registry",
        "image": "registry:3",
        "args": ["serve", "/etc/config.yml"],
        "env": [
            {"name": "PLAIN", "value": "x"},
            {"name": "EMPTY", "value": ""},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "containerName": "registry"}}},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}},
        ],
        "ports": [{"containerPort": 5000, "name": "http"}, {"containerPort": 5001, "name": "debug", "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "0.1", "memory": "1024Mi"}, "limits": {"cpu": "1000m", "memory": "2Gi"}},
        "securityContext": {
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "readinessProbe": {"httpGet": {"path": "/debug/health", "port": "debug"}, "periodSeconds": 5},
        "livenessProbe": {"tcpSocket": {"port": 5000}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "tmp", "mountPath": "/tmp"}],
    }
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": dict(LABELS)},
        "template": {
            "metadata": {"labels": dict(LABELS), "annotations": {"checksum/config": "abc"}},
            "spec": {
                "enableServiceLinks": False,
                "automountServiceAccountToken": False,
                "securityContext": {"fsGroup": 1000, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
                "tolerations": [{"key": "k", "operator": "Exists"}],
                "nodeSelector": {"kubernetes.io/os": "linux"},
                "containers": [container],
                "volumes": [
                    {"name": "data", "persistentVolumeClaim": {"claimName": "c"}},
                    {"name": "tmp", "emptyDir": {"sizeLimit": "1024Mi"}},
                    {"name": "config", "configMap": {"name": "c", "items": [{"key": "a", "path": "b"}]}},
                    {
                        "name": "token",
                        "projected": {
                            "sources": [{"serviceAccountToken": {"path": "t"}}, {"configMap": {"name": "c"}}],
                        },
                    },
                ],
            },
        },
    }
    return _object("apps/v1", "Deployment", namespace, spec=spec)
