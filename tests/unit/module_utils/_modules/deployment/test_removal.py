# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment, state absent: the volume is deleted with the consent that fits, before the Deployment that it fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import build_consent
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import ImageCount
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import (
    registry_deployment,
    removal,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import OPERATOR
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body

VOLUME = "persistentvolumeclaim/dockerregistry"
CLAIM, DEPLOYMENT = "PersistentVolumeClaim/dockerregistry", "Deployment/dockerregistry"


def _object(kind: str, uid: str, **metadata: Any) -> dict[str, Any]:
    named = {"name": "dockerregistry", "namespace": "ns", "uid": uid, "generation": 2, "labels": constants.MANAGED_BY}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}]
    return {"kind": kind, "metadata": {**named, **metadata}, "spec": {"template": {"spec": {"volumes": volumes}}}}


CONSENT = build_consent(VOLUME, "ns", _object("Deployment", "1"), None)
WITHOUT_DEPLOYMENT = build_consent(VOLUME, "ns", None, _object("PersistentVolumeClaim", "2"))


class _Cluster:
    def __init__(self, objects: dict[str, dict[str, Any]]) -> None:
        self._objects, self.deleted = objects, list[str]()

    def get(self, kind: str, name: str, _namespace: str) -> dict[str, Any] | None:
        return self._objects.get(f"{kind}/{name}")

    def list_if_served(self, _kind: str, _namespace: str) -> list[dict[str, Any]]:
        return []

    def list(self, _kind: str, _namespace: str, **_selectors: str) -> Sequence[dict[str, Any]]:
        return []

    def delete(self, kind: str, name: str, _namespace: str, *, uid: str) -> bool:
        assert uid
        self.deleted.append(f"{kind}/{name}")
        return True


def _remove(
    monkeypatch: pytest.MonkeyPatch, objects: dict[str, dict[str, Any]], accept: str, *, check: bool = False
) -> tuple[list[str], dict[str, Any]]:
    """What is deleted, and the result."""
    cluster = _Cluster(objects)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    monkeypatch.setattr(removal, "count_images", lambda *_arguments: ImageCount(True, 3))
    defaults = {name: option.get("default") for name, option in registry_deployment.SPEC.options.items()}
    params = {**defaults, "namespace": "ns", "state": "absent", "accept_data_loss": accept}
    result = run_body(registry_deployment.manage_deployment, params, check_mode=check, secrets=()).result
    return cluster.deleted, result


def _both(**claim: Any) -> dict[str, dict[str, Any]]:
    return {DEPLOYMENT: _object("Deployment", "1"), CLAIM: _object("PersistentVolumeClaim", "2", **claim)}


def test_the_volume_is_deleted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that dies after it is done again with the same consent."""
    assert _remove(monkeypatch, _both(), CONSENT)[0] == [CLAIM, DEPLOYMENT]
    leaving = _both(deletionTimestamp="2026-01-01T00:00:00Z")
    deleted, result = _remove(monkeypatch, leaving, CONSENT)
    assert deleted == [DEPLOYMENT] and result["findings"] == []
    del leaving[DEPLOYMENT]
    assert _remove(monkeypatch, leaving, CONSENT)[1]["findings"] == []
    assert _remove(monkeypatch, {}, CONSENT)[1]["findings"] == []


@pytest.mark.parametrize("objects", [_both(), {}], ids=["a volume", "no volume"])
def test_nothing_is_deleted_with_a_wrong_consent(
    monkeypatch: pytest.MonkeyPatch, objects: dict[str, dict[str, Any]]
) -> None:
    """Also nothing of a preflight that was interrupted: the message says that nothing was changed."""
    policy = f"NetworkPolicy/{constants.PREFLIGHT}"
    left = {policy: {"kind": "NetworkPolicy", "metadata": {"name": constants.PREFLIGHT, "namespace": "ns", "uid": "3"}}}
    left[policy]["metadata"]["labels"] = constants.MANAGED_BY
    deleted, result = _remove(monkeypatch, {**objects, **left}, "another")
    assert deleted == [] and result["msg"].count("Nothing was changed.") == 1
    assert policy in _remove(monkeypatch, {**objects, **left}, "")[0]


@pytest.mark.parametrize(
    ("labels", "deleted"), [({}, [CLAIM, DEPLOYMENT]), ({"app.kubernetes.io/managed-by": OPERATOR}, [DEPLOYMENT])]
)
def test_after_a_killed_hand_over(monkeypatch: pytest.MonkeyPatch, labels: dict[str, str], deleted: list[str]) -> None:
    """What was handed over and never taken is removed; what an operator has taken since is not."""
    objects = _both(labels=labels, annotations={constants.HANDED_OVER: "true"})
    assert _remove(monkeypatch, objects, CONSENT)[0] == deleted


@pytest.mark.parametrize("accept", [VOLUME, "yes", f"{VOLUME}#00000000", WITHOUT_DEPLOYMENT])
def test_another_text_is_rejected(monkeypatch: pytest.MonkeyPatch, accept: str) -> None:
    """Nothing is deleted, and the finding offers the consent that fits."""
    deleted, result = _remove(monkeypatch, _both(), accept)
    assert deleted == [] and [item["code"] for item in result["findings"]] == ["accept-unknown"]
    assert f"accept_data_loss: '{CONSENT}'" in result["msg"]


@pytest.mark.parametrize("accept", [VOLUME, "yes", "s3/r/b#00000000"])
def test_without_a_volume_there_is_nothing_to_accept(monkeypatch: pytest.MonkeyPatch, accept: str) -> None:
    """What could never have been a consent to delete it is rejected as well."""
    deleted, result = _remove(monkeypatch, {DEPLOYMENT: _object("Deployment", "1")}, accept)
    assert deleted == [] and [item["code"] for item in result["findings"]] == ["accept-unknown"]


@pytest.mark.parametrize(("check", "offered"), [(False, WITHOUT_DEPLOYMENT), (True, CONSENT)])
def test_the_kept_volume_names_the_consent_that_fits_next(
    monkeypatch: pytest.MonkeyPatch, check: bool, offered: str
) -> None:
    """The run removes the Deployment, unless it is in check mode."""
    _deleted, result = _remove(monkeypatch, _both(), "", check=check)
    (finding,) = result["findings"]
    assert finding["code"] == "volume-kept" and f"accept_data_loss: '{offered}'" in finding["remedy"]
    if not check:
        left = {CLAIM: _both()[CLAIM]}
        assert _remove(monkeypatch, left, offered)[0] == [CLAIM]
