# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage lock lifted off a live Deployment: what else we own stays, what others own is not touched."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.unlock import build_unlocked_overlay

NOWHERE = {"configMapKeyRef": {"name": storage_lock.CONFIG_MAP, "key": "refused", "optional": True}}
OURS = {"name": "REGISTRY_STORAGE_S3_ROOTDIRECTORY", "value": "folder"}
CA = {"name": "ca", "configMap": {"name": "company-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
LEAF: dict[str, Any] = {".": {}, "f:name": {}}


def _key(**values: str) -> str:
    return f"k:{json.dumps(values)}"


def _deployment(*, owned: bool = True) -> dict[str, Any]:
    """A live Deployment with an overlay, and beside it what the operator and the server wrote."""
    env = {
        _key(name=OURS["name"]): {**LEAF, "f:value": {}},
        _key(name="REGISTRY_STORAGE_GCS_BUCKET"): {**LEAF, "f:valueFrom": {"f:configMapKeyRef": {}}},
    }
    container = {
        **LEAF,
        "f:env": env,
        "f:volumeMounts": {_key(mountPath="/ca"): {".": {}, "f:mountPath": {}, "f:name": {}}},
    }
    volumes = {
        _key(name="ca"): {**LEAF, "f:configMap": {"f:items": {}, "f:name": {}}},
        _key(name="data"): {**LEAF, "f:persistentVolumeClaim": {"f:claimName": {}}},
    }
    fields = {
        "f:metadata": {"f:annotations": {f"f:{constants.STORAGE_ID}": {}, f"f:{storage_lock.ANNOTATION}": {}}},
        "f:spec": {
            "f:template": {
                "f:spec": {
                    "f:containers": {_key(name=constants.CONTAINER): container},
                    "f:volumes": volumes,
                    "f:serviceAccountName": {},
                }
            }
        },
    }
    managers = [
        {"manager": "dockerregistry-operator", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
        {"manager": constants.FIELD_MANAGER, "operation": "Apply", "fieldsV1": fields},
    ]
    annotations = {
        constants.STORAGE_ID: "s3/r/b/folder",
        storage_lock.ANNOTATION: "why",
        "deployment.kubernetes.io/revision": "2",
    }
    theirs = {"name": "REGISTRY_STORAGE_S3_BUCKET", "value": "b"}
    pod = {
        "serviceAccountName": "dockerregistry",
        "containers": [
            {
                "name": constants.CONTAINER,
                "image": "registry",
                "env": [theirs, OURS, {"name": "REGISTRY_STORAGE_GCS_BUCKET", "valueFrom": NOWHERE}],
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "ca", "mountPath": "/ca"}],
            }
        ],
        "volumes": [
            {**CA, "configMap": {**CA["configMap"], "defaultMode": 420}},
            {"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}},
        ],
    }
    metadata = {
        "name": constants.REGISTRY,
        "annotations": annotations,
        "managedFields": managers if owned else managers[:1],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": 1, "template": {"spec": pod}},
    }


def _unlocked(deployment: dict[str, Any]) -> dict[str, Any]:
    return build_unlocked_overlay(owned_part(deployment, constants.FIELD_MANAGER) or {}, "ns")


def test_only_the_storage_lock_goes() -> None:
    """Parameters, trust and the recorded storage ID stay ours with their values; nothing of the operator or the server is taken."""
    found = _unlocked(_deployment())
    container = {
        "name": constants.CONTAINER,
        "env": [OURS],
        "volumeMounts": [{"name": "ca", "mountPath": "/ca"}],
    }
    assert found == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": constants.REGISTRY,
            "namespace": "ns",
            "annotations": {constants.STORAGE_ID: "s3/r/b/folder"},
        },
        "spec": {
            "template": {"spec": {"containers": [container], "volumes": [CA], "serviceAccountName": "dockerregistry"}}
        },
    }


def test_nothing_of_ours() -> None:
    """Without an overlay there is nothing to keep."""
    assert set(_unlocked(_deployment(owned=False))) == {"apiVersion", "kind", "metadata"}
    assert _unlocked(_deployment(owned=False))["metadata"] == {
        "name": constants.REGISTRY,
        "namespace": "ns",
    }
