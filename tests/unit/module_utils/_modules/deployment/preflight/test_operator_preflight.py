# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: when an object store is tested, and what is said without the rights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import encoded_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight import (
    operator_preflight,
    run_preflight,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.plan import OperatorPlan
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import ResolvedStore
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import predict
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Object = dict[str, Any]

CASE = operator_cases.CASES["s3"]
STORE = Store("s3", "s3", {"bucket": "images", "region": "eu-central-1"}, "s3/eu-central-1/images")
VOLUME = Store("filesystem", "filesystem", {}, "persistentvolumeclaim/dockerregistry", claim="dockerregistry")
KEYS = {"s3AccessKey": b"key", "s3SecretKey": b"secret"}
PLAN = OperatorPlan(CASE.storage, predict(CASE.storage, CASE.secret, "0.15.0"), None, KEYS)


def _live() -> Object:
    live = copy.deepcopy(CASE.live_deployment())
    live["kind"] = "Deployment"
    live["metadata"] = {
        "name": constants.REGISTRY,
        "namespace": "ns",
        "labels": live["metadata"]["labels"],
        "annotations": {constants.STORAGE_ID: STORE.storage_id},
    }
    return live


def _overlay() -> Object:
    document = overlay.empty_overlay("ns")
    document["metadata"]["annotations"] = {constants.STORAGE_ID: STORE.storage_id}
    return document


def _nothing(_live: Object, _overlay: Object, _secret: dict[str, bytes]) -> None:
    """The run changes nothing."""


def _other_keys(_live: Object, _overlay: Object, secret: dict[str, bytes]) -> None:
    secret["s3SecretKey"] = b"former"


def _other_storage(live: Object, _overlay: Object, _secret: dict[str, bytes]) -> None:
    live["metadata"]["annotations"][constants.STORAGE_ID] = "s3/eu-central-1/former"


def _other_authorities(_live: Object, document: Object, _secret: dict[str, bytes]) -> None:
    document["spec"] = {"template": {"metadata": {"annotations": {overlay.CA_CHECKSUM: "new"}}}}


def _other_variable(_live: Object, document: Object, _secret: dict[str, bytes]) -> None:
    container = {"name": constants.CONTAINER, "env": [{"name": "GREETING", "value": "hello"}]}
    document["spec"] = {"template": {"spec": {"containers": [container]}}}


def _of_direct_mode(live: Object, _overlay: Object, secret: dict[str, bytes]) -> None:
    live["metadata"]["labels"] = dict(constants.MANAGED_BY)
    secret.clear()


def _context(live: Object | None, secret: dict[str, bytes]) -> Context:
    found = {"Deployment": live, "Secret": {"data": encoded_data(secret)}}
    params = {"namespace": "ns", "name": "default", "manifest": None, "ca_bundle": None, "environment": {}}
    cluster = SimpleNamespace(get=lambda kind, _name, _namespace: found.get(kind))
    return make_context({**params, "objects": []}, False, cluster=cluster)


@pytest.mark.parametrize(
    ("change", "store", "tested"),
    [
        (_nothing, STORE, False),
        (_other_keys, STORE, True),
        (_other_storage, STORE, True),
        (_other_authorities, STORE, True),
        (_other_variable, STORE, True),
        (_of_direct_mode, STORE, False),
        (_other_keys, VOLUME, False),
    ],
)
def test_what_is_tested(
    change: Callable[[Object, Object, dict[str, bytes]], None],
    store: Store,
    tested: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the registry that the operator deployed does not use. The image of direct mode's is not the operator's."""
    live, document, secret = _live(), _overlay(), dict(KEYS)
    change(live, document, secret)
    seen: list[Any] = []
    monkeypatch.setattr(operator_preflight, "run_or_plan", lambda _context, preflight: seen.append(preflight))
    monkeypatch.setattr(operator_preflight.deploy, "plan_overlay", lambda *_arguments: (PLAN, document, ()))
    context = _context(live, secret)
    operator_preflight.preflight_with_operator(context, None, ResolvedStore(store))  # type: ignore[arg-type]
    assert bool(seen) is tested
    assert context.result == {"preflight_run": False}, "the preflight notes that it passed"


def test_no_preflight_before_the_first_deployment() -> None:
    """The operator decides the image."""
    context = _context(None, {})
    operator_preflight.preflight_with_operator(context, None, ResolvedStore(STORE))  # type: ignore[arg-type]
    assert context.result == {"preflight_run": False} and not context.findings


@pytest.mark.parametrize("denied", [False, True], ids=["right", "policy"])
def test_without_the_rights(denied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right that is missing is a warning. So is a policy that denies the request."""

    def forbid(*_arguments: object) -> None:
        raise Forbidden("Pod/x", "the user eve is not allowed to create pods.", "Grant it.", denied=denied)

    monkeypatch.setattr(operator_preflight, "remove_preflight", forbid)
    context = _context(None, {})
    if denied:
        with pytest.raises(Forbidden):
            operator_preflight.preflight_with_operator(context, None, ResolvedStore(STORE))  # type: ignore[arg-type]
        return
    operator_preflight.preflight_with_operator(context, None, ResolvedStore(STORE))  # type: ignore[arg-type]
    (found,) = context.findings
    assert (found.code, found.severity) == ("preflight-skipped", "warning")
    assert "eve is not allowed to create pods" in found.message and "operator-preflight.yml" in found.remedy


class _Undeletable:
    """A cluster that creates what a preflight needs, and whose user may not delete Pods."""

    def __init__(self, live: Object) -> None:
        self.live = live
        self.there: dict[tuple[str, str], Object] = {}

    def get(self, kind: str, name: str, _namespace: str) -> Object | None:
        return self.live if kind == "Deployment" else self.there.get((kind, name))

    def create(self, obj: Object, **_options: Any) -> Object:
        assert (obj["kind"], obj["metadata"]["name"]) not in self.there
        made = {**obj, "metadata": {**obj["metadata"], "uid": "u"}}
        self.there[obj["kind"], obj["metadata"]["name"]] = made
        return made

    def delete(self, kind: str, name: str, _namespace: str, uid: str) -> bool:
        if kind == "Pod":
            raise Forbidden("Pod/x", "the user eve is not allowed to delete pods.", "Grant it.")
        return self.there.pop((kind, name))["metadata"]["uid"] == uid

    def port_forward(self, *_: Any) -> Any:
        return nullcontext()


@pytest.mark.parametrize("passes", [True, False])
def test_without_the_right_to_delete(passes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A preflight that has passed has tested the configuration; one that failed still ends the run, with its cause first."""

    def test(*_arguments: object) -> None:
        if not passes:
            raise Refusal([error("store-credentials", "registry_storage", "wrong key.", "Correct it.")])

    cluster = _Undeletable(_live())
    context = _context(None, {})
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    monkeypatch.setattr(operator_preflight.deploy, "plan_overlay", lambda *_arguments: (PLAN, _overlay(), ()))
    monkeypatch.setattr(run_preflight, "await_start", lambda *_arguments, **_options: None)
    monkeypatch.setattr(run_preflight, "_test", test)
    if not passes:
        with pytest.raises(Refusal) as caught:
            operator_preflight.preflight_with_operator(context, None, ResolvedStore(STORE))  # type: ignore[arg-type]
        assert [item.code for item in caught.value.findings] == ["store-credentials", "cluster-forbidden"]
        return
    operator_preflight.preflight_with_operator(context, None, ResolvedStore(STORE))  # type: ignore[arg-type]
    (found,) = context.findings
    assert (found.code, found.severity) == ("preflight-left", "warning") and context.result["preflight_run"]
    assert "passed" in found.message and "eve is not allowed to delete pods" in found.message
    # Its credentials are deleted first.
    assert ("Secret", constants.PREFLIGHT) not in cluster.there and ("Pod", constants.PREFLIGHT) in cluster.there
    # The next run cannot remove the rest either, so it makes no preflight.
    operator_preflight.preflight_with_operator(context, None, ResolvedStore(STORE))  # type: ignore[arg-type]
    assert context.findings[-1].code == "preflight-skipped" and context.result["preflight_run"] is False


POLICY = {"metadata": {"name": constants.PREFLIGHT, "labels": dict(constants.MANAGED_BY)}}


@pytest.mark.parametrize(
    ("read", "removed", "codes"),
    [
        (None, None, []),
        (Forbidden("NetworkPolicy", "", ""), None, []),
        (POLICY, None, []),
        (POLICY, Forbidden("NetworkPolicy", "cannot delete", ""), ["preflight-left"]),
    ],
    ids=["none", "no right to read", "left", "no right to delete"],
)
def test_an_interrupted_preflight(
    read: Any, removed: Forbidden | None, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run without a preflight removes it too. The rights for a preflight are optional."""
    calls: list[str] = []

    def remove(_context: Context, namespace: str) -> None:
        calls.append(namespace)
        if removed is not None:
            raise removed

    def get(*_place: str) -> Any:
        if isinstance(read, Forbidden):
            raise read
        return read

    monkeypatch.setattr(operator_preflight, "remove_preflight", remove)
    cluster: Any = SimpleNamespace(get=get)
    context = make_context({"namespace": "ns"}, check_mode=False, cluster=cluster)
    operator_preflight.remove_left_preflight(context)
    assert calls == (["ns"] if read is POLICY else [])
    assert [(item.code, item.severity) for item in context.findings] == [(code, "warning") for code in codes]
