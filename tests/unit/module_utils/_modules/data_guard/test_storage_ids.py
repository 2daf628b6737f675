# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a Deployment keeps its images."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import storage_ids

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
