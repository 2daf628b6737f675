# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: its form, what modules take from it, and which changes since make it outdated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import (
    Differences,
    JudgedObject,
    Plan,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_options, run_body

SEEN = JudgedObject("DockerRegistry", "default", "u1", "before", "after")
NEW = JudgedObject("DockerRegistry", "default", "", "", "after")
PLAN = Plan(
    namespace_uid="n1",
    lease_identity="runner-1",
    lease_timeout=60,
    options={"namespace": "ns", "mode": "direct", "storage": {}},
    storage_path="registry_storage",
    external_access=None,
    storage_id="persistentvolumeclaim/dockerregistry",
    storage_type="filesystem",
    differs=Differences(False, False, False, False, False),
    objects=(SEEN,),
)


def test_there_and_back() -> None:
    """It survives JSON, as which it goes from task to task."""
    assert Plan.from_result(json.loads(json.dumps(PLAN.to_result()))) == PLAN


@pytest.mark.parametrize(
    "change",
    [{"version": 0}, {"version": "1"}, {"more": 1}, {"differs": {"more": True}}, {"objects": [{}]}, {"objects": None}],
)
def test_what_is_no_plan(change: dict[str, Any]) -> None:
    """A plan of another release, or one that was written by hand."""
    with pytest.raises(Refusal) as caught:
        Plan.from_result({**PLAN.to_result(), **change})
    assert [item.code for item in caught.value.findings] == ["plan-invalid"]


@pytest.mark.parametrize("lacking", ["version", "options", "differs"])
def test_what_a_plan_lacks(lacking: str) -> None:
    """Each part is required."""
    given = {key: value for key, value in PLAN.to_result().items() if key != lacking}
    with pytest.raises(Refusal):
        Plan.from_result(given)


def test_options() -> None:
    """Only those that the module has. The Lease is the run's, unless the task is given one."""
    given = make_options({"namespace": "other", "mode": None, "level": "image"})
    lease = {"identity": "runner-1", "timeout": 60}
    assert PLAN.complete(given) == replace(given, namespace="ns", mode="direct", lease=lease)
    own = {"identity": None, "timeout": 5}
    assert PLAN.complete(make_options({"lease": own})).lease == own


def test_a_task_with_a_plan() -> None:
    """Its body sees the decisions as its options; something else than a plan fails the task before anything is asked."""
    seen: list[Any] = []

    def body(context: Context) -> None:
        seen.append((context.plan, context.options.namespace))

    params = {"namespace": "other", "plan": PLAN.to_result(), "lease": None}
    assert not run_body(body, params, check_mode=False).result.get("failed")
    assert seen == [(PLAN, "ns")]
    result = run_body(body, {**params, "plan": {}}, check_mode=False).result
    assert result["failed"] and "[plan-invalid]" in result["msg"] and len(seen) == 1


@pytest.mark.parametrize(
    ("planned", "now", "outdated"),
    [
        (SEEN, SEEN, False),
        (SEEN, replace(SEEN, content="after"), False),
        (SEEN, replace(SEEN, content="other"), True),
        (SEEN, replace(SEEN, uid="u2"), True),
        (SEEN, replace(SEEN, uid="u2", content="after"), True),
        (SEEN, NEW, True),
        (replace(SEEN, wanted=""), replace(SEEN, content=""), True),
        (NEW, NEW, False),
        (NEW, replace(SEEN, content="after"), False),
        (NEW, replace(SEEN, content="other"), True),
    ],
)
def test_what_is_outdated(planned: JudgedObject, now: JudgedObject, outdated: bool) -> None:
    """An object that is neither as it was seen nor as it is wanted, or another one of its name."""
    found = replace(PLAN, objects=(planned,)).check_objects({("DockerRegistry", "default"): now})
    assert [(item.code, item.path) for item in found] == (
        [("plan-outdated", "DockerRegistry/default")] if outdated else []
    )


def test_another_storage_id() -> None:
    """The storage Secret can lead to another place than the one that was validated."""
    assert PLAN.check_storage_id(PLAN.storage_id, "Secret/s3") == []
    (found,) = PLAN.check_storage_id("s3/r/other", "Secret/s3")
    assert (found.code, found.path) == ("plan-storage-changed", "Secret/s3")
