# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Object stores on the lab's clouds: what is wrong is one finding, and the registry that ran before never stops serving."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.e2e.traffic import Traffic
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import consent, pasted, registry_client
from ansible_collections.kyma.docker_registry.tests.support.clouds import StorageType

Clouds = dict[str, Any]
# What is changed against a good configuration: variables of the role.
Change = Callable[[StorageType, Clouds], dict[str, Any]]


@dataclass(frozen=True)
class Wrong:
    """One mistake and the code of its finding."""

    code: str
    change: Change


def _secret(**values: str) -> Change:
    return lambda storage_type, _clouds: {"registry_storage_secret": {**storage_type.secret, **values}}


def _spec(**fields: Any) -> Change:
    return lambda storage_type, _clouds: {"registry_storage": storage_type.with_fields(**fields)}


def _endpoint(address: str) -> Change:
    """Path style: a bucket's name before an address of numbers is not a name."""
    return lambda storage_type, _clouds: {
        "registry_storage": storage_type.with_fields(regionEndpoint=address),
        "registry_driver_parameters": {"forcepathstyle": True},
    }


def _other_gcs_key(storage_type: StorageType, clouds: Clouds) -> dict[str, Any]:
    return {"registry_storage_secret": {"accountkey": lab_clouds.foreign_gcs_key(clouds)}}


def _forbidden_gcs_key(storage_type: StorageType, clouds: Clouds) -> dict[str, Any]:
    return {"registry_storage_secret": {"accountkey": json.dumps(clouds["gcs"]["forbidden"]["key"])}}


def _forbidden_s3_key(storage_type: StorageType, clouds: Clouds) -> dict[str, Any]:
    other = clouds["s3"]["forbidden"]
    return {"registry_storage_secret": {"accessKey": other["access_key"], "secretKey": other["secret_key"]}}


_WRONG_AZURE_KEY = base64.b64encode(b"kyma" * 16).decode()
# One of each kind, of each driver at least one: a name, an authority, a credential, a bucket, a right.
MISTAKES: dict[str, dict[str, Wrong]] = {
    "s3": {
        "unknown name": Wrong("store-name-unknown", _endpoint("https://no-such-store.example")),
        "untrusted certificate": Wrong("store-tls", _endpoint("https://untrusted.lab.internal")),
    },
    "azure": {
        "wrong key": Wrong("store-credentials", _secret(accountKey=_WRONG_AZURE_KEY)),
        "missing container": Wrong("store-missing", _secret(container="kyma-lab-none")),
    },
    "gcs": {
        "key without rights": Wrong("store-forbidden", _forbidden_gcs_key),
    },
}
# What each driver says of the other mistakes changes only with the registry's version.
FURTHER_MISTAKES: dict[str, dict[str, Wrong]] = {
    "s3": {
        "wrong secret": Wrong("store-credentials", _secret(secretKey="wrong" * 8)),
        "unknown key": Wrong("store-credentials", _secret(accessKey="AKIAUNKNOWNUNKNOWN22")),
        "key without rights": Wrong("store-forbidden", _forbidden_s3_key),
        "missing bucket": Wrong("store-missing", _spec(bucket="kyma-lab-none")),
        "unreachable endpoint": Wrong("store-unreachable", _endpoint("https://198.18.255.1:9")),
    },
    "azure": {
        "unknown account": Wrong("store-name-unknown", _secret(accountName="kymanosuchaccount")),
    },
    "gcs": {
        "another account's key": Wrong("store-credentials", _other_gcs_key),
        "missing bucket": Wrong("store-missing", _spec(bucket="kyma-lab-none")),
    },
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_reported_and_nothing_stops(
    name: str, deploy: Deploy, cluster: Cluster, namespace: str, clouds: Clouds
) -> None:
    """From a deployment of the documentation's manifest: each mistake has its code and changes nothing, no push or pull fails."""
    storage_type = _own(lab_clouds.storage_types(clouds)[name], namespace)
    run = deploy(registry_manifest=_pasted(storage_type, namespace), **_options(storage_type, namespace))
    assert run.returncode == 0, run.output
    assert run.of("Verify").result["verified"]
    assert run.of("Validate").codes("warning") == (["storage-field-alias"] if name == "gcs" else [])
    document = cluster.get("DockerRegistry", "default", namespace)
    assert document["spec"] == {"storage": storage_type.spec} and document["status"]["storage"] == name
    assert (
        cluster.get("Secret", storage_type.spec[name]["secretName"], namespace)["data"].keys()
        == storage_type.secret.keys()
    )
    (config_map,) = cluster.list("ConfigMap", namespace, label_selector="kyma-docker-registry.ansible/part-of=revision")
    config = config_map["data"]["config.yml"]
    assert ("chunksize: 5242880" in config) == (name == "gcs")
    _make_mistakes(MISTAKES[name], storage_type, deploy, cluster, namespace, clouds)


@pytest.mark.long
@pytest.mark.parametrize("name", FURTHER_MISTAKES)
def test_further_mistakes(name: str, deploy: Deploy, cluster: Cluster, namespace: str, clouds: Clouds) -> None:
    """The same of the others."""
    storage_type = _own(lab_clouds.storage_types(clouds)[name], namespace)
    run = deploy(**_good(storage_type, namespace))
    assert run.returncode == 0, run.output
    _make_mistakes(FURTHER_MISTAKES[name], storage_type, deploy, cluster, namespace, clouds)


def _own(storage_type: StorageType, namespace: str) -> StorageType:
    """With the fields of the documentation's manifest, in a folder of the test's own."""
    if storage_type.backend != "gcs":
        return storage_type
    return StorageType(
        storage_type.name, storage_type.with_fields(rootdirectory=namespace, chunksize=5242880), storage_type.secret
    )


def _options(storage_type: StorageType, namespace: str) -> dict[str, Any]:
    """Variables beside storage and Secret. Only for GCS does the manifest have a field for the folder."""
    parameters = {} if storage_type.backend == "gcs" else {"rootdirectory": namespace}
    return {"registry_redirect": False, "registry_driver_parameters": parameters}


def _good(storage_type: StorageType, namespace: str) -> dict[str, Any]:
    secret = {"registry_storage_secret": storage_type.secret}
    return {"registry_storage": storage_type.spec, **secret, **_options(storage_type, namespace)}


def _pasted(storage_type: StorageType, namespace: str) -> str:
    """The manifest of Kyma's documentation, with nothing changed but names and keys."""
    text = (
        pasted.DOCUMENTS[storage_type.backend].replace("kyma-system", namespace).replace('"dir"', json.dumps(namespace))
    )
    text = text.replace("bucketName", str(storage_type.spec[storage_type.backend].get("bucket")))
    lines = []
    for line in text.splitlines():
        key = line.partition(":")[0].strip()
        is_data = line.startswith("  ") and key in storage_type.secret
        value = base64.b64encode(storage_type.secret[key].encode()).decode() if is_data else ""
        lines.append(f'  {key}: "{value}"' if value else line)
    return "\n".join(lines)


def _make_mistakes(
    mistakes: dict[str, Wrong],
    storage_type: StorageType,
    deploy: Deploy,
    cluster: Cluster,
    namespace: str,
    clouds: Clouds,
) -> None:
    """Each: the right code, no change, no failed push or pull during the run; then the good values change nothing."""
    good = _good(storage_type, namespace)
    # Another bucket is another storage ID: what the traffic stores would stop that before the preflight is asked.
    annotations = cluster.get("Deployment", "dockerregistry", namespace)["metadata"]["annotations"]
    storage_id = annotations["kyma-docker-registry.ansible/storage-id"]
    good["registry_accept_data_loss"] = consent.fitting(cluster, namespace, storage_id)
    with Traffic(registry_client.from_cluster(cluster, namespace)) as traffic:
        for case, wrong in mistakes.items():
            changed = wrong.change(storage_type, clouds)
            parameters = good["registry_driver_parameters"] | changed.pop("registry_driver_parameters", {})
            run = deploy(**{**good, **changed, "registry_driver_parameters": parameters})
            assert run.returncode != 0, case
            assert run.failure.codes() == [wrong.code], (case, run.failure.result["msg"])
            finding = run.failure.result["findings"][-1]
            assert finding["message"] and finding["remedy"], case
            assert "Run the preflight" in run.failure.task, case
        last = deploy(**good)
    assert last.returncode == 0, last.output
    assert last.changed == 0, [(task.task, task.result.get("diff")) for task in last.tasks if task.changed]
    assert traffic.failures == []
    assert traffic.rounds > len(mistakes)
    for kind in ("Pod", "ConfigMap", "Secret"):
        assert cluster.get(kind, "dockerregistry-preflight", namespace) is None
