# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's clouds, and for each store what a user configures: spec.storage and the values of its Secret."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support.roundtrip import LAB


@dataclass(frozen=True)
class StorageType:
    """One storage type with good values. spec: spec.storage; secret: key to value."""

    name: str
    spec: dict[str, Any]
    secret: dict[str, str] = field(repr=False)

    @property
    def backend(self) -> str:
        """The only key of the spec."""
        return next(iter(self.spec))

    def with_fields(self, **fields: Any) -> dict[str, Any]:
        """The spec with other fields."""
        return {self.backend: {**self.spec[self.backend], **fields}}


def load() -> dict[str, Any]:
    """Keys, names and addresses of the running clouds."""
    done = subprocess.run([LAB, "clouds", "status", "--json"], stdout=subprocess.PIPE, check=True)
    return dict(json.loads(Path(json.loads(done.stdout)["access"]).read_text(encoding="utf-8")))


def storage_types(clouds: dict[str, Any]) -> dict[str, StorageType]:
    """The five storage types to object stores, as Kyma's document writes them."""
    s3 = {
        "bucket": clouds["s3"]["buckets"][0],
        "region": "eu-central-1",
        "regionEndpoint": "s3-eu-central-1.amazonaws.com",
        "encrypt": False,
        "secure": True,
        "secretName": "s3-storage",
    }
    gcs = {"bucket": clouds["gcs"]["buckets"][0], "secretName": "gcs-secret", "rootdirectory": "dir"}
    binding = {"btpObjectStore": {"secretName": "btp-object-store-secret"}}
    azure = {
        "accountName": clouds["azure"]["account"],
        "accountKey": clouds["azure"]["key"],
        "container": clouds["azure"]["containers"][0],
    }
    keys = {"accessKey": clouds["s3"]["access_key"], "secretKey": clouds["s3"]["secret_key"]}
    found = (
        StorageType("azure", {"azure": {"secretName": "azure-storage"}}, azure),
        StorageType("s3", {"s3": s3}, keys),
        StorageType("gcs", {"gcs": gcs}, {"accountkey": json.dumps(clouds["gcs"]["key"])}),
        StorageType("btp-objectstore-aws", binding, dict(clouds["btp"]["aws"])),
        StorageType("btp-objectstore-gcp", binding, dict(clouds["btp"]["gcp"])),
    )
    return {storage_type.name: storage_type for storage_type in found}


def foreign_gcs_key(clouds: dict[str, Any]) -> str:
    """The good service account's key file with another account's key in it: well formed, and Google does not know it."""
    return json.dumps({**clouds["gcs"]["key"], "private_key": clouds["gcs"]["forbidden"]["key"]["private_key"]})


def s3_key(access: str, secret: str) -> dict[str, str]:
    """Makes a further S3 user that may use every bucket (a known one gets the new secret); the values of its storage Secret."""
    subprocess.run([LAB, "clouds", "s3-key", access], input=f"{secret}\n".encode(), stdout=subprocess.PIPE, check=True)
    return {"accessKey": access, "secretKey": secret}


def own_s3(clouds: dict[str, Any], namespace: str) -> dict[str, Any]:
    """Variables of the role for S3 in a folder of the test's own: other tests use the same bucket."""
    return {
        "registry_storage": storage_types(clouds)["s3"].spec,
        "registry_storage_secret": storage_types(clouds)["s3"].secret,
        "registry_driver_parameters": {"rootdirectory": namespace},
        "registry_redirect": False,
    }
