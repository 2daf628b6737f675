# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For every module, and for its larger ways: arguments that change something, so that generic rules can be checked for all."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.support import keys

LABELS = {"app.kubernetes.io/managed-by": "kyma.docker_registry", "app": "docker-registry", "release": "dockerregistry"}


# Of the default volume: by it the next run sees where the images are.
_DATA = {"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": constants.DEFAULT_CLAIM}}


def objects(namespace: str, *volumes: dict[str, Any]) -> list[dict[str, Any]]:
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
                "template": {
                    "metadata": {"labels": LABELS},
                    "spec": {"containers": [container], "volumes": list(volumes)},
                },
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
        "objects": objects(namespace, _DATA),
    },
    "registry_verify": lambda namespace: {"namespace": namespace, "level": "none"},
    "registry_info": lambda namespace: {"namespace": namespace},
    # There is no migration, so nothing changes.
    "registry_migration": lambda namespace: {"namespace": namespace, "state": "aborted"},
}
# Values of a storage Secret that are right in form, by purpose; no store knows them.
STORAGE_SECRETS: dict[str, dict[str, str]] = {
    "azure": {
        "accountName": "kymaapitest",
        "accountKey": base64.b64encode(b"kyma-canary-1kQ7" * 4).decode(),
        "container": "images",
    },
    "s3": {"accessKey": "KYMACANARYJ5ND81LEPW", "secretKey": "kyma/canary+7Yb2Rw9Kd4Vm"},
    "gcs": {"accountkey": keys.service_account()},
    "btpObjectStore": {
        "access_key_id": "KYMACANARYM2XC64QZTU",
        "bucket": "hcp-images",
        "host": "s3-eu-central-1.amazonaws.com",
        "region": "eu-central-1",
        "secret_access_key": "kyma/canary+3Hs8Tn5Lf1Gp",
        "uri": "s3://s3-eu-central-1.amazonaws.com/hcp-images",
        "username": "hcp-user",
    },
}


def storage_secret(purpose: str, namespace: str, source: str = "values", **options: Any) -> dict[str, Any]:
    """Arguments of registry_secret for the purpose; `given` among the options stands for the values."""
    given = options.pop("given", STORAGE_SECRETS[purpose])
    fixed = {"purpose": purpose, "namespace": namespace, "secret_name": "store-secret"}
    return {**fixed, "secret_source": {source: given}, **options}


def _s3_storage(namespace: str) -> dict[str, Any]:
    spec = {"bucket": "images", "region": "eu-central-1", "secretName": "store-secret"}
    return {
        "namespace": namespace,
        "storage": {"s3": spec},
        "secret_source": {"values": STORAGE_SECRETS["s3"]},
        "driver_parameters": {"rootdirectory": "registry"},
    }


# Further ways of a module: `module way` to its arguments.
WAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "docker_registry_storage s3": _s3_storage,
    **{
        f"registry_secret {purpose}": lambda namespace, purpose=purpose: storage_secret(purpose, namespace)
        for purpose in STORAGE_SECRETS
    },
}
WRITING = ("docker_registry_storage", "registry_secret", "registry_deployment")


def module_of(case: str) -> str:
    """The module of a case."""
    return case.partition(" ")[0]
