# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The maintenance window: what is written when, what a rejection and a kill leave, and when there is none."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import maintenance_window
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    clear_record,
    was_closed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    closed_document,
    is_open,
    keep_record,
    read_only_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import empty_overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import READ_ONLY_VARIABLE
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Deployment = dict[str, Any]


def _deployment(storage_id: str) -> Deployment:
    metadata = {
        "name": constants.REGISTRY,
        "namespace": "ns",
        "uid": "1",
        "annotations": {constants.STORAGE_ID: storage_id},
    }
    container = {"name": constants.CONTAINER, "image": "registry", "env": [{"name": "A", "value": "1"}]}
    template = {"metadata": {"labels": {"app": "docker-registry"}}, "spec": {"containers": [container]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}


FORMER, NEW = _deployment("former"), _deployment("new")


class _KilledError(BaseException):
    """The run ends here, and nothing of it is executed any more."""


class _Cluster:
    """One Deployment, whose rollouts are complete at once; every write can be the last one of a run."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment: Deployment | None = copy.deepcopy(deployment)
        self.writes = 0
        self.last = -1

    def get(self, kind: str, _name: str, _namespace: str) -> Deployment | None:
        return copy.deepcopy(self.deployment) if kind == "Deployment" else None

    def apply(self, document: Deployment, *, live: Deployment | None, force: bool, dry_run: bool = False) -> Applied:
        assert not dry_run
        self._write(copy.deepcopy(document))
        return Applied(document, True, [])

    def patch(self, _kind: str, _name: str, _namespace: str, patch: Any, *, content_type: str) -> Deployment:
        assert self.deployment is not None and patch["metadata"]["uid"] == "1"
        changed = copy.deepcopy(self.deployment)
        for name, value in patch["metadata"]["annotations"].items():
            assert value is None
            del changed["metadata"]["annotations"][name]
        self._write(changed)
        return changed

    def _write(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.writes += 1
        if self.writes == self.last:
            raise _KilledError

    @property
    def state(self) -> tuple[str, bool, bool]:
        """Storage ID, whether pushes are rejected, whether a window is recorded."""
        assert self.deployment is not None
        storage_id = self.deployment["metadata"]["annotations"][constants.STORAGE_ID]
        return storage_id, is_open(self.deployment), read_only_since(self.deployment) is not None


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> _Cluster:
    """The registry accepts pushes as long as no window is open."""
    found = _Cluster(FORMER)

    @contextmanager
    def connect(_context: Context, _namespace: str, _wait: float = 0) -> Iterator[Any]:
        class _Registry:
            api = found

        yield _Registry()

    def rollout(*_arguments: Any, **_options: Any) -> Deployment:
        return found.get("Deployment", "", "") or {}

    monkeypatch.setattr(maintenance_window, "connect_registry", connect)
    monkeypatch.setattr(maintenance_window, "accepts_uploads", lambda _api: not is_open(found.deployment))
    monkeypatch.setattr(maintenance_window, "owned_part", lambda live, _manager: live)
    monkeypatch.setattr(maintenance_window, "wait_rollout", rollout)
    monkeypatch.setattr(maintenance_window, "has_former_pods", lambda *_arguments: False)
    return found


def _context(cluster: _Cluster) -> Context:
    return make_context({"wait_timeout": 1}, check_mode=False, cluster=cluster)


def _switch(
    cluster: _Cluster, judge: Callable[[], list[Finding]] = list, *, fail: str = "", wanted: Deployment = NEW
) -> Context:
    """One run that switches the storage; fail: where its body fails (`before` the Deployment is applied, or `after`)."""
    context = _context(cluster)
    live = cluster.get("Deployment", "", "")
    assert live is not None
    with maintenance_window.maintenance_window(context, "ns", live, judge) as current:
        if fail == "before":
            raise Refusal([error("cluster-forbidden", "x", "no.")])
        cluster.apply(keep_record(wanted, current), live=current, force=True)
        if fail == "after":
            raise Refusal([error("cluster-unreachable", "x", "no.")])
    deployed = cluster.get("Deployment", "", "")
    assert deployed is not None
    clear_record(context, deployed)
    return context


def test_a_switch(cluster: _Cluster) -> None:
    """The images are counted while pushes are rejected, and the new storage accepts them."""
    states: list[Any] = []

    def judge() -> list[Finding]:
        states.append(cluster.state)
        return [warning("data-loss-accepted", "x", "left behind.")]

    context = _switch(cluster, judge)
    assert states == [("former", True, True)]
    assert cluster.deployment == NEW and cluster.writes == 3
    assert [item.code for item in context.findings] == ["data-loss-accepted"]
    assert [item["after_header"] for item in context.changes] == [f"Deployment/{constants.REGISTRY} (read-only)"]


def _reject() -> list[Finding]:
    raise Refusal([error("images-at-risk", "x", "1 repository.")])


def test_a_rejection_leaves_the_registry_as_before(cluster: _Cluster) -> None:
    """A push was accepted between the count and the window."""
    context = _context(cluster)
    with (
        pytest.raises(Refusal, match="images-at-risk"),
        maintenance_window.maintenance_window(context, "ns", cluster.get("", "", "") or FORMER, _reject),
    ):
        raise AssertionError("the body runs after a rejection")
    assert cluster.deployment == FORMER and was_closed(context.findings)
    assert [(item.code, item.severity) for item in context.findings] == [("maintenance-window-closed", "warning")]


def test_a_failure_before_the_switch(cluster: _Cluster) -> None:
    """Another object that cannot be applied closes the window too."""
    with pytest.raises(Refusal, match="cluster-forbidden"):
        _switch(cluster, fail="before")
    assert cluster.deployment == FORMER


def test_an_internal_error(cluster: _Cluster) -> None:
    """It closes the window too, and stays the error that is reported."""
    context = _context(cluster)
    with (
        pytest.raises(ZeroDivisionError),
        maintenance_window.maintenance_window(context, "ns", cluster.get("", "", "") or FORMER, list),
    ):
        raise ZeroDivisionError
    assert cluster.deployment == FORMER and was_closed(context.findings)


def test_a_failure_after_the_switch(cluster: _Cluster) -> None:
    """The answer to the switch was lost: the new storage may have images by now, so nothing goes back; the record stays for the next run."""
    with pytest.raises(Refusal, match="cluster-unreachable"):
        _switch(cluster, fail="after")
    assert cluster.state == ("new", False, True)
    assert cluster.writes == 2


def test_no_window_without_pushes(cluster: _Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that the user has made read-only is switched in one write."""
    monkeypatch.setattr(maintenance_window, "accepts_uploads", lambda _api: False)
    _switch(cluster, _reject)
    assert cluster.deployment == NEW and cluster.writes == 1


def test_a_registry_that_cannot_be_asked(cluster: _Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its content is unknown, also if the data guard has counted it before: without a consent it is not switched."""

    def answer(_api: Any) -> bool:
        raise Refusal([error("registry-not-running", "x", "no Pod.")])

    monkeypatch.setattr(maintenance_window, "accepts_uploads", answer)
    with pytest.raises(Refusal, match="images-at-risk"):
        _switch(cluster, _reject)
    assert cluster.deployment == FORMER and cluster.writes == 0
    _switch(cluster, list)
    assert cluster.deployment == NEW and cluster.writes == 1


def _unreachable(_api: Any) -> bool:
    raise Refusal([error("registry-unreachable", "x", "no.")])


def test_a_registry_that_answers_the_second_question(cluster: _Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first count found no image: pushes are rejected before it is counted again."""
    questions = iter([_unreachable])

    def answer(api: Any) -> bool:
        return next(questions, lambda _api: not is_open(cluster.deployment))(api)

    monkeypatch.setattr(maintenance_window, "accepts_uploads", answer)
    states: list[Any] = []

    def judge() -> list[Finding]:
        states.append(cluster.state)
        return []

    _switch(cluster, judge)
    assert states == [("former", False, False), ("former", True, True)] and cluster.deployment == NEW


@pytest.mark.parametrize("ready", [0, 1])
def test_a_registry_that_never_answers(cluster: _Cluster, monkeypatch: pytest.MonkeyPatch, ready: int) -> None:
    """A ready Pod may accept a push that no count has seen. No Pod accepts none."""
    assert cluster.deployment is not None
    cluster.deployment["status"] = {"readyReplicas": ready}
    monkeypatch.setattr(maintenance_window, "accepts_uploads", _unreachable)
    if ready:
        with pytest.raises(Refusal, match="cannot be asked whether it accepts a push"):
            _switch(cluster)
        assert cluster.state == ("former", False, False)
        _switch(cluster, lambda: [warning("data-loss-accepted", "x", "left behind.")])
    else:
        _switch(cluster)
    assert cluster.state == ("new", False, False)


@pytest.mark.parametrize(
    ("replaced", "value", "text"),
    [
        ("accepts_uploads", lambda _api: True, "accepts a push"),
        ("has_former_pods", lambda *_arguments: True, "Pods of a former revision"),
    ],
)
def test_pushes_that_may_still_be_accepted(
    cluster: _Cluster, monkeypatch: pytest.MonkeyPatch, replaced: str, value: Any, text: str
) -> None:
    """Another program than Distribution, or a Pod that does not end: no switch."""
    monkeypatch.setattr(maintenance_window, replaced, value)
    monkeypatch.setattr(maintenance_window.time, "sleep", lambda _seconds: None)
    with pytest.raises(Refusal, match=text) as caught:
        _switch(cluster)
    assert [item.code for item in caught.value.findings] == ["maintenance-window-failed"]
    assert cluster.deployment == FORMER


@pytest.mark.parametrize("rejected", [True, False])
def test_nothing_of_ours(monkeypatch: pytest.MonkeyPatch, rejected: bool) -> None:
    """The Deployment of an operator alone: only the window is added to it, and taken back."""
    server = Server()
    alone = copy.deepcopy(FORMER)
    alone["spec"].update(strategy={"type": "Recreate"}, replicas=1)
    pod = alone["spec"]["template"]["spec"]
    pod["volumes"], pod["containers"][0]["volumeMounts"] = [], []
    server.cluster().apply(alone, live=None)
    server.objects["Deployment", constants.REGISTRY]["metadata"]["managedFields"][0]["manager"] = "operator"
    alone = copy.deepcopy(server.objects["Deployment", constants.REGISTRY])

    def live() -> Deployment:
        return server.objects["Deployment", constants.REGISTRY]

    def judge() -> list[Finding]:
        assert is_open(live()) and read_only_since(live())
        container = live()["spec"]["template"]["spec"]["containers"][0]
        assert [item["name"] for item in container["env"]] == [READ_ONLY_VARIABLE, "A"]
        return _reject() if rejected else []

    monkeypatch.setattr(maintenance_window, "accepts_uploads", lambda _api: not is_open(live()))
    monkeypatch.setattr(maintenance_window, "owned_part", owned_part)
    monkeypatch.setattr(maintenance_window, "wait_rollout", lambda *_arguments, **_options: live())
    context = make_context({"wait_timeout": 1}, check_mode=False, cluster=server.cluster())
    if rejected:
        with (
            pytest.raises(Refusal, match="images-at-risk"),
            maintenance_window.maintenance_window(context, "ns", live(), judge),
        ):
            raise AssertionError("the body runs after a rejection")
        assert live()["spec"] == alone["spec"] and was_closed(context.findings)
        assert live()["metadata"]["annotations"] == FORMER["metadata"]["annotations"]
        assert owned_part(live(), constants.FIELD_MANAGER) in (None, empty_overlay("ns"))
        return
    with maintenance_window.maintenance_window(context, "ns", live(), judge) as current:
        assert current == live() and is_open(current)


def test_another_run_has_closed_it(cluster: _Cluster) -> None:
    """A push may have been accepted after the count."""

    def judge() -> list[Finding]:
        assert cluster.deployment is not None
        cluster.deployment = closed_document(cluster.deployment)
        return []

    with pytest.raises(Refusal, match="modified concurrently"):
        _switch(cluster, judge)
    assert cluster.deployment == FORMER


def test_a_window_that_cannot_be_closed(cluster: _Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cause is reported, and that the registry is still read-only."""
    context = _context(cluster)

    def judge() -> list[Finding]:
        def fail(*_arguments: Any, **_options: Any) -> Deployment:
            raise Refusal([error("rollout-timeout", "x", "not ready.")])

        monkeypatch.setattr(maintenance_window, "wait_rollout", fail)
        return _reject()

    live = cluster.get("Deployment", "", "")
    assert live is not None
    with (
        pytest.raises(Refusal, match="images-at-risk"),
        maintenance_window.maintenance_window(context, "ns", live, judge),
    ):
        raise AssertionError("the body runs after a rejection")
    assert [item.code for item in context.findings] == ["maintenance-window-open"] and not was_closed(context.findings)
    assert cluster.state == ("former", False, True), "the record stays until writable Pods serve"


@pytest.mark.parametrize("second", ["the same switch", "a rejected switch", "the former storage"])
@pytest.mark.parametrize("rejected", [False, True], ids=["switch", "rejection"])
def test_kills(cluster: _Cluster, rejected: bool, second: str) -> None:
    """After each write the registry serves as before, or is read-only as the record says, or serves the new storage. The next run gets on."""
    for last in (1, 2, 3):
        cluster.deployment, cluster.writes, cluster.last = copy.deepcopy(FORMER), 0, last
        with pytest.raises(_KilledError):
            _switch(cluster, _reject if rejected else list)
        storage_id, read_only, recorded = cluster.state
        assert (storage_id, recorded) != ("former", False) or cluster.deployment == FORMER
        assert recorded or not read_only
        cluster.last, since = -1, read_only_since(cluster.deployment)
        if second == "the former storage":
            cluster.apply(keep_record(FORMER, cluster.deployment), live=cluster.deployment, force=True)
            assert cluster.deployment is not None and read_only_since(cluster.deployment) == since
            clear_record(_context(cluster), cluster.deployment)
            assert cluster.deployment == FORMER
        elif storage_id == "new":
            _switch_again(cluster)
            assert cluster.deployment == NEW
        elif second == "the same switch":
            _switch(cluster)
            assert cluster.deployment == NEW
        else:
            with pytest.raises(Refusal, match="images-at-risk"):
                _switch(cluster, _reject)
            assert cluster.deployment == FORMER


def _switch_again(cluster: _Cluster) -> None:
    """A run whose storage is in use already: the window is of no interest to it, and its record is removed after the rollout."""
    cluster.apply(keep_record(NEW, cluster.deployment), live=cluster.deployment, force=True)
    assert cluster.deployment is not None
    clear_record(_context(cluster), cluster.deployment)
