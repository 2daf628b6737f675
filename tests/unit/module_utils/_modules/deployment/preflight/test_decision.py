# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a new configuration is tested before it is used."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight import (
    decision,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.admission import (
    NoRoomError,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.pod_objects import (
    Preflight,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Object = dict[str, Any]

RECORDED = json.loads((Path(__file__).parents[3] / "_k8s" / "apply" / "live_objects.json").read_text())
# A Deployment as it was applied, and as a real API server returned it.
APPLIED, LIVE = next((item["applied"], item["live"]) for item in RECORDED if item["applied"]["kind"] == "Deployment")
VOLUME = Store("filesystem", "filesystem", {}, "persistentvolumeclaim/dockerregistry", claim="dockerregistry")
STORE = Store("s3", "s3", {}, "s3/eu-central-1/images")
IMAGE = "registry:1"


def _registry(fingerprint: str, image: str = IMAGE) -> Object:
    annotations = {f"{constants.PREFIX}/store-fingerprint": fingerprint}
    container = {"name": constants.CONTAINER, "image": image, "env": [{"name": "A", "value": "1"}]}
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [container]}}
    return {
        "kind": "Deployment",
        "metadata": {"name": constants.REGISTRY, "namespace": "ns"},
        "spec": {"template": template},
    }


@pytest.mark.parametrize(
    ("live", "mark", "tried"),
    [
        (None, "new", True),
        (_registry("new"), "new", False),
        (_registry("old"), "new", True),
        (_registry("new", "registry:2"), "new", True),
        (_registry("new"), None, True),
    ],
    ids=["first", "same", "other-store", "other-image", "no-fingerprint"],
)
def test_a_store_is_tried_unless_the_registry_uses_it(
    live: Object | None, mark: str | None, tried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other keys or another image are as untried as another bucket."""
    assert _tested(monkeypatch, live, _registry("new"), STORE, fingerprint=mark) is tried


def _tested(
    monkeypatch: pytest.MonkeyPatch,
    live: Object | None,
    wanted: Object,
    store: Store,
    *,
    fingerprint: str | None = None,
    check: bool = False,
) -> bool:
    """Whether a preflight ran. Check mode only reports that one would."""
    seen: list[Preflight] = []
    monkeypatch.setattr(decision, "remove_preflight", lambda context, namespace: None)

    def run(context: Context, preflight: Preflight) -> None:
        seen.append(preflight)
        context.result["preflight_run"] = True

    monkeypatch.setattr(decision, "run_preflight", run)
    cluster = SimpleNamespace(get=lambda kind, name, namespace: live if kind == "Deployment" else None)
    context = make_context({"namespace": "ns", "manifest": None}, check, cluster=cluster)
    decision.preflight_changes(context, {object_catalog.DEPLOYMENT: wanted}, store, fingerprint, None)
    assert context.result["preflight_run"] is bool(seen)
    assert [item.store.storage_id for item in seen] == ([store.storage_id] if seen else [])
    planned = [item.code for item in context.findings] == ["preflight-planned"]
    assert not (planned and seen) and (check or not planned)
    return bool(seen) or planned


def test_no_preflight_for_a_first_deployment_on_a_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Pod ends for it, and the rollout says as much."""
    assert not _tested(monkeypatch, None, APPLIED, VOLUME)


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("containers", 0, "image"), "registry:2"),
        (("containers", 0, "resources"), {"limits": {"memory": "1Gi"}}),
        (("securityContext", "runAsUser"), 4242),
    ],
    ids=["image", "resources", "ids"],
)
def test_a_changed_pod_on_a_volume(
    path: tuple[str | int, ...], value: Any, check: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever changes the Pod template: with a volume the running Pod may end before the new one starts."""
    assert not _tested(monkeypatch, LIVE, APPLIED, VOLUME, check=check)
    changed = copy.deepcopy(APPLIED)
    part = changed["spec"]["template"]["spec"]
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    assert _tested(monkeypatch, LIVE, changed, VOLUME, check=check)


def test_a_number_of_replicas_is_not_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes no Pod."""
    changed = {**APPLIED, "spec": {**APPLIED["spec"], "replicas": 7}}
    assert not _tested(monkeypatch, LIVE, changed, VOLUME)


def test_no_room_beside_the_running_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """The preflight is left out with a warning: the new Pod has the room of the one that it replaces."""

    def full(_context: Context, _preflight: Preflight) -> None:
        raise NoRoomError("0/1 nodes are available")

    changed = copy.deepcopy(APPLIED)
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = "registry:2"
    monkeypatch.setattr(decision, "remove_preflight", lambda context, namespace: None)
    monkeypatch.setattr(decision, "run_preflight", full)
    cluster = SimpleNamespace(get=lambda kind, name, namespace: LIVE)
    context = make_context({"namespace": "ns", "manifest": None}, False, cluster=cluster)
    decision.preflight_changes(context, {object_catalog.DEPLOYMENT: changed}, VOLUME, None, None)
    assert [(item.code, item.severity) for item in context.findings] == [("preflight-skipped", "warning")]
    assert context.result["preflight_run"] is False


@pytest.mark.parametrize(
    ("store", "previous", "verified"),
    [
        (STORE, None, False),
        (STORE, _registry("new"), True),
        (STORE, _registry("old"), False),
        (STORE, _registry("new", "registry:2"), False),
        (Store("filesystem", "pvc", {}, "persistentvolumeclaim/images", claim="images"), None, True),
    ],
    ids=["first", "same", "other keys", "other image", "volume"],
)
def test_a_rollout_verifies_what_was_verified_before(store: Store, previous: Object | None, verified: bool) -> None:
    """Distribution is ready with keys that the store rejects, so without a verification they stay unverified."""
    assert decision.is_store_verified(store, _registry("new"), previous) is verified
