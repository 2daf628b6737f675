# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure parts of the use cases: the catalogue, the CR's status, what a Deployment says of its images."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import guard, storage_ids
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import status
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import node_port, object_catalog

LABELS = dict(constants.MANAGED_BY)


def _object(kind: str, name: str, namespace: str = "ns", labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": LABELS if labels is None else labels},
    }


DEPLOYMENT = _object("Deployment", "dockerregistry")


def test_catalogue_accepts_its_objects_in_order() -> None:
    """A Pod's needs come before the Pod, empty documents go."""
    objects = [DEPLOYMENT, None, _object("ConfigMap", "dockerregistry-config")]
    ordered = object_catalog.sort_objects(objects)
    assert [item["kind"] for item in ordered] == ["ConfigMap", "Deployment"]
    assert object_catalog.check_objects(ordered, "ns") == []


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        (_object("Secret", "dockerregistry-config"), "object-not-in-catalogue"),
        (_object("Deployment", "other"), "object-not-in-catalogue"),
        (DEPLOYMENT, "object-doubled"),
        (_object("ConfigMap", "dockerregistry-config", namespace="other"), "object-namespace"),
        (_object("ConfigMap", "dockerregistry-config", labels={}), "object-label"),
    ],
)
def test_catalogue_refuses(extra: dict[str, Any], code: str) -> None:
    """Each rule has its finding."""
    assert [item.code for item in object_catalog.check_objects([DEPLOYMENT, extra], "ns")] == [code]


def test_catalogue_wants_a_deployment() -> None:
    """Without the Deployment there is no registry."""
    assert [item.code for item in object_catalog.check_objects([], "ns")] == ["object-deployment-missing"]


def _deployment(volumes: list[dict[str, Any]], annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}, "spec": {"template": {"spec": {"volumes": volumes}}}}


@pytest.mark.parametrize(
    ("deployment", "storage_id"),
    [
        (None, None),
        (
            _deployment([{"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}]),
            "persistentvolumeclaim/dockerregistry",
        ),
        (_deployment([{"name": "data", "emptyDir": {}}]), "emptyDir/dockerregistry"),
        (_deployment([], {constants.STORAGE_ID: "s3/bucket"}), "s3/bucket"),
        (_deployment([{"name": "config", "configMap": {}}]), "unknown/dockerregistry"),
    ],
)
def test_storage_id_is_read_from_the_deployment(deployment: dict[str, Any] | None, storage_id: str | None) -> None:
    """The running Deployment is the truth."""
    assert storage_ids.storage_id_of(deployment) == storage_id


def test_held_says_what_it_knows() -> None:
    """Unknown is not empty."""
    assert guard.ImageCount(True).empty and not guard.ImageCount(False).empty and not guard.ImageCount(True, 1).empty
    assert "at least 100 repositories" in guard.ImageCount(True, 100, True).text()
    assert "1 repository " in guard.ImageCount(True, 1).text()


CR = {
    "apiVersion": "operator.kyma-project.io/v1alpha1",
    "kind": "DockerRegistry",
    "metadata": {"name": "default", "namespace": "ns"},
}
GOOD = status.RegistryStatus("filesystem", "dockerregistry", False, 32137)


def test_status_is_stable() -> None:
    """A later run with the same outcome writes the same bytes, its time included."""
    first = status.build_document(CR, GOOD, "2026-01-01T00:00:00Z")
    second = status.build_document({**CR, "status": first["status"]}, GOOD, "2026-02-02T00:00:00Z")
    assert second == first
    assert first["status"]["state"] == "Ready" and first["status"]["pvc"] == "dockerregistry"


def test_status_of_a_failure() -> None:
    """Installed turns False with the cause; the time moves only for what turned."""
    good = status.build_document(CR, GOOD, "2026-01-01T00:00:00Z")["status"]
    bad = status.build_document(
        {**CR, "status": good},
        status.RegistryStatus("filesystem", None, False, None, "it crashed"),
        "2026-02-02T00:00:00Z",
    )["status"]
    conditions = {item["type"]: item for item in bad["conditions"]}
    assert bad["state"] == "Error"
    assert conditions["Installed"]["status"] == "False" and "it crashed" in conditions["Installed"]["message"]
    assert conditions["Installed"]["lastTransitionTime"] == "2026-02-02T00:00:00Z"
    assert conditions["Configured"]["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert "pullAddress" not in bad["internalAccess"]


class _Services:
    """A cluster with Services only; node_port asks for nothing else."""

    def __init__(self, own: int | None, taken: tuple[int, ...]) -> None:
        self._own = own
        self._taken = taken

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        return {"spec": {"ports": [{"port": 5000, "nodePort": self._own}]}} if self._own else None

    def list(self, kind: str) -> list[dict[str, Any]]:
        return [{"spec": {"ports": [{"nodePort": port}]}} for port in self._taken]


@pytest.mark.parametrize(
    ("own", "taken", "recorded", "port"),
    [
        (None, (), None, 32137),
        (None, (32137,), None, 30000),
        (None, (32137, 30000), "localhost:31000", 31000),
        (None, (31000,), "localhost:31000", 32137),
        (30500, (32137, 30500), "localhost:31000", 30500),
        (None, (), "localhost:nonsense", 32137),
        (None, (), "localhost:80", 32137),
    ],
)
def test_node_port(own: int | None, taken: tuple[int, ...], recorded: str | None, port: int) -> None:
    """The Service's port, else the recorded one, else 32137, else a free one."""
    assert node_port.choose_node_port(_Services(own, taken), "ns", recorded).port == port  # type: ignore[arg-type]
