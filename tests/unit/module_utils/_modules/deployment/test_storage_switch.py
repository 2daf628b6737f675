# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a deployment opens a maintenance window, and what it restores if the switch is rejected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import storage_switch
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

SINCE = "2026-01-02T03:04:05Z"
STORAGE = {"pvc": {"name": "former"}}


def _deployment(storage_id: str, **annotations: str) -> dict[str, Any]:
    metadata = {"name": constants.REGISTRY, "annotations": {constants.STORAGE_ID: storage_id, **annotations}}
    return {"metadata": metadata, "spec": {"template": {"spec": {"containers": []}}}}


FORMER, NEW = _deployment("s3/r/former"), _deployment("s3/r/new")
RECORDED = _deployment("s3/r/former", **{constants.READ_ONLY_SINCE: SINCE})


class _Cluster:
    def __init__(self, deployment: dict[str, Any]) -> None:
        self._deployment = deployment

    def get(self, *_arguments: str) -> dict[str, Any]:
        return self._deployment


def _context(deployment: dict[str, Any] = FORMER, *, check_mode: bool = False, wait: bool = True) -> Context:
    params = {"namespace": "ns", "wait": wait, "name": "default"}
    return make_context(params, check_mode, cluster=_Cluster(deployment))


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The Deployments for which a window was opened."""
    opened: list[Any] = []

    @contextmanager
    def window(_context: Context, namespace: str, deployment: Any, _judge: Any) -> Iterator[Any]:
        assert namespace == "ns"
        opened.append(deployment)
        yield RECORDED

    monkeypatch.setattr(storage_switch, "maintenance_window", window)
    return opened


@pytest.mark.parametrize(
    ("live", "new_storage_id", "check_mode", "opened"),
    [
        (FORMER, "s3/r/new", False, True),
        (FORMER, "s3/r/former", False, False),
        (FORMER, "s3/r/new", True, False),
        (None, "s3/r/new", False, False),
    ],
    ids=["switch", "same storage", "check mode", "first deployment"],
)
def test_when_it_is_opened(windows: list[Any], live: Any, new_storage_id: str, check_mode: bool, opened: bool) -> None:
    """Only for a switch of the storage of a registry that exists; the wanted Deployment keeps the record until its rollout is complete."""
    context = _context(check_mode=check_mode)
    with storage_switch.switch_window(context, live, NEW, new_storage_id, list) as (current, wanted):
        assert current == (RECORDED if opened else live)
        assert (constants.READ_ONLY_SINCE in wanted["metadata"]["annotations"]) is opened
    assert windows == ([live] if opened else [])


@pytest.mark.parametrize("wait", [True, False])
def test_a_window_that_was_left_open(windows: list[Any], wait: bool) -> None:
    """A run with the former storage keeps its record up to the rollout, if it waits for that."""
    with storage_switch.switch_window(_context(wait=wait), RECORDED, FORMER, "s3/r/former", list) as (_live, wanted):
        assert wanted == (RECORDED if wait else FORMER)
    assert windows == []


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_a_rejection(monkeypatch: pytest.MonkeyPatch, verified: bool, closed: bool) -> None:
    """The DockerRegistry asks for the former storage again, and the former Deployment is verified if it was; nothing if no window was open."""
    former = _deployment("s3/r/former", **{constants.REQUESTED_STORAGE: json.dumps(STORAGE), REVISION: "3"})
    done: list[Any] = []

    @contextmanager
    def window(context: Context, *_arguments: Any) -> Iterator[Any]:
        try:
            yield former
        except Refusal:
            context.report([warning("maintenance-window-closed", "x", "closed.")] if closed else [])
            raise

    monkeypatch.setattr(storage_switch, "maintenance_window", window)
    monkeypatch.setattr(storage_switch, "owned_part", lambda live, _manager: live)
    monkeypatch.setattr(storage_switch, "read_previous_deployment", lambda live: live if verified else None)
    monkeypatch.setattr(
        storage_switch, "confirm_deployment", lambda _context, revision: done.append(f"confirmed {revision}")
    )
    monkeypatch.setattr(storage_switch, "restore_cr", lambda _context, storage: done.append(storage))
    with (
        pytest.raises(Refusal, match="images-at-risk"),
        storage_switch.switch_window(_context(former), former, NEW, "s3/r/new", list),
    ):
        raise Refusal([error("images-at-risk", "x", "1 repository.")])
    assert done == ([*(["confirmed 3"] if verified else []), STORAGE] if closed else [])


def test_a_restoration_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cause is what the run reports; the other one is a warning."""
    former = _deployment("s3/r/former", **{constants.REQUESTED_STORAGE: "{}"})
    context = _context(former)

    def forbid(*_arguments: Any) -> None:
        raise Refusal([error("cluster-forbidden", "x", "no.")])

    @contextmanager
    def window(context: Context, *_arguments: Any) -> Iterator[Any]:
        context.report([warning("maintenance-window-closed", "x", "closed.")])
        yield former

    monkeypatch.setattr(storage_switch, "maintenance_window", window)
    monkeypatch.setattr(storage_switch, "owned_part", lambda live, _manager: None)
    monkeypatch.setattr(storage_switch, "read_previous_deployment", lambda live: live)
    monkeypatch.setattr(storage_switch, "restore_cr", forbid)
    with (
        pytest.raises(Refusal, match="images-at-risk"),
        storage_switch.switch_window(context, former, NEW, "s3/r/new", list),
    ):
        raise Refusal([error("images-at-risk", "x", "1 repository.")])
    assert [(item.code, item.severity) for item in context.findings][1:] == [("cluster-forbidden", "warning")]
