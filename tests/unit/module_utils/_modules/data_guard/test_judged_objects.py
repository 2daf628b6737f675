# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is judged of the objects on which a plan rests, and what a task that begins to write reads again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import judged_objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import JudgedObject
from ansible_collections.kyma.docker_registry.tests.support import objects
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.execution.test_plan import PLAN

Object = dict[str, Any]
S3 = {"storage": {"s3": {"bucket": "images", "region": "eu-central-1"}}}


def _registry(spec: Object, **more: Any) -> Object:
    metadata = {"name": "default", "namespace": "ns", "uid": "r", **more.pop("metadata", {})}
    return {"kind": "DockerRegistry", "metadata": metadata, "spec": spec, **more}


def _deployment(claim: str, labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> Object:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
    metadata = {
        "name": constants.REGISTRY,
        "namespace": "ns",
        "uid": "d",
        "labels": labels or dict(constants.MANAGED_BY),
    }
    metadata["annotations"] = annotations or {}
    return {
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": 1, "template": {"spec": {"volumes": volumes}}},
    }


def _registry_judged(live: Object) -> JudgedObject:
    return judged_objects.judge_registry("default", live)


@pytest.mark.parametrize(
    ("judge", "first", "second", "same"),
    [
        (_registry_judged, _registry(S3), _registry(S3, status={"state": "Ready"}), True),
        (_registry_judged, _registry({"storage": {"deleteEnabled": False}}), _registry({"storage": {}}), True),
        (_registry_judged, _registry(S3), _registry({}), False),
        (_registry_judged, _registry(S3), _registry(S3, metadata={"deletionTimestamp": "t"}), False),
        (judged_objects.judge_deployment, _deployment("a"), {**_deployment("a"), "status": {"replicas": 1}}, True),
        (judged_objects.judge_deployment, _deployment("a"), _deployment("b"), False),
        (judged_objects.judge_deployment, _deployment("a"), _deployment("a", {"x": "y"}), False),
        (
            judged_objects.judge_deployment,
            _deployment("a"),
            _deployment("a", annotations={constants.READ_ONLY_SINCE: "t"}),
            False,
        ),
    ],
)
def test_what_counts(judge: Callable[[Object], JudgedObject], first: Object, second: Object, same: bool) -> None:
    """The specification in whatever form; of the Deployment its owner, its storage and a window. What controllers write does not."""
    assert (judge(first) == judge(second)) is same


def test_what_is_wanted() -> None:
    """An object that another run has brought into the state that this one wants."""
    planned = judged_objects.judge_deployment(None, "persistentvolumeclaim/a", managed=True)
    assert planned.uid == planned.content == ""
    assert planned.wanted == judged_objects.judge_deployment(_deployment("a")).content
    claim = objects.claim("dockerregistry", "ns")
    spec = {"accessModes": claim["spec"]["accessModes"], "resources": claim["spec"]["resources"]}
    assert (
        judged_objects.judge_claim("c", None, spec).wanted
        == judged_objects.judge_claim("c", {**claim, "metadata": {"uid": "c"}}).content
    )
    assert judged_objects.judge_registry("default", None).wanted == ""


class _Cluster:
    def __init__(self, *items: Object) -> None:
        self.items = {(item["kind"], item["metadata"]["name"]): item for item in items}
        self.asked: list[tuple[str, str, str | None]] = []

    def get(self, kind: str, name: str, namespace: str | None) -> Object | None:
        self.asked.append((kind, name, namespace))
        return self.items.get((kind, name))


NAMESPACE = {"kind": "Namespace", "metadata": {"name": "ns", "uid": "n"}}


@pytest.mark.parametrize(
    ("there", "outdated"),
    [
        ((NAMESPACE, _registry(S3), _deployment("a")), []),
        ((NAMESPACE, _registry({}), _deployment("a")), ["DockerRegistry/default"]),
        ((NAMESPACE,), ["DockerRegistry/default", "Deployment/dockerregistry"]),
        (
            ({**NAMESPACE, "metadata": {"name": "ns", "uid": "other"}}, _registry(S3), _deployment("a")),
            ["Namespace/ns"],
        ),
    ],
)
def test_a_task_that_begins_to_write(there: tuple[Object, ...], outdated: list[str]) -> None:
    """It reads each object once, and fails if one of them is another than planned. A task that has not taken the Lease reads nothing."""
    judged = (
        judged_objects.judge_namespace("ns", NAMESPACE),
        judged_objects.judge_registry("default", _registry(S3)),
        judged_objects.judge_deployment(_deployment("a")),
    )
    cluster = _Cluster(*there)
    context = make_context({"namespace": "ns"}, False, plan=replace(PLAN, objects=judged), cluster=cluster)
    judged_objects.require_planned_state(context)
    assert cluster.asked == []
    context.under_new_lease = True
    found = []
    try:
        judged_objects.require_planned_state(context)
    except Refusal as refusal:
        found = [(item.code, item.path) for item in refusal.findings]
    assert found == [("plan-outdated", path) for path in outdated]
    assert cluster.asked == [
        ("Namespace", "ns", None),
        ("DockerRegistry", "default", "ns"),
        ("Deployment", constants.REGISTRY, "ns"),
    ]
