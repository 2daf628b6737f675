# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode without a Deployment, which a user has deleted: the operator's claim exists, and no registry can be queried."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import MANAGED_BY, REQUESTED_STORAGE
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import build_consent
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import registry_info
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import (
    decision,
    docker_registry_storage,
    writing,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import objects
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context, run_body

TOKEN = "persistentvolumeclaim/dockerregistry"
CONSENT = build_consent(TOKEN, "ns", None, {"metadata": {"uid": "2"}})
OPERATORS = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
AWAY = {"s3": {"bucket": "company-images", "region": "eu-central-1", "secretName": "keys"}}
OWN = {"pvc": {"name": "dockerregistry"}}


def _claim(labels: dict[str, str] = OPERATORS, phase: str = "Bound") -> dict[str, Any]:
    metadata = {"name": "dockerregistry", "namespace": "ns", "labels": labels, "uid": "2"}
    return {"metadata": metadata, "spec": {"accessModes": ["ReadWriteOnce"]}, "status": {"phase": phase}}


class _Cluster:
    """An operator, a DockerRegistry that it has taken up, and perhaps its claim; no registry."""

    def __init__(self, claim: dict[str, Any] | None, finalizers: list[str]) -> None:
        metadata = {"name": "default", "namespace": "ns", "uid": "1", "resourceVersion": "1", "finalizers": finalizers}
        self.cr: dict[str, Any] | None = {"metadata": metadata, "spec": {}}
        self.claim = claim
        self.deleted: list[str] = []

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        """What is there."""
        if kind == "DockerRegistry":
            return self.cr
        if kind == "PersistentVolumeClaim" and name == "dockerregistry":
            return self.claim
        if kind == "Secret" and name == "keys":
            return {
                "data": {"accessKey": "QUtJQUVYQU1QTEVFWEFNUExFMDA=", "secretKey": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnc="}
            }
        return {"metadata": {"name": name, "uid": "7"}} if kind == "Namespace" else None

    def list(self, kind: str, namespace: str | None = None, **_selectors: str) -> list[dict[str, Any]]:
        """The operator's Deployment, and the claim."""
        if kind == "Deployment":
            return [objects.running(objects.operator_deployment())]
        return [self.claim] if kind == "PersistentVolumeClaim" and self.claim else []

    def list_if_served(self, kind: str, namespace: str) -> list[dict[str, Any]]:
        """The kind is."""
        return []

    def delete(self, kind: str, name: str, namespace: str, uid: str) -> bool:
        """Notes it."""
        self.deleted.append(f"{kind}/{name}")
        self.cr = None
        return True

    def watch(self, kind: str, name: str, namespace: str, deadline: float, tick: float) -> list[Any]:
        """It is deleted at once."""
        return [self.cr]


def _run(
    monkeypatch: pytest.MonkeyPatch,
    body: Any,
    claim: dict[str, Any] | None,
    finalizers: tuple[str, ...] = (FINALIZER,),
    **options: Any,
) -> tuple[dict[str, str], _Cluster, dict[str, Any]]:
    """Code to severity, the cluster and the result."""
    cluster = _Cluster(copy.deepcopy(claim), list(finalizers))
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    spec = (
        docker_registry_storage.SPEC if body is docker_registry_storage.manage_docker_registry else registry_info.SPEC
    ).options
    params = {name: option.get("default") for name, option in spec.items()}
    result = run_body(body, {**params, "namespace": "ns", **options}, check_mode=False, secrets=()).result
    return {item["code"]: item["severity"] for item in result["findings"]}, cluster, result


@pytest.mark.parametrize("labels", [OPERATORS, {}])
@pytest.mark.parametrize("accept", ["", "true", "persistentvolumeclaim/other", TOKEN, f"{TOKEN}#00000000"])
def test_removal_is_refused(monkeypatch: pytest.MonkeyPatch, labels: dict[str, str], accept: str) -> None:
    """The operator would delete the claim with the DockerRegistry; the finding says why the content is unknown."""
    codes, cluster, result = _run(
        monkeypatch,
        docker_registry_storage.manage_docker_registry,
        _claim(labels),
        state="absent",
        accept_data_loss=accept,
    )
    assert codes == {"images-at-risk": "error"} and cluster.deleted == []
    assert "no registry serves this storage" in result["msg"] and f"accept_data_loss: '{CONSENT}'" in result["msg"]
    assert ("does not match the current state" in result["msg"]) == bool(accept)
    assert "restart" in result["msg"]


@pytest.mark.parametrize(
    ("claim", "finalizers", "accept"),
    [
        (_claim(), (FINALIZER,), CONSENT),
        (None, (FINALIZER,), ""),
        (_claim(phase="Pending"), (FINALIZER,), ""),
        (_claim(MANAGED_BY), (), ""),
    ],
    ids=["accepted", "no claim", "never bound", "the operator has had nothing to do with it"],
)
def test_removal_goes_on(
    monkeypatch: pytest.MonkeyPatch, claim: dict[str, Any] | None, finalizers: tuple[str, ...], accept: str
) -> None:
    """The loss is accepted by name, or there is nothing that the operator could delete."""
    codes, cluster, _result = _run(
        monkeypatch,
        docker_registry_storage.manage_docker_registry,
        claim,
        finalizers,
        state="absent",
        accept_data_loss=accept,
    )
    assert "images-at-risk" not in codes and cluster.deleted == ["DockerRegistry/default"]


@pytest.mark.parametrize(
    ("claim", "finalizers"), [(_claim(MANAGED_BY), (FINALIZER,)), (_claim(), ()), (_claim({}), ())]
)
def test_either_sign_of_the_operator_counts(
    monkeypatch: pytest.MonkeyPatch, claim: dict[str, Any], finalizers: tuple[str, ...]
) -> None:
    """Its finalizer on the DockerRegistry, or a claim that is not of direct mode."""
    codes, cluster, _result = _run(
        monkeypatch, docker_registry_storage.manage_docker_registry, claim, finalizers, state="absent"
    )
    assert codes == {"images-at-risk": "error"} and cluster.deleted == []


@pytest.mark.parametrize("accept", ["", CONSENT])
def test_the_operators_own_claim_is_not_the_users(monkeypatch: pytest.MonkeyPatch, accept: str) -> None:
    """The operator deletes it as soon as the DockerRegistry specifies it. A consent does not change that."""
    options = {"state": "validated", "storage": OWN, "accept_data_loss": accept}
    codes, _cluster, _result = _run(monkeypatch, docker_registry_storage.manage_docker_registry, _claim(), **options)
    assert codes["operator-own-claim"] == "error"


@pytest.mark.parametrize("labels", [{}, MANAGED_BY])
def test_a_claim_of_that_name_may_be_the_users(monkeypatch: pytest.MonkeyPatch, labels: dict[str, str]) -> None:
    """Without the operator's label, the claim is not the operator's."""
    codes, _cluster, result = _run(
        monkeypatch, docker_registry_storage.manage_docker_registry, _claim(labels), state="validated", storage=OWN
    )
    assert "error" not in codes.values() and result["storage_id"] == TOKEN


@pytest.mark.parametrize(
    ("accept", "code", "severity"),
    [("", "images-at-risk", "error"), (TOKEN, "images-at-risk", "error"), (CONSENT, "data-loss-accepted", "warning")],
)
def test_a_switch_is_judged_by_the_guard(
    monkeypatch: pytest.MonkeyPatch, accept: str, code: str, severity: str
) -> None:
    """Its finding has the name that would be accepted."""
    options = {"state": "validated", "storage": AWAY, "accept_data_loss": accept}
    codes, _cluster, _result = _run(monkeypatch, docker_registry_storage.manage_docker_registry, _claim(), **options)
    assert codes[code] == severity and "operator-deletes-volume" not in codes


def test_an_unbound_claim_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A switch away from it is free."""
    codes, _cluster, result = _run(
        monkeypatch,
        docker_registry_storage.manage_docker_registry,
        _claim(phase="Pending"),
        state="validated",
        storage=AWAY,
    )
    assert "error" not in codes.values() and result["storage_type"] == "s3"


@pytest.mark.parametrize(("labels", "reported"), [(OPERATORS, True), ({}, False)])
def test_info_warns_of_the_deletion(monkeypatch: pytest.MonkeyPatch, labels: dict[str, str], reported: bool) -> None:
    """As long as the operator's claim is there."""
    codes, _cluster, _result = _run(monkeypatch, registry_info.read_registry_info, _claim(labels))
    assert ("operator-deletion-takes-volume" in codes) == reported and codes["registry-missing"] == "warning"


class _Writes(_Cluster):
    """As above, with a registry that runs in direct mode; notes every write. The operator takes the DockerRegistry that it sees, or does not."""

    def __init__(self, registry: dict[str, Any] | None, *, exists: bool, reacts: bool) -> None:
        super().__init__(None, [])
        self.registry, self.reacts = registry, reacts
        self.fresh: dict[str, Any] = {**self.cr, "kind": "DockerRegistry"} if self.cr else {}
        self.cr = self.fresh if exists else None
        self.writes: list[str] = []
        self.recorded: list[bool] = []

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        if kind == "Deployment":
            return self.registry
        found = super().get(kind, name, namespace)
        if found and name == "keys":
            # The operator would split this value, so it needs its own Secret.
            return {"data": {**found["data"], "secretKey": "YWJjZGVmZ2hpamtsbW5vcHFyc3QsdXZ3"}}
        return found

    def serves(self, *_: Any) -> bool:
        return True

    def apply(self, obj: dict[str, Any], **_: Any) -> Applied:
        self.writes.append(f"apply {obj['kind']}/{obj['metadata']['name']}")
        if obj["kind"] == "DockerRegistry":
            self.cr = {**self.fresh, "spec": obj["spec"]}
            self.recorded.append(REQUESTED_STORAGE in obj["metadata"]["annotations"])
            return Applied(self.cr, True)
        return Applied(obj, True)

    def delete(self, kind: str, name: str, namespace: str, uid: str, resource_version: str | None = None) -> bool:
        self.writes.append(f"delete {kind}/{name}")
        return True

    def watch(self, kind: str, name: str, namespace: str, deadline: float, tick: float) -> list[Any]:
        self.writes.append("wait")
        taken = {"metadata": {"name": "default", "namespace": "ns", "finalizers": [FINALIZER]}}
        return [taken] if self.reacts else [self.cr]


WRITTEN = ["apply Secret/dockerregistry-storage-operator", "apply DockerRegistry/default"]
# The consent, before the Deployment that it fits is deleted.
RECORD = ["apply DockerRegistry/default"]
HANDED_OVER = ["delete Deployment/dockerregistry"]


@pytest.mark.parametrize(
    ("registry", "exists", "reacts", "writes"),
    [
        (False, False, True, [*WRITTEN, "wait"]),
        (False, False, False, [*WRITTEN, "wait", "delete DockerRegistry/default"]),
        (True, True, True, ["wait", *RECORD, *HANDED_OVER, *WRITTEN]),
        (True, True, False, ["wait"]),
        (True, False, True, [*WRITTEN, "wait", *HANDED_OVER, *RECORD]),
        (True, False, False, [*WRITTEN, "wait", "delete DockerRegistry/default"]),
    ],
    ids=["new", "new, no reaction", "direct", "direct, no reaction", "no DockerRegistry", "neither"],
)
def test_an_operator_is_given_what_it_reacts_to(
    monkeypatch: pytest.MonkeyPatch, registry: bool, exists: bool, reacts: bool, writes: list[str]
) -> None:
    """A registry that runs is not touched before."""
    labels, volume = dict(MANAGED_BY), {"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    metadata = {"name": "dockerregistry", "namespace": "ns", "uid": "3", "labels": labels, "generation": 1}
    container = {"name": "docker-registry", "env": []}
    template = {"spec": {"containers": [container], "volumes": [volume]}}
    deployment = {"kind": "Deployment", "metadata": metadata, "spec": {"template": template}}
    cluster = _Writes(deployment if registry else None, exists=exists, reacts=reacts)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    monkeypatch.setattr(writing, "maintenance_window", lambda *call: nullcontext(call[2]))
    params = {name: option.get("default") for name, option in docker_registry_storage.SPEC.options.items()}
    given = {**params, "namespace": "ns", "mode": "operator", "storage": AWAY}
    if registry:
        given["accept_data_loss"] = build_consent(TOKEN, "ns", deployment, None)
    result = run_body(docker_registry_storage.manage_docker_registry, given, check_mode=False, secrets=()).result
    codes = [item["code"] for item in result["findings"] if item["severity"] == "error"]
    assert codes == ([] if reacts else ["operator-not-reacting"]), result
    assert cluster.writes == writes
    # A run that is killed before the Deployment is deleted, and what only it used, is completed by the next one.
    if registry and not exists:
        assert cluster.recorded == ([False, True] if reacts else [False])


@pytest.mark.parametrize(
    ("operator", "given", "where"),
    [
        (False, {"chunksize": 2**30}, "registry_driver_parameters.chunksize"),
        (False, {}, "storage.gcs.chunksize"),
        (True, {}, None),
    ],
    ids=["driver parameter", "field", "operator"],
)
def test_uploads_that_do_not_fit_into_memory(operator: bool, given: dict[str, int], where: str | None) -> None:
    """The place is the user's. An operator decides the limit by itself, and the option is not looked at."""
    store = Store("gcs", "gcs", {"bucket": "images", "chunksize": 2**30}, "gcs/images")
    container = {"name": "docker-registry", "resources": {"limits": {"memory": "16Gi"}}}
    context = make_context({"driver_parameters": given, "memory_limit": "800Mi"})
    found = docker_registry_storage._check_memory(
        cast("Context", context),
        cast("Any", SimpleNamespace(resolved=SimpleNamespace(path="storage.gcs"))),
        cast("Any", SimpleNamespace(deployment={"spec": {"template": {"spec": {"containers": [container]}}}})),
        cast("Any", SimpleNamespace(is_operator=operator)),
        store,
    )
    assert [item.path for item in found] == ([where] if where else [])


def _registry(managed: bool) -> dict[str, Any]:
    metadata = {"name": "dockerregistry", "namespace": "ns", "labels": MANAGED_BY if managed else OPERATORS}
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    return {"metadata": metadata, "spec": {"template": {"spec": {"containers": [], "volumes": [volume]}}}}


@pytest.mark.parametrize(
    ("managed", "direct", "wanted", "check_mode", "opened"),
    [
        (False, False, "s3/r/b", False, True),
        (True, False, "s3/r/b", False, True),
        (False, True, "s3/r/b", False, True),
        (True, True, "s3/r/b", False, False),
        (False, False, TOKEN, False, False),
        (False, False, "s3/r/b", True, False),
        (None, False, "s3/r/b", False, False),
    ],
    ids=["operator", "to the operator", "to direct mode", "direct mode", "same storage", "check mode", "no Deployment"],
)
def test_when_a_maintenance_window_is_opened(
    monkeypatch: pytest.MonkeyPatch, managed: bool | None, direct: bool, wanted: str, check_mode: bool, opened: bool
) -> None:
    """For a switch with an operator, and for one that hands the registry over. Direct mode switches with its Deployment."""
    calls: list[Any] = []

    def window(_context: Context, namespace: str, deployment: Any, _judge: Any) -> Any:
        calls.append((namespace, deployment))
        return nullcontext("read-only")

    monkeypatch.setattr(writing, "maintenance_window", window)
    deployment = None if managed is None else _registry(managed)
    context = make_context({}, check_mode, cluster=_Cluster(None, []))
    desired, current = SimpleNamespace(namespace="ns"), SimpleNamespace(deployment=deployment)
    store, plan = SimpleNamespace(storage_id=wanted), None if direct else SimpleNamespace()
    decided = SimpleNamespace(desired=desired, current=current, store=store, operator_plan=plan)
    with writing._switch_window(context, cast(decision.Decision, decided)) as found:
        assert found == ("read-only" if opened else deployment)
    assert calls == ([("ns", deployment)] if opened else [])


@pytest.mark.parametrize(
    ("operator", "labels", "image"),
    [(False, MANAGED_BY, "given:3.1.2"), (True, OPERATORS, "running:3.1.0"), (True, MANAGED_BY, "")],
    ids=["direct mode", "operator", "hand-over to an operator"],
)
def test_the_image_that_will_run(operator: bool, labels: dict[str, str], image: str) -> None:
    """Driver parameters are checked against it, so that of a Deployment that is handed over does not count."""
    container = {"name": "docker-registry", "image": "running:3.1.0"}
    deployment = {"metadata": {"labels": labels}, "spec": {"template": {"spec": {"containers": [container]}}}}
    current: Any = SimpleNamespace(deployment=deployment)
    mode: Any = SimpleNamespace(is_operator=operator)
    assert (
        docker_registry_storage._image(make_context({"image": "given:3.1.2"}, check_mode=False), current, mode) == image
    )


@pytest.mark.parametrize(
    ("state", "words"), [("validated", "Nothing was changed."), ("present", "The storage was not switched.")]
)
def test_a_rejection_before_the_switch(monkeypatch: pytest.MonkeyPatch, state: str, words: str) -> None:
    """With state present, a run of the role has written the storage Secret by then."""
    given: list[str] = []
    monkeypatch.setattr(decision, "guard_images", lambda _context, **options: given.append(options["outcome"]))
    context = make_context({"state": state, "accept_data_loss": ""}, check_mode=False, cluster=object())
    desired: Any = SimpleNamespace(namespace="ns", name="default", path="storage")
    current: Any = SimpleNamespace(cr=None, deployment=None, default_claim=None)
    store = SimpleNamespace(storage_id="s3/r/b")
    decided = SimpleNamespace(desired=desired, current=current, store=store)
    decision.guard(context, cast(decision.Decision, decided))
    assert given == [words]
