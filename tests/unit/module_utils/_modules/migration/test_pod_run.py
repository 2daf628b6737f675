# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The migration Pod: how its start fails, and when regsync has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration import pod_run
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.pod_objects import (
    COPIER,
    SOURCE,
    TARGET,
    PodRequest,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.pod_run import MigrationPod
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.migration.fake_cluster import (
    FakeCluster,
    deployment,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
)

OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": constants.DAY2_RECORD, "uid": "owner"}
_RUNS = {"state": {"running": {}}}
_PULLS = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}}
_CRASHES = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 3}


class _Cluster(FakeCluster):
    """A Pod with these states, one after the other. log: of its containers."""

    def __init__(self, *states: dict[str, dict[str, Any]] | None, log: str = "") -> None:
        super().__init__(MemoryRegistry(), MemoryRegistry())
        self._states = states
        self._log = log

    def _state(self, containers: dict[str, dict[str, Any]] | None, phase: str = "Pending") -> dict[str, Any] | None:
        if containers is None:
            return None
        statuses = [{"name": name, **entry} for name, entry in containers.items()]
        spec = {"containers": [{"name": name} for name in containers]}
        metadata = {"name": constants.MIGRATION, "uid": "pod"}
        return {"metadata": metadata, "spec": spec, "status": {"phase": phase, "containerStatuses": statuses}}

    def watch(self, kind: str, name: str, *_arguments: Any, **options: Any) -> Iterator[dict[str, Any] | None]:
        if "tick" not in options:
            yield None
            return
        for containers in self._states:
            yield self._state(containers)

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        if kind != "Pod":
            return super().get(kind, name, namespace)
        containers, *rest = self._states
        self._states = tuple(rest) or self._states
        phase = "Failed" if containers == {} else "Running"
        return self._state(containers, phase)

    def pod_log(self, *_arguments: Any, **_options: Any) -> str:
        return self._log


def _pod(cluster: FakeCluster) -> MigrationPod:
    context = make_context({"namespace": "ns", "wait_timeout": 5}, check_mode=False, cluster=cluster)
    store = Store("gcs", "gcs", {"bucket": "new"}, "gcs/new")
    return MigrationPod(context, PodRequest(deployment(), store, {}, OWNER, copy_image="regsync:1"))


@pytest.mark.parametrize(
    ("states", "log", "code"),
    [
        ([{SOURCE: _RUNS, TARGET: _RUNS, COPIER: _PULLS}] * 2, "", "migration-copier-missing"),
        ([{SOURCE: _PULLS, TARGET: _RUNS}] * 2, "", "rollout-image-pull"),
        ([{SOURCE: _RUNS, TARGET: _CRASHES}] * 2, "", "rollout-crashloop"),
        ([None], "", "migration-pod-failed"),
        ([], "", "migration-pod-failed"),
    ],
)
def test_start_that_fails(
    monkeypatch: pytest.MonkeyPatch, states: list[dict[str, Any] | None], log: str, code: str
) -> None:
    """A finding within seconds; a copier that is missing is not replaced by another way without being asked for."""
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(pod_run.time, "monotonic", lambda: next(clock))
    cluster = _Cluster(*states, log=log)
    with pytest.raises(Refusal) as raised:
        _pod(cluster)._await_start(5)
    (found,) = raised.value.findings
    assert found.code == code
    assert (code == "migration-copier-missing") == ("registry_copy_mode: controller" in found.remedy)


@pytest.mark.parametrize(
    ("states", "complete"),
    [
        ([{COPIER: _RUNS}, {COPIER: {"state": {"terminated": {"exitCode": 0}}}}], True),
        ([{COPIER: _RUNS}, {COPIER: {"state": {"terminated": {"exitCode": 1}}, "restartCount": 2}}], False),
        ([{COPIER: _RUNS}, None], False),
        ([{COPIER: _RUNS}, {}], False),
    ],
    ids=["done", "failed", "deleted", "evicted"],
)
def test_end_of_the_copier(
    monkeypatch: pytest.MonkeyPatch, states: list[dict[str, Any] | None], complete: bool
) -> None:
    """It is awaited however long it takes."""
    monkeypatch.setattr(pod_run.time, "sleep", lambda _seconds: None)
    assert _pod(_Cluster(*states)).await_copier() is complete


def test_objects_of_others_stay() -> None:
    """Only what belongs to this migration is deleted."""
    cluster = FakeCluster(MemoryRegistry(), MemoryRegistry())
    for kind, labels, owner in (
        ("Secret", constants.MANAGED_BY, {**OWNER, "uid": "another"}),
        ("ConfigMap", {}, OWNER),
        ("NetworkPolicy", constants.MANAGED_BY, OWNER),
    ):
        metadata = {"name": constants.MIGRATION, "labels": dict(labels), "ownerReferences": [owner]}
        cluster.store({"kind": kind, "metadata": metadata})
    _pod(cluster).remove()
    assert cluster.of_the_migration() == {"Secret", "ConfigMap"}
