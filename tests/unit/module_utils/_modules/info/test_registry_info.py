# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registry_info returns: the storage type that runs and the one that is asked for, replicas, and what the operator said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import registry_info
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.registry_info import (
    redacted_conditions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.storage_state import (
    running_storage_type,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.tests.support import objects
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body


def _store(storage: dict[str, Any], secret: dict[str, bytes] | None = None) -> Any:
    resolved, _found = spec.check_storage(storage, "storage")
    assert resolved is not None
    store, found = resolved.store(secret)
    assert store is not None, found
    return store


VOLUME = _store({})
OWN = _store({"pvc": {"name": "own"}})
GCS = _store({"gcs": {"bucket": "images"}})


@pytest.mark.parametrize(
    ("store", "running", "storage_type"),
    [
        (VOLUME, None, None),
        (None, None, None),
        (VOLUME, VOLUME.storage_id, "filesystem"),
        (OWN, OWN.storage_id, "pvc"),
        (GCS, GCS.storage_id, "gcs"),
        (GCS, f"{GCS.storage_id}/folder", "gcs"),
        (GCS, f"{GCS.storage_id}-other", "gcs"),
        (GCS, VOLUME.storage_id, "filesystem"),
        (VOLUME, OWN.storage_id, "pvc"),
        (VOLUME, "emptyDir", "emptyDir"),
        (None, "s3/eu-central-1/images", "s3"),
    ],
)
def test_running_storage_type(store: Any, running: str | None, storage_type: str | None) -> None:
    """As asked for where the images lie there; otherwise by their place alone."""
    assert running_storage_type(store, running) == storage_type


@pytest.mark.parametrize("kind", ["Installed", "Configured", "DeploymentFailure"])
def test_what_the_operator_quoted(kind: str) -> None:
    """A message from before holds a value that is in no Secret any more, so nothing else would mask it."""
    entry = {"type": kind, "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    quoted = ("failed to parse secrets.s3.secretKey=c4n4ry,tail flag", 'cannot unmarshal: "secretKey":"c4n4ry"')
    for message in quoted:
        (reported,) = redacted_conditions({"status": {"conditions": [{**entry, "message": message}]}})
        assert "c4n4ry" not in reported["message"] and {**reported, "message": ""} == {**entry, "message": ""}


def test_conditions_as_they_are() -> None:
    """Also one without a message, and none."""
    found = [{"type": "Configured", "message": "Configuration  ready"}, {"type": "Installed"}]
    assert redacted_conditions({"status": {"conditions": found}}) == found
    assert redacted_conditions({"status": {}}) == redacted_conditions(None) == []


ONE = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 2}


class _Cluster:
    """Has a Deployment with this status, or none."""

    target = SimpleNamespace(host="https://cluster", source="test")
    warnings: tuple[str, ...] = ()

    def __init__(self, status: dict[str, Any] | None) -> None:
        metadata = {"name": constants.REGISTRY, "namespace": "ns", "generation": 2}
        spec = {"replicas": 1, "template": {"spec": {"containers": [], "volumes": []}}}
        self._found: dict[str, Any] | None = (
            None if status is None else {"metadata": metadata, "spec": spec, "status": status}
        )

    def get(self, kind: str, _name: str, _namespace: str | None = None) -> Any:
        return self._found if kind == "Deployment" else None

    def list(self, *_: Any, **__: Any) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("status", "numbers", "rolled_out"),
    [
        (ONE, (1, 1, 1), True),
        # The old Pod serves, the new one starts: one is ready, and one is as it must be, and they are two.
        ({**ONE, "replicas": 2}, (1, 1, 1), False),
        ({**ONE, "observedGeneration": 1}, (1, 1, 1), False),
        ({}, (1, 0, 0), False),
        (None, (0, 0, 0), False),
    ],
)
def test_replicas(
    monkeypatch: pytest.MonkeyPatch, status: dict[str, Any] | None, numbers: tuple[int, ...], rolled_out: bool
) -> None:
    """The numbers alone do not show that a rollout has ended."""
    monkeypatch.setattr(Context, "cluster", property(lambda _context: _Cluster(status)))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    found = run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result["replicas"]
    assert (tuple(found[key] for key in ("requested", "ready", "updated")), found["rolled_out"]) == (
        numbers,
        rolled_out,
    )


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("since", [None, "2026-01-02T03:04:05Z"])
def test_a_maintenance_window(monkeypatch: pytest.MonkeyPatch, since: str | None, read_only: bool) -> None:
    """Since when the registry is read-only, and a finding about a window that was not closed, or a switch that was not completed."""
    cluster = _Cluster(ONE)
    assert cluster._found is not None
    cluster._found["metadata"]["annotations"] = {constants.READ_ONLY_SINCE: since} if since else {}
    template = cluster._found["spec"].setdefault("template", {})
    template["metadata"] = {"labels": dict(constants.READ_ONLY_LABEL) if read_only else {}}
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    found = run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result
    assert found["read_only_since"] == (since if read_only else None)
    codes = {item["code"] for item in found["findings"]}.intersection(
        {"maintenance-window-open", "switch-not-completed"}
    )
    assert codes == ({"maintenance-window-open" if read_only else "switch-not-completed"} if since else set())


OPERATOR = objects.running(objects.operator_deployment("elsewhere"))


@pytest.mark.parametrize(
    ("managed", "finalizers", "mode"),
    [(True, [], "direct"), (True, [FINALIZER], "operator"), (False, [], "operator"), (False, [FINALIZER], "operator")],
)
def test_the_mode_beside_an_operators_deployment(
    monkeypatch: pytest.MonkeyPatch, managed: bool, finalizers: list[str], mode: str
) -> None:
    """A Deployment with the operator's name does not make a registry in direct mode an operator's."""
    labels = dict(constants.MANAGED_BY) if managed else {}
    registry = {
        "metadata": {"name": "dockerregistry", "labels": labels},
        "spec": {"template": {"spec": {"containers": [{"name": "registry"}]}}},
    }
    cr = {"metadata": {"name": "default", "namespace": "ns", "finalizers": finalizers}, "spec": {}}
    cluster = _Cluster(None)
    live = {"Deployment": registry, "DockerRegistry": cr}
    monkeypatch.setattr(cluster, "get", lambda kind, *_: live.get(kind))
    monkeypatch.setattr(cluster, "list", lambda kind, *_, **__: [OPERATOR] if kind == "Deployment" else [])
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    result = run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result
    assert result.get("mode") == mode, result
    assert any(item["code"].startswith("operator-") or "lock" in item["code"] for item in result["findings"]) == (
        mode == "operator"
    )


def test_a_deployment_of_the_operators_name_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows no mode; a report does not fail for it."""
    cluster = _Cluster(None)
    namesake = objects.running(objects.operator_deployment("elsewhere", labels={}))
    cr = {"metadata": {"name": "default", "namespace": "ns"}, "spec": {}}
    monkeypatch.setattr(cluster, "get", lambda kind, *_: cr if kind == "DockerRegistry" else None)
    monkeypatch.setattr(cluster, "list", lambda kind, *_, **__: [namesake] if kind == "Deployment" else [])
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    result = run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result
    assert not result.get("failed") and result["mode"] is None
    assert ("mode-ambiguous", "warning") in {(item["code"], item["severity"]) for item in result["findings"]}


@pytest.mark.parametrize("mode", ["nftables", "iptables"])
def test_how_the_nodes_serve_the_port(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """As kube-proxy's ConfigMap shows it."""
    cluster = _Cluster(ONE)
    proxy = {
        "metadata": {"name": "kube-proxy"},
        "data": {"config.conf": f"kind: KubeProxyConfiguration\nmode: {mode}\n"},
    }
    monkeypatch.setattr(cluster, "list", lambda kind, *_, **__: [proxy] if kind == "ConfigMap" else [])
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    result = run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result
    assert ("node-port-localhost" in [item["code"] for item in result["findings"]]) == (mode == "nftables")


@pytest.mark.parametrize(("tag", "reported"), [("3.0.0", True), ("3.1.1", False)])
def test_faults_of_the_running_release(monkeypatch: pytest.MonkeyPatch, tag: str, reported: bool) -> None:
    """By the tag of its image, with the driver that it uses."""
    cluster = _Cluster(ONE)
    assert cluster._found is not None
    volume = {"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    container = {"name": constants.CONTAINER, "image": f"example.com/registry:{tag}"}
    cluster._found["spec"]["template"]["spec"] = {"containers": [container], "volumes": [volume]}
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    result = run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result
    assert ("registry-known-faults" in [item["code"] for item in result["findings"]]) == reported
