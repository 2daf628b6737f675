# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator left that does not run any more: only its own objects go, and only if it is known that it does not run."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import handover, mode, ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context, run_body

FINALIZER = mode.FINALIZER
OPERATORS = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
DEPLOYMENT = ("Deployment", constants.REGISTRY)
CLAIM = ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)


class _Cluster:
    """Objects by kind and name, and the writes. There is no right to list Deployments of all namespaces."""

    warnings: tuple[str, ...] = ()

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = {(item["kind"], item["metadata"]["name"]): item for item in items}
        self.deleted: list[tuple[str, str]] = []
        self.patched: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, _namespace: str | None = None) -> Any:
        return self.items.get((kind, name))

    def list_if_served(self, kind: str, _namespace: str) -> list[dict[str, Any]]:
        return [item for place, item in self.items.items() if place[0] == kind]

    def list(self, kind: str, *_namespace: str, **_: Any) -> list[Any]:
        if kind in ("ConfigMap", "Secret"):
            labels = constants.REVISION_LABEL.items()
            return [item for item in self.list_if_served(kind, "") if labels <= item["metadata"]["labels"].items()]
        if kind == "Deployment":
            raise Forbidden(kind, "cannot be listed", "Ask.")
        standard = {"storageclass.kubernetes.io/is-default-class": "true"}
        return [_object("StorageClass", "standard", annotations=standard)] if kind == "StorageClass" else []

    def delete(self, kind: str, name: str, _namespace: str, *, uid: str) -> bool:
        assert uid == "uid"
        self.deleted.append((kind, name))
        return True

    def patch(self, kind: str, name: str, _namespace: str, _body: Any, *, content_type: str) -> None:
        assert content_type == "application/merge-patch+json"
        self.patched.append((kind, name))


def _object(
    kind: str, name: str = constants.REGISTRY, labels: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    fixed = {"name": name, "namespace": "ns", "uid": "uid", "resourceVersion": "1", "labels": labels or {}}
    return {"kind": kind, "metadata": {**fixed, **more}, "spec": {}}


def _cr(*finalizers: str) -> dict[str, Any]:
    return _object("DockerRegistry", constants.CR_NAME, finalizers=list(finalizers))


def _to_direct(*items: dict[str, Any]) -> _Cluster:
    deployment = _object(*DEPLOYMENT, OPERATORS)
    cluster = _Cluster(deployment, *items)
    context = make_context({}, check_mode=False, cluster=cluster)
    try:
        handover.hand_over_to_direct_mode(context, "ns", deployment, _cr(mode.FINALIZER))
    except Refusal as refusal:
        assert {finding.code for finding in refusal.findings} == {"object-not-ours"}
        assert {finding.path for finding in refusal.findings} == {
            f"{item['kind']}/{item['metadata']['name']}" for item in items
        }
        assert (cluster.deleted, cluster.patched) == ([], [])
        raise
    return cluster


def test_what_the_operator_made_goes_or_changes_hands() -> None:
    """What its Pods need to start goes after the Deployment; a volume stays, whether the role or the operator created it, and so does an object of the role."""
    ours = _object("ServiceAccount", labels=dict(constants.MANAGED_BY))
    metrics = _object("Service", constants.METRICS_SERVICE, OPERATORS)
    cluster = _to_direct(_object("ConfigMap", constants.CONFIG_MAP, OPERATORS), metrics, ours, _object(*CLAIM))
    assert cluster.deleted == [("Service", constants.METRICS_SERVICE), DEPLOYMENT, ("ConfigMap", constants.CONFIG_MAP)]
    assert cluster.patched == [CLAIM, ("DockerRegistry", constants.CR_NAME)]


@pytest.mark.parametrize("labels", [{}, {"app.kubernetes.io/managed-by": "Helm"}])
def test_what_somebody_else_made_stays(labels: dict[str, str]) -> None:
    """It is reported before the operator's objects are touched: direct mode could not make its own beside it."""
    with pytest.raises(Refusal):
        _to_direct(_object("ServiceAccount", labels=labels), _object("PodDisruptionBudget", labels=labels))


RUNTIME_SECRET = ("Secret", f"{constants.RUNTIME_SECRET}-1")


def _direct_mode(*others: dict[str, Any]) -> _Cluster:
    """What direct mode made, without its Deployment."""
    labels = dict(constants.MANAGED_BY)
    items = [
        _object("ServiceAccount", labels=labels),
        _object("Service", constants.METRICS_SERVICE, labels),
        _object(*RUNTIME_SECRET, {**labels, **constants.REVISION_LABEL}),
    ]
    return _Cluster(*items, *others)


def test_what_pods_need_is_deleted_after_the_deployment() -> None:
    """A run that is killed in between leaves Pods that can start again, or no Deployment."""
    cluster = _direct_mode(_object(*DEPLOYMENT, dict(constants.MANAGED_BY)))
    _to_operator(cluster)
    metrics, account = ("Service", constants.METRICS_SERVICE), ("ServiceAccount", constants.REGISTRY)
    assert cluster.deleted == [metrics, DEPLOYMENT, account, RUNTIME_SECRET]


def test_the_rest_after_a_run_that_was_killed() -> None:
    """The Deployment is deleted, and the DockerRegistry was not written for operator mode."""
    cluster = _direct_mode()
    _to_operator(cluster)
    assert cluster.deleted == [("ServiceAccount", constants.REGISTRY), RUNTIME_SECRET]


def test_the_rest_without_a_docker_registry() -> None:
    """It was deleted after a run that was killed, so nothing records how far that run came."""
    for deployment in (None, _object(*DEPLOYMENT, OPERATORS)):
        cluster = _direct_mode()
        context = make_context({}, check_mode=False, cluster=cluster)
        handover.hand_over_to_operator(context, "ns", deployment, None)
        assert cluster.deleted == [("ServiceAccount", constants.REGISTRY), RUNTIME_SECRET]


def test_a_new_registry_needs_no_right_to_accounts() -> None:
    """Direct mode has left nothing: the ServiceAccount, which only annotations need, is not read."""
    cluster = _Cluster()
    context = make_context({}, check_mode=False, cluster=cluster)
    cluster.get = lambda *_arguments: pytest.fail("an object was read")  # type: ignore[method-assign]
    handover.hand_over_to_operator(context, "ns", None, None)


def test_an_operator_has_the_registry_already() -> None:
    """Nothing is even read."""
    context = make_context({}, check_mode=False)
    written = _object("DockerRegistry", constants.CR_NAME, annotations={constants.REQUESTED_STORAGE: "{}"})
    handover.hand_over_to_operator(context, "ns", _object(*DEPLOYMENT, OPERATORS), written)


def _to_operator(cluster: _Cluster) -> None:
    context = make_context({}, check_mode=False, cluster=cluster)
    handover.hand_over_to_operator(context, "ns", cluster.get(*DEPLOYMENT), _cr(mode.FINALIZER))


class _Busy(_Cluster):
    """An operator writes the claim before each of the first patches. states: what it leaves."""

    def __init__(self, deployment: dict[str, Any], claim: dict[str, Any], *states: dict[str, Any]) -> None:
        super().__init__(deployment, claim)
        self.states = list(states)

    def patch(self, kind: str, name: str, _namespace: str, body: Any, *, content_type: str) -> None:
        if self.states:
            self.items[CLAIM] = self.states.pop(0)
            raise ClusterError("cluster-precondition", kind, "was changed", "Run again.")
        assert body["metadata"]["resourceVersion"] == self.items[CLAIM]["metadata"]["resourceVersion"]
        super().patch(kind, name, _namespace, body, content_type=content_type)


def _claim(version: str, labels: dict[str, str], uid: str = "uid") -> dict[str, Any]:
    found = _object(*CLAIM, labels)
    found["metadata"].update(resourceVersion=version, uid=uid)
    return found


@pytest.mark.parametrize(("labels", "patched"), [(dict(constants.MANAGED_BY), [CLAIM]), (OPERATORS, [])])
def test_an_operator_that_writes_at_the_same_time(labels: dict[str, str], patched: list[Any]) -> None:
    """An object that it wrote last gets another owner, unless the operator owns it because of that write."""
    ours = dict(constants.MANAGED_BY)
    cluster = _Busy(_object(*DEPLOYMENT, ours), _claim("1", ours), _claim("2", ours), _claim("3", labels))
    _to_operator(cluster)
    assert cluster.patched == patched


def test_another_claim_of_that_name() -> None:
    """It is not what was read."""
    ours = dict(constants.MANAGED_BY)
    cluster = _Busy(_object(*DEPLOYMENT, ours), _claim("1", ours), _claim("2", ours, uid="other"))
    with pytest.raises(ClusterError):
        _to_operator(cluster)


PARAMS: dict[str, Any] = {
    "name": constants.CR_NAME,
    "namespace": "ns",
    "mode": "direct",
    "manifest": None,
    "storage": None,
    "logging": None,
    "labels": {},
    "volume_size": "20Gi",
    "volume_storage_class": None,
    "volume_access_modes": ["ReadWriteOnce"],
    "replicas": 1,
    "create_namespace": True,
    "environment": {},
    "accept_data_loss": "",
}


def _run(monkeypatch: pytest.MonkeyPatch, state: str, *items: dict[str, Any]) -> tuple[dict[str, Any], _Cluster]:
    cluster = _Cluster(*items)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    return run_body(
        docker_registry_storage.manage_docker_registry, {**PARAMS, "state": state}, check_mode=False
    ).result, cluster


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("shown", [["Deployment"], ["DockerRegistry"], ["Deployment", "DockerRegistry"]])
def test_an_operator_that_may_not_be_looked_for(state: str, shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever of one shows in the namespace stops direct mode, a run and a removal alike, before anything is written."""
    items = [_cr(*([mode.FINALIZER] if "DockerRegistry" in shown else []))]
    items += [_object(*DEPLOYMENT, OPERATORS)] if "Deployment" in shown else []
    result, cluster = _run(monkeypatch, state, *items)
    assert result["failed"] and (cluster.deleted, cluster.patched) == ([], [])
    reported = [item for item in result["findings"] if item["severity"] == "error"]
    assert [item["path"].partition("/")[0] for item in reported] == shown
    assert {item["code"] for item in reported} == {"operator-owns-registry"}


def test_removal_where_nothing_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to list Deployments, a removal continues if nothing shows that an operator exists."""
    result, cluster = _run(monkeypatch, "absent", _cr(), _object(*DEPLOYMENT, dict(constants.MANAGED_BY)))
    assert not result.get("failed"), result
    assert (cluster.deleted, cluster.patched) == ([("DockerRegistry", constants.CR_NAME)], [])
    assert [item["code"] for item in result["findings"]] == ["mode-unknown"]


class _Killed(Exception):
    """The run ends here."""


class _Mortal(_Cluster):
    """Stores what is written; after so many writes the run is killed."""

    def __init__(self, *items: dict[str, Any], writes: int) -> None:
        super().__init__(*copy.deepcopy(items))
        self.left = writes

    def _count(self) -> None:
        if not self.left:
            raise _Killed
        self.left -= 1

    def list(self, kind: str, *_: Any, **__: Any) -> list[Any]:
        return []

    def delete(self, kind: str, name: str, _namespace: str, *, uid: str) -> bool:
        self._count()
        del self.items[kind, name]
        return True

    def patch(self, kind: str, name: str, _namespace: str, body: Any, *, content_type: str) -> None:
        self._count()
        metadata = self.items[kind, name]["metadata"]
        for key in ("labels", "annotations"):
            merged = {**metadata.get(key, {}), **body["metadata"].get(key, {})}
            metadata[key] = {name: value for name, value in merged.items() if value is not None}


KEPT = [CLAIM, ("Secret", constants.CREDENTIALS_SECRET), ("Service", constants.REGISTRY)]
PLACES = [*KEPT, ("ServiceAccount", constants.REGISTRY), ("Service", constants.METRICS_SERVICE), DEPLOYMENT]


def _hand_over(cluster: _Mortal, *, to_operator: bool) -> None:
    context = make_context({}, check_mode=False, cluster=cluster)
    deployment = cluster.get(*DEPLOYMENT)
    # Not yet written for operator mode, or still with the operator's finalizer.
    cr: dict[str, Any] = {"metadata": {} if to_operator else {"finalizers": [FINALIZER]}}
    if to_operator:
        handover.hand_over_to_operator(context, "ns", deployment, cr)
    else:
        handover.hand_over_to_direct_mode(context, "ns", deployment, cr)


@pytest.mark.parametrize("to_operator", [True, False], ids=["to the operator", "to direct mode"])
@pytest.mark.parametrize("writes", range(len(PLACES) + 1))
def test_a_kill_at_any_write(monkeypatch: pytest.MonkeyPatch, writes: int, to_operator: bool) -> None:
    """The next run in the same mode completes it; direct mode accepts all that is left, and nothing that holds images was deleted."""
    monkeypatch.setattr(handover, "remove_finalizer", lambda *_: None)
    labels = dict(constants.MANAGED_BY) if to_operator else OPERATORS
    cluster = _Mortal(*(_object(*place, labels) for place in PLACES), writes=writes)
    with suppress(_Killed):
        _hand_over(cluster, to_operator=to_operator)
    assert set(KEPT) <= cluster.items.keys()
    left = [item for item in cluster.items.values() if not mode.is_operator_owned(item)]
    assert [ownership.check_ownership(item) for item in left] == [[]] * len(left)
    assert to_operator <= (len(left) == len(cluster.items))
    cluster.left = len(PLACES)
    _hand_over(cluster, to_operator=to_operator)
    assert cluster.items.keys() == set(KEPT)
    assert {is_managed(item) for item in cluster.items.values()} == {not to_operator}
