# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with the operator, on every route: what it leaves out is completed, and a second run writes nothing."""

from __future__ import annotations

import base64
import tempfile
import uuid
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.bench import DEFAULT_HOLDER, Bench
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import image, objects, pasted, roundtrip

CLAIM = "existing-pvc"
VOLUMES = {"filesystem": {}, "pvc": {"registry_storage": {"pvc": {"name": CLAIM}}}}
ROUTES = ("filesystem", "pvc", "azure", "s3", "gcs", "btp-objectstore-aws", "btp-objectstore-gcp")
# Everything that the operator's chart reads as something else, and what YAML and shells do.
SPECIAL = ",\\{}=[]#'\"$% ~a"
KIBIBYTE = 1024


def _variables(name: str, clouds: dict[str, Any]) -> dict[str, Any]:
    if name in VOLUMES:
        return dict(VOLUMES[name])
    route = lab_clouds.routes(clouds)[name]
    return {"registry_storage": route.spec, "registry_storage_secret": route.secret}


@pytest.mark.parametrize("name", ROUTES)
def test_every_route(name: str, bench: Bench, clouds: dict[str, Any]) -> None:
    """Ready, pushed to, pulled from by the kubelet, pulled from again by a new Pod; then a run that writes nothing."""
    bench.cluster.create(objects.claim(CLAIM, bench.namespace))
    variables = _variables(name, clouds)
    first = bench.deployed(**variables)
    assert first.of("Validate").result["mode"] == "operator"
    assert first.of("Prove").result["proven"]
    status = bench.status()
    assert (status["state"], status["storage"]) == ("Ready", name)
    assert bench.has_fuse()
    roundtrip.run(bench.cluster, bench.namespace, 256 * KIBIBYTE)
    bench.unchanged(**variables)


def test_pasted_sample(bench: Bench, clouds: dict[str, Any]) -> None:
    """Kyma's S3 manifest with real values: the operator drops `encrypt: false` from it, and a second run writes nothing."""
    route = lab_clouds.routes(clouds)["s3"]
    text = (
        pasted.DOCUMENTS["s3"].replace("kyma-system", bench.namespace).replace("bucketName", route.spec["s3"]["bucket"])
    )
    for name, value in route.secret.items():
        # The document's placeholders are the keys' own names.
        text = text.replace(*(base64.b64encode(item.encode()).decode() for item in (name, value)))
    variables = {"registry_manifest": text, "registry_driver_parameters": {"rootdirectory": bench.namespace}}
    first = bench.deployed(**variables)
    assert first.of("Prove").result["proven"]
    assert bench.storage() == {"s3": {key: value for key, value in route.spec["s3"].items() if key != "encrypt"}}
    bench.unchanged(**variables)
    assert not {"holder-drift", "holder-changed", "fuse-missing", "derived-secret-stale"} & bench.warned()
    # Somebody adds the empty values again after the operator has written its finalizer: they say nothing.
    bench.change({"s3": {"encrypt": False}, "deleteEnabled": False})
    bench.unchanged(**variables)


def test_private_store_with_special_keys(bench: Bench, clouds: dict[str, Any]) -> None:
    """A key with all special characters, path style, a folder and an authority of its own: the operator has no field for any."""
    access = f"KYMA{uuid.uuid4().hex[:16].upper()}"
    certificate = Path(clouds["ca"]["private"]).read_text(encoding="utf-8")
    bench.cluster.create(objects.config_map("company-ca", bench.namespace, {"ca.crt": certificate}))
    spec = {key: value for key, value in lab_clouds.routes(clouds)["s3"].spec["s3"].items() if key != "secure"}
    variables = {
        "registry_storage": {"s3": {**spec, "regionEndpoint": "https://minio.lab.internal"}},
        "registry_storage_secret": lab_clouds.s3_key(access, SPECIAL + uuid.uuid4().hex[:12]),
        "registry_driver_parameters": {"forcepathstyle": True, "rootdirectory": bench.namespace},
        "registry_ca_bundle": {"config_map": "company-ca"},
    }
    bench.deployed(**variables)
    assert bench.storage()["s3"]["secretName"] == "dockerregistry-storage-operator"
    seen = roundtrip.run(bench.cluster, bench.namespace, KIBIBYTE)
    layer = seen["layer"].removeprefix("sha256:")
    stored = roundtrip.stored(f"s3/{spec['bucket']}")
    assert any(name.startswith(f"{bench.namespace}/") and layer in name for name in stored)
    bench.unchanged(**variables)


def test_deletion_on_the_default_volume(bench: Bench) -> None:
    """`deleteEnabled` alone, as Kyma's tutorial has it, keeps the volume: the operator never sees it, the registry does."""
    variables = {"registry_storage": {"deleteEnabled": True}}
    bench.deployed(**variables)
    assert bench.storage() is None
    assert bench.volumes()["data"] == {"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    assert bench.holder() == DEFAULT_HOLDER
    with tempfile.TemporaryDirectory() as folder:
        image.oci_layout(Path(folder, "image"))
        bench.client.push(Path(folder, "image"), "team/unwanted:v1")
    bench.push()
    bench.client.delete("team/unwanted:v1")
    with pytest.raises(AssertionError, match="manifest unknown"):
        bench.client.digest("team/unwanted:v1")
    bench.assert_kept()
    bench.unchanged(**variables)
