# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifests of Kyma's documentation, pasted: with real values they deploy, as they stand their placeholders are named."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import pasted
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

BUCKET = ("warning", "storage-placeholder")
PLACEHOLDER = ("error", "secret-placeholder")
AS_IT_STANDS: dict[str, list[tuple[str, str, str]]] = {
    # `container` is a good name for a container.
    "azure": [(*PLACEHOLDER, f"Secret/azure-storage.{key}") for key in ("accountKey", "accountName")],
    "s3": [
        (*BUCKET, "registry_manifest.spec.storage.s3.bucket"),
        (*PLACEHOLDER, "Secret/s3-storage.accessKey"),
        (*PLACEHOLDER, "Secret/s3-storage.secretKey"),
    ],
    "gcs": [
        (*BUCKET, "registry_manifest.spec.storage.gcs.bucket"),
        ("warning", "storage-field-alias", "registry_manifest.spec.storage.gcs.chunkSize"),
        (*PLACEHOLDER, "Secret/gcs-secret.accountkey"),
    ],
    "btp": [("error", "secret-missing", "Secret/btp-object-store-secret")],
    "pvc": [("error", "pvc-missing", "registry_manifest.spec.storage.pvc.name")],
}


@pytest.mark.parametrize("name", AS_IT_STANDS)
def test_as_it_stands(name: str, deploy: Deploy, namespace: str, audit: Audit) -> None:
    """Every placeholder is a finding of its own with its place; nothing is written."""
    run = deploy(registry_manifest=pasted.DOCUMENTS[name].replace("kyma-system", namespace), registry_wait_timeout=3)
    assert run.returncode != 0
    found = [item for item in run.failure.result["findings"] if item["severity"] != "info"]
    told = sorted((item["severity"], item["code"], item["path"]) for item in found)
    assert told == sorted(AS_IT_STANDS[name])
    assert all(item["message"] and item["remedy"] for item in found)
    assert audit.writes() == []


def _data(text: str, values: dict[str, str]) -> str:
    """The text with other values under the Secret's data."""
    lines = []
    for line in text.splitlines():
        key = line.partition(":")[0].strip()
        value = base64.b64encode(values[key].encode()).decode() if line.startswith("  ") and key in values else ""
        lines.append(f'  {key}: "{value}"' if value else line)
    return "\n".join(lines)


def test_azure_with_real_values(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """CR and Secret in one text are all that a user gives."""
    route = lab_clouds.routes(clouds)["azure"]
    text = _data(pasted.DOCUMENTS["azure"].replace("kyma-system", namespace), route.secret)
    parameters = {"rootdirectory": namespace}
    run = deploy(registry_manifest=text, registry_driver_parameters=parameters, registry_redirect=False)
    assert run.returncode == 0, run.output
    assert run.of("Prove").result["proven"]
    document = cluster.get("DockerRegistry", "default", namespace)
    assert document["spec"] == {"storage": {"azure": {"secretName": "azure-storage"}}}
    assert document["status"]["storage"] == "azure"
    assert set(cluster.get("Secret", "azure-storage", namespace)["data"]) == set(route.secret)


def test_gcs_with_real_values(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """The document's `chunkSize` is a warning, and reaches the CR and the registry in the right spelling."""
    route = lab_clouds.routes(clouds)["gcs"]
    text = pasted.DOCUMENTS["gcs"].replace("kyma-system", namespace).replace('"dir"', json.dumps(namespace))
    text = _data(text.replace("bucketName", route.spec["gcs"]["bucket"]), route.secret)
    run = deploy(registry_manifest=text, registry_redirect=False)
    assert run.returncode == 0, run.output
    assert run.of("Validate").codes("warning") == ["storage-field-alias"]
    assert "chunkSize" in run.output
    assert run.of("Prove").result["proven"]
    stored = cluster.get("DockerRegistry", "default", namespace)["spec"]["storage"]["gcs"]
    assert stored == {**route.spec["gcs"], "rootdirectory": namespace, "chunksize": 5242880}
    assert "chunksize: 5242880" in cluster.get("ConfigMap", "dockerregistry-config", namespace)["data"]["config.yml"]
