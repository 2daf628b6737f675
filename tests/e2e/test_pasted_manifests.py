# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifests of Kyma's documentation, pasted as they stand: their placeholders are named. test_object_stores deploys them with real values."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import pasted
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

pytestmark = pytest.mark.nodeless

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
    """Every placeholder has its own finding with its place; nothing is written."""
    run = deploy(registry_manifest=pasted.DOCUMENTS[name].replace("kyma-system", namespace), registry_wait_timeout=3)
    assert run.returncode != 0
    found = [item for item in run.failure.result["findings"] if item["severity"] != "info"]
    reported = sorted((item["severity"], item["code"], item["path"]) for item in found)
    assert reported == sorted(AS_IT_STANDS[name])
    assert all(item["message"] and item["remedy"] for item in found)
    assert audit.writes() == []
