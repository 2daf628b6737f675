# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the former storage is used again after a failed switch."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import way_back
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

FORMER, BETWEEN, NEW = "s3/r/former", "s3/r/between", "persistentvolumeclaim/new"


def _deployment(*, record: bool, read_only: bool, opened_on: str = FORMER) -> dict[str, Any]:
    window = {constants.READ_ONLY_SINCE: "2026-01-02T03:04:05Z", constants.READ_ONLY_STORAGE_ID: opened_on}
    annotations = {constants.STORAGE_ID: NEW, **(window if record else {})}
    labels = {**constants.MANAGED_BY}
    template = {
        "metadata": {"labels": dict(constants.READ_ONLY_LABEL) if read_only else {}},
        "spec": {"containers": [], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "new"}}]},
    }
    return {"metadata": {"annotations": annotations, "labels": labels}, "spec": {"template": template}}


@pytest.mark.parametrize(
    ("former", "record", "read_only", "served", "asked"),
    [
        (None, False, False, True, False),
        (NEW, False, False, True, False),
        (FORMER, True, True, True, False),
        (FORMER, True, False, False, False),
        (FORMER, True, False, True, True),
        (FORMER, False, False, False, True),
    ],
    ids=["unknown", "same", "read-only", "never ready", "was ready", "served before this run"],
)
@pytest.mark.parametrize("empty", [True, False])
def test_the_data_guard_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    former: str | None,
    record: bool,
    read_only: bool,
    served: bool,
    asked: bool,
    empty: bool,
) -> None:
    """Only if the new storage can have accepted a push since the maintenance window; if it has images, the way back is closed."""
    calls: list[str] = []

    def guard(_context: Context, **options: Any) -> None:
        calls.append(options["new_storage_id"])
        assert options["outcome"], (
            "the failed run has changed the storage, so the message must not say that nothing was changed"
        )
        if not empty:
            raise Refusal([error("images-at-risk", "x", "has images.", "")])

    monkeypatch.setattr(way_back, "guard_images", guard)
    monkeypatch.setattr(way_back, "nothing_served_since_window", lambda *_arguments: not served)
    context = make_context({"namespace": "ns", "name": "images"}, check_mode=False, cluster=object())
    live = _deployment(record=record, read_only=read_only)
    kept = way_back.keeps_images(context, live, former)
    assert calls == ([FORMER] if asked else [])
    assert kept is (empty or not asked)
    assert [item.code for item in context.findings] == ([] if kept else ["restore-at-risk"])


def test_a_window_that_another_storage_has_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry is read-only, and still on a storage that no run has verified: its images would be left behind."""

    def guard(_context: Context, **_options: Any) -> None:
        raise Refusal([error("images-at-risk", "x", "has images.", "")])

    monkeypatch.setattr(way_back, "guard_images", guard)
    context = make_context({"namespace": "ns", "name": "images"}, check_mode=False, cluster=object())
    assert not way_back.keeps_images(context, _deployment(record=True, read_only=True, opened_on=NEW), FORMER)
    assert [item.code for item in context.findings] == ["restore-at-risk"]


@pytest.mark.parametrize("accepted", [False, True], ids=["it was empty", "its images were accepted to be left"])
@pytest.mark.parametrize("served", [False, True])
def test_a_switch_from_a_storage_that_was_never_verified(
    monkeypatch: pytest.MonkeyPatch, accepted: bool, served: bool
) -> None:
    """The last verified storage is an older one: it does not come back in the place of one with images."""
    record = {constants.ACCEPTED_LOSS: f"{BETWEEN}#0123abcd -> {NEW}"} if accepted else {}

    class _Cluster:
        def get(self, kind: str, *_place: str) -> Any:
            assert kind == "DockerRegistry"
            return {"metadata": {"annotations": record}}

    monkeypatch.setattr(way_back, "guard_images", lambda *_arguments, **_options: [])
    monkeypatch.setattr(way_back, "nothing_served_since_window", lambda *_arguments: not served)
    context = make_context({"namespace": "ns", "name": "images"}, check_mode=False, cluster=_Cluster())
    live = _deployment(record=True, read_only=False, opened_on=BETWEEN)
    assert way_back.keeps_images(context, live, FORMER) is not accepted
    assert [item.code for item in context.findings] == (["restore-at-risk"] if accepted else [])
    assert all(BETWEEN in item.message and FORMER in item.message for item in context.findings)
