# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a Deployment keeps its images."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import storage_ids
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

CLAIM = "persistentvolumeclaim/dockerregistry"

OTHER = "persistentvolumeclaim/other"


def _deployment(volumes: list[dict[str, Any]] | None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}, "spec": {"template": {"spec": {"volumes": volumes}}}}


@pytest.mark.parametrize(
    ("deployment", "storage_id"),
    [
        (_deployment(None), "unknown/dockerregistry"),
        (_deployment([{"name": "data"}]), "volume/dockerregistry"),
        (_deployment([{"name": "data", "hostPath": {"path": "/x"}}]), "hostPath/dockerregistry"),
        (_deployment([{"persistentVolumeClaim": {}, "name": "data"}]), "persistentVolumeClaim/dockerregistry"),
        (_deployment([{"name": "other", "emptyDir": {}}], {constants.STORAGE_ID: "gcs/bucket"}), "gcs/bucket"),
        (
            _deployment(
                [{"name": "data", "persistentVolumeClaim": {"claimName": "mine"}}], {constants.STORAGE_ID: "gcs/bucket"}
            ),
            "persistentvolumeclaim/mine",
        ),
    ],
)
def test_storage_id_of(deployment: dict[str, Any], storage_id: str) -> None:
    """The mounted volume is the truth, then our annotation; nothing is unknown without a name."""
    assert storage_ids.storage_id_of(deployment) == storage_id


def _mounting(volumes: list[dict[str, Any]], annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}, "spec": {"template": {"spec": {"volumes": volumes}}}}


@pytest.mark.parametrize(
    ("deployment", "storage_id"),
    [
        (None, None),
        (
            _mounting([{"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}]),
            "persistentvolumeclaim/dockerregistry",
        ),
        (_mounting([{"name": "data", "emptyDir": {}}]), "emptyDir/dockerregistry"),
        (_mounting([], {constants.STORAGE_ID: "s3/bucket"}), "s3/bucket"),
        (_mounting([{"name": "config", "configMap": {}}]), "unknown/dockerregistry"),
    ],
)
def test_storage_id_is_read_from_the_deployment(deployment: dict[str, Any] | None, storage_id: str | None) -> None:
    """The running Deployment is the truth."""
    assert storage_ids.storage_id_of(deployment) == storage_id


def test_a_bucket_that_somebody_has_set_in_direct_mode() -> None:
    """A variable moves the images away from where the annotation says; the region is in config.yml alone."""
    deployment = _deployment(None, {constants.STORAGE_ID: "s3/eu-central-1/images"})
    variable = {"name": "REGISTRY_STORAGE_S3_BUCKET", "value": "other"}
    deployment["spec"]["template"]["spec"]["containers"] = [{"name": constants.CONTAINER, "env": [variable]}]
    assert storage_ids.storage_id_of(deployment) == "s3/unknown-region/other"


@pytest.mark.parametrize(
    ("secret", "variables", "found"),
    [
        ({"azureAccountName": "account", "azureContainer": "new"}, {}, "azure/account/new"),
        ({"azureAccountName": '"0123"', "azureContainer": "new"}, {"ROOTDIRECTORY": "/a"}, "azure/0123/new/a"),
        ({"azureAccountName": "account", "azureContainer": "new"}, {"REALM": "x.net"}, "azure/account@x.net/new"),
        ({}, {}, "azure/account/old"),
    ],
)
def test_the_operators_secret_counts(secret: dict[str, str], variables: dict[str, str], found: str) -> None:
    """The operator follows the user's Secret at once; a note of an earlier run is older. Root and realm are in variables."""

    class Cluster:
        def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
            assert (kind, name, namespace) == ("Secret", constants.STORAGE_SECRET, "ns")
            return {"data": {key: base64.b64encode(value.encode()).decode() for key, value in secret.items()}}

    prefix = "REGISTRY_STORAGE_AZURE_"
    reference = {"secretKeyRef": {"name": constants.STORAGE_SECRET, "key": "azureContainer"}}
    env = [
        {"name": f"{prefix}CONTAINER", "valueFrom": reference},
        *({"name": f"{prefix}{name}", "value": value} for name, value in variables.items()),
    ]
    pod = {"containers": [{"name": constants.CONTAINER, "env": env}]}
    deployment = {
        "metadata": {"annotations": {constants.STORAGE_ID: "azure/account/old"}},
        "spec": {"template": {"spec": pod}},
    }
    context = make_context({}, check_mode=False, cluster=Cluster())
    assert storage_ids.running_storage_id(context, "ns", deployment) == found
    # In direct mode the note is part of the Deployment that the role writes.
    deployment["metadata"]["labels"] = dict(constants.MANAGED_BY)
    assert storage_ids.running_storage_id(context, "ns", deployment) == "azure/account/old"


@pytest.mark.parametrize(
    ("requested", "recorded", "interrupted"),
    [
        ("s3/r/b/folder", None, True),
        ("s3/r/b/folder", "gcs/b", True),
        ("s3/r/b/folder", "s3/r/b/folder", False),
        (None, "gcs/b", False),
    ],
)
def test_an_interrupted_switch(requested: str | None, recorded: str | None, interrupted: bool) -> None:
    """The DockerRegistry has a storage ID that its Deployment does not have yet."""
    cr = {"metadata": {"annotations": {constants.STORAGE_ID: requested} if requested else {}}}
    deployment = _deployment([], {constants.STORAGE_ID: recorded} if recorded else {})
    assert storage_ids.is_switch_interrupted(cr, deployment) is interrupted
