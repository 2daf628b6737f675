# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wait for the preflight Pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, rollout_problems
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight import wait
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.admission import (
    NoRoomError,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Object = dict[str, Any]
RUNNING = {"state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}


def _pod(containers: int, *statuses: Object, unschedulable: str = "") -> Object:
    status: Object = {"phase": "Pending", "containerStatuses": [{"name": "c", **item} for item in statuses]}
    if unschedulable:
        reason = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": unschedulable}
        status["conditions"] = [reason]
    spec = {"containers": [{"name": f"c{number}"} for number in range(containers)]}
    return {"metadata": {"name": constants.PREFLIGHT, "uid": "1"}, "spec": spec, "status": status}


def _await_start(monkeypatch: pytest.MonkeyPatch, *states: Object, replaces_pods: bool = False) -> int:
    """The number of states that were read."""
    seen: list[Object] = []

    class Cluster:
        def watch(self, *_arguments: object, **_options: object) -> Iterator[Object]:
            for state in states:
                seen.append(state)
                yield state

    monkeypatch.setattr(wait, "events_about", lambda *_arguments: ())
    monkeypatch.setattr(wait, "GRACE", 0.0)
    monkeypatch.setattr(rollout_problems, "SOON", 0.0)
    context = make_context({"namespace": "ns", "wait_timeout": 5}, True, cluster=Cluster())
    wait.await_start(context, "ns", "objects", replaces_pods=replaces_pods)
    return len(seen)


def test_every_container_has_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two for an object store, one for a volume."""
    assert _await_start(monkeypatch, _pod(2), _pod(2, RUNNING), _pod(2, RUNNING, RUNNING), _pod(2)) == 3
    assert _await_start(monkeypatch, _pod(1), _pod(1, RUNNING), _pod(1)) == 2


def test_no_node_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not a failure if the running Pod ends first; a node selector that fits no node is one in either case."""
    full = _pod(1, unschedulable="0/1 nodes are available: 1 Insufficient memory.")
    with pytest.raises(NoRoomError):
        _await_start(monkeypatch, full, replaces_pods=True)
    with pytest.raises(Refusal) as refused:
        _await_start(monkeypatch, full)
    assert refused.value.findings[0].code == "rollout-unschedulable"
    wrong = _pod(1, unschedulable="0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
    with pytest.raises(Refusal):
        _await_start(monkeypatch, wrong, replaces_pods=True)
