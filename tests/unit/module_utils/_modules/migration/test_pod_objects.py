# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of the migration Pod."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.references import (
    referenced_names,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.pod_objects import (
    COPIER,
    SOURCE,
    TARGET,
    PodRequest,
    build_migration_config_map,
    build_migration_network_policy,
    build_migration_pod,
    build_migration_secret,
    hosts,
    target_config,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import deployment

STORE = Store(
    "gcs",
    "gcs",
    {"bucket": "new"},
    "gcs/new",
    environment={"SOME_VARIABLE": "some-key"},
    secret={"key.json": "a key", "some-key": "value"},
    key_file="key.json",
)
VOLUME = Store("pvc", "filesystem", {"rootdirectory": "/var/lib/registry"}, "persistentvolumeclaim/own", claim="own")
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": constants.DAY2_RECORD, "uid": "u"}


def _request(store: Store = STORE, **changes: Any) -> PodRequest:
    request = PodRequest(deployment(is_open=True), store, {}, OWNER, copy_image="regsync:1")
    return dataclasses.replace(request, **changes)


def _containers(pod: dict[str, Any]) -> dict[str, Any]:
    return {item["name"]: item for item in pod["spec"]["containers"]}


def _variables(container: dict[str, Any]) -> dict[str, Any]:
    names = [item["name"] for item in container["env"]]
    assert len(names) == len(set(names))
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container["env"]}


def test_source() -> None:
    """The serving container, read-only, on 127.0.0.1, and without what a private registry does not need."""
    source = _containers(build_migration_pod(_request()))[SOURCE]
    found = _variables(source)
    assert json.loads(found["REGISTRY_STORAGE_MAINTENANCE"]) == {
        "readonly": {"enabled": True},
        "uploadpurging": {"enabled": False},
    }
    assert json.loads(found["REGISTRY_HTTP_ADDR"]) == hosts()[0] == "127.0.0.1:5010"
    assert json.loads(found["REGISTRY_AUTH"]) == json.loads(found["REGISTRY_STORAGE_CACHE"]) == {}
    assert found["REGISTRY_LOG_LEVEL"] == "warn" and found["HTTPS_PROXY"] == "http://proxy:3128"
    assert "secretKeyRef" in found["REGISTRY_HTTP_SECRET"] and "REGISTRY_AUTH_HTPASSWD_REALM" not in found
    assert "readinessProbe" not in source and source["command"][-1] == "/etc/distribution/config.yml"


def test_volume_of_the_source() -> None:
    """It is mounted a second time, for reading, on the node of the registry."""
    request = _request(near_registry=True)
    spec = request.deployment["spec"]["template"]["spec"]
    spec["volumes"].append({"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}})
    spec["containers"][0]["volumeMounts"].append({"name": "data", "mountPath": "/var/lib/registry"})
    pod = build_migration_pod(request)
    mounts = {item["name"]: item for item in _containers(pod)[SOURCE]["volumeMounts"]}
    assert mounts["data"]["readOnly"] is True
    (term,) = pod["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["labelSelector"]["matchLabels"] == constants.SELECTOR
    assert "affinity" not in build_migration_pod(_request())["spec"]


def test_target() -> None:
    """Its configuration and credentials are objects of the migration; it takes everything and deletes."""
    request = _request()
    pod = build_migration_pod(request)
    target = _containers(pod)[TARGET]
    found = _variables(target)
    assert found["SOME_VARIABLE"]["secretKeyRef"]["name"] == constants.MIGRATION
    assert found["HTTPS_PROXY"] == "http://proxy:3128" and "REGISTRY_LOG_LEVEL" not in found
    config = json.loads(build_migration_config_map(request)["data"]["config.yml"])
    assert config == target_config(STORE)
    assert config["validation"] == {"disabled": True} and config["storage"]["delete"] == {"enabled": True}
    assert "auth" not in config and "cache" not in config["storage"] and config["http"]["addr"] == hosts()[1]
    assert secret_data(build_migration_secret(request, "random")) == {
        "key.json": b"a key",
        "some-key": b"value",
        "httpSecret": b"random",
    }
    own = {item["name"]: item for item in pod["spec"]["volumes"] if item["name"].startswith("target-")}
    assert set(own) == {"target-config", "target-storage"}
    assert {item["name"] for item in target["volumeMounts"]} == set(own)
    assert referenced_names({"volumes": list(own.values()), "containers": [target]}) == {
        ("ConfigMap", constants.MIGRATION),
        ("Secret", constants.MIGRATION),
    }


def test_volume_of_the_target() -> None:
    """Its claim is mounted where the driver looks."""
    pod = build_migration_pod(_request(VOLUME))
    claims = [item for item in pod["spec"]["volumes"] if "persistentVolumeClaim" in item]
    assert claims == [{"name": "target-data", "persistentVolumeClaim": {"claimName": "own"}}]
    mounts = {item["name"]: item["mountPath"] for item in _containers(pod)[TARGET]["volumeMounts"]}
    assert mounts["target-data"] == "/var/lib/registry"


@pytest.mark.parametrize("sync_file", ["", "{}"])
def test_copier(sync_file: str) -> None:
    """Only if it has something to copy."""
    request = _request(sync_file=sync_file)
    pod = build_migration_pod(request)
    assert (COPIER in _containers(pod)) == bool(sync_file)
    assert ("regsync.yml" in build_migration_config_map(request)["data"]) == bool(sync_file)
    assert any(item["name"] == COPIER for item in pod["spec"]["volumes"]) == bool(sync_file)


def test_the_pod_serves_nobody() -> None:
    """It is never ready, it does not count as read-only, and everything is deleted with the record."""
    request = _request()
    pod = build_migration_pod(request)
    labels = pod["metadata"]["labels"]
    assert pod["spec"]["readinessGates"] and not constants.READ_ONLY_LABEL.keys() & labels.keys()
    policy = build_migration_network_policy(request)
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    for item in (pod, policy, build_migration_config_map(request), build_migration_secret(request, "random")):
        assert item["metadata"]["ownerReferences"] == [OWNER]
        assert constants.MANAGED_BY.items() <= item["metadata"]["labels"].items()
    resources = {json.dumps(item["resources"], sort_keys=True) for item in pod["spec"]["containers"]}
    assert resources == {'{"limits": {"memory": "800Mi"}, "requests": {"cpu": "10m", "memory": "128Mi"}}'}


def test_request_shows_no_secret() -> None:
    """In a traceback."""
    assert "random" not in repr(_request())
