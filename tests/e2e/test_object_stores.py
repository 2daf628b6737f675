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
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.e2e.traffic import Traffic
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import registry_client
from ansible_collections.kyma.docker_registry.tests.support.clouds import Route

Clouds = dict[str, Any]
# What is changed against a good configuration: variables of the role.
Change = Callable[[Route, Clouds], dict[str, Any]]


@dataclass(frozen=True)
class Wrong:
    """One mistake and the code of its finding."""

    code: str
    change: Change


def _secret(**values: str) -> Change:
    return lambda route, _clouds: {"registry_storage_secret": {**route.secret, **values}}


def _spec(**fields: Any) -> Change:
    return lambda route, _clouds: {"registry_storage": route.with_fields(**fields)}


def _endpoint(address: str) -> Change:
    """Path style: a bucket's name before an address of numbers is no name."""
    return lambda route, _clouds: {
        "registry_storage": route.with_fields(regionEndpoint=address),
        "registry_driver_parameters": {"forcepathstyle": True},
    }


def _other_gcs_key(route: Route, clouds: Clouds) -> dict[str, Any]:
    return {"registry_storage_secret": {"accountkey": lab_clouds.foreign_gcs_key(clouds)}}


def _forbidden_gcs_key(route: Route, clouds: Clouds) -> dict[str, Any]:
    return {"registry_storage_secret": {"accountkey": json.dumps(clouds["gcs"]["forbidden"]["key"])}}


def _forbidden_s3_key(route: Route, clouds: Clouds) -> dict[str, Any]:
    other = clouds["s3"]["forbidden"]
    return {"registry_storage_secret": {"accessKey": other["access_key"], "secretKey": other["secret_key"]}}


_WRONG_AZURE_KEY = base64.b64encode(b"kyma" * 16).decode()
WRONG: dict[str, dict[str, Wrong]] = {
    "s3": {
        "wrong secret": Wrong("store-credentials", _secret(secretKey="wrong" * 8)),
        "unknown key": Wrong("store-credentials", _secret(accessKey="AKIAUNKNOWNUNKNOWN22")),
        "key without rights": Wrong("store-forbidden", _forbidden_s3_key),
        "missing bucket": Wrong("store-missing", _spec(bucket="kyma-lab-none")),
        "unreachable endpoint": Wrong("store-unreachable", _endpoint("https://198.18.255.1:9")),
        "unknown name": Wrong("store-name-unknown", _endpoint("https://no-such-store.example")),
        "untrusted certificate": Wrong("store-tls", _endpoint("https://untrusted.lab.internal")),
    },
    "azure": {
        "wrong key": Wrong("store-credentials", _secret(accountKey=_WRONG_AZURE_KEY)),
        "missing container": Wrong("store-missing", _secret(container="kyma-lab-none")),
        "unknown account": Wrong("store-name-unknown", _secret(accountName="kymanosuchaccount")),
    },
    "gcs": {
        "another account's key": Wrong("store-credentials", _other_gcs_key),
        "key without rights": Wrong("store-forbidden", _forbidden_gcs_key),
        "missing bucket": Wrong("store-missing", _spec(bucket="kyma-lab-none")),
    },
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_told_and_nothing_stops(
    name: str, deploy: Deploy, cluster: Cluster, namespace: str, clouds: Clouds
) -> None:
    """Each mistake: the right code, no change, no failed push or pull meanwhile; then the good values change nothing."""
    route = lab_clouds.routes(clouds)[name]
    good = {"registry_storage": route.spec, "registry_storage_secret": route.secret, "registry_redirect": False}
    first = deploy(**good)
    assert first.returncode == 0, first.output
    # Another bucket is another holder: what the traffic stores would stop that before the preflight is asked.
    annotations = cluster.get("Deployment", "dockerregistry", namespace)["metadata"]["annotations"]
    good["registry_accept_data_loss"] = annotations["kyma-docker-registry.ansible/holder"]
    with Traffic(registry_client.from_cluster(cluster, namespace)) as traffic:
        for case, wrong in WRONG[name].items():
            run = deploy(**{**good, **wrong.change(route, clouds)})
            assert run.returncode != 0, case
            assert run.failure.codes() == [wrong.code], (case, run.failure.result["msg"])
            finding = run.failure.result["findings"][-1]
            assert finding["message"] and finding["remedy"], case
            assert "Try the new storage" in run.failure.task, case
        last = deploy(**good)
    assert last.returncode == 0, last.output
    assert last.changed == 0, [(task.task, task.result.get("diff")) for task in last.tasks if task.changed]
    assert traffic.failures == []
    assert traffic.rounds > len(WRONG[name])
    for kind in ("Pod", "ConfigMap", "Secret"):
        assert cluster.get(kind, "dockerregistry-preflight", namespace) is None
