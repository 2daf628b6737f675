# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with the operator on S3: what the operator leaves out is completed, and a second run writes nothing.

molecule/operator_* have all storage types.
"""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import objects, pasted, playbook, roundtrip

# Everything that the operator's chart reads as something else, and what YAML and shells do.
SPECIAL = ",\\{}=[]#'\"$% ~a"
KIBIBYTE = 1024


def _assert_complete(role_registry: RoleRegistry, run: playbook.Run) -> None:
    """A first run in operator mode leaves a verified registry on S3 with the whole storage lock."""
    assert run.of("Validate").result["mode"] == "operator"
    assert run.of("Verify").result["verified"]
    status = role_registry.status()
    assert (status["state"], status["storage"]) == ("Ready", "s3")
    assert role_registry.has_storage_lock()
    assert (
        not {"storage-id-drift", "storage-id-changed", "storage-lock-missing", "derived-secret-stale"}
        & role_registry.warned()
    )


def test_pasted_sample(role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """Kyma's S3 manifest with real values: the operator drops `encrypt: false` from it, and a second run writes nothing."""
    storage_type = lab_clouds.storage_types(clouds)["s3"]
    text = (
        pasted.DOCUMENTS["s3"]
        .replace("kyma-system", role_registry.namespace)
        .replace("bucketName", storage_type.spec["s3"]["bucket"])
    )
    for name, value in storage_type.secret.items():
        # The document's placeholders are the keys' own names.
        text = text.replace(*(base64.b64encode(item.encode()).decode() for item in (name, value)))
    variables = {"registry_manifest": text, "registry_driver_parameters": {"rootdirectory": role_registry.namespace}}
    _assert_complete(role_registry, role_registry.deployed(**variables))
    assert role_registry.storage() == {
        "s3": {key: value for key, value in storage_type.spec["s3"].items() if key != "encrypt"}
    }
    role_registry.unchanged(**variables)
    # A user adds the empty values again after the operator has written its finalizer: they mean the same as absent ones.
    role_registry.change({"s3": {"encrypt": False}, "deleteEnabled": False})
    role_registry.unchanged(**variables)
    _assert_former_keys_are_restored(role_registry, variables, storage_type.secret["secretKey"])


def _assert_former_keys_are_restored(role_registry: RoleRegistry, variables: dict[str, Any], key: str) -> None:
    """Wrong keys in the manifest: the former ones are restored, the storage is the manifest's and not the default volume."""
    before = role_registry.storage()
    good, bad = (base64.b64encode(item.encode()).decode() for item in (key, "w" * len(key)))
    wrong = {"registry_manifest": variables["registry_manifest"].replace(good, bad), "registry_preflight": False}
    failed = role_registry.deploy(**{**variables, **wrong})
    assert failed.returncode != 0 and "[storage-secret-restored]" in failed.failures[-1].result["msg"], failed.output
    assert role_registry.storage() == before
    role_registry.deployed(**variables)
    role_registry.unchanged(**variables)


def test_private_store_with_special_keys(role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """A key with all special characters, path style, a folder and a private CA: the operator has no field for any."""
    access = f"KYMA{uuid.uuid4().hex[:16].upper()}"
    certificate = Path(clouds["ca"]["private"]).read_text(encoding="utf-8")
    role_registry.cluster.create(objects.config_map("company-ca", role_registry.namespace, {"ca.crt": certificate}))
    spec = {key: value for key, value in lab_clouds.storage_types(clouds)["s3"].spec["s3"].items() if key != "secure"}
    variables = {
        "registry_storage": {"s3": {**spec, "regionEndpoint": "https://minio.lab.internal"}},
        "registry_storage_secret": lab_clouds.s3_key(access, SPECIAL + uuid.uuid4().hex[:12]),
        "registry_driver_parameters": {"forcepathstyle": True, "rootdirectory": role_registry.namespace},
        "registry_ca_bundle": {"config_map": "company-ca"},
    }
    _assert_complete(role_registry, role_registry.deployed(**variables))
    assert role_registry.storage()["s3"]["secretName"] == "dockerregistry-storage-operator"
    seen = roundtrip.run(role_registry.cluster, role_registry.namespace, KIBIBYTE)
    layer = seen["layer"].removeprefix("sha256:")
    stored = roundtrip.stored(f"s3/{spec['bucket']}")
    assert any(name.startswith(f"{role_registry.namespace}/") and layer in name for name in stored)
    role_registry.unchanged(**variables)
