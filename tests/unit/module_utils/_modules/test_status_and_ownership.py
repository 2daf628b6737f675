# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CR's status as Kyma's clients read it, objects for a diff, and whose objects they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import status
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import mode, ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog

CR: dict[str, Any] = {
    "apiVersion": "operator.kyma-project.io/v1alpha1",
    "kind": "DockerRegistry",
    "metadata": {"name": "default", "namespace": "ns", "labels": {"a": "b"}, "uid": "x"},
    "spec": {"storage": {}},
}
GOOD = status.RegistryStatus("filesystem", "dockerregistry", True, 32137)
FIRST, LATER = "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"


def test_document() -> None:
    """Every field of a working registry; nothing but its identity of the CR itself."""
    document = status.build_document(CR, GOOD, FIRST)
    conditions = document["status"].pop("conditions")
    assert document == {
        "apiVersion": "operator.kyma-project.io/v1alpha1",
        "kind": "DockerRegistry",
        "metadata": {"name": "default", "namespace": "ns"},
        "status": {
            "state": "Ready",
            "served": "True",
            "storage": "filesystem",
            "pvc": "dockerregistry",
            "deleteEnabled": "True",
            "internalAccess": {
                "enabled": "True",
                "secretName": "dockerregistry-config",
                "pushAddress": "dockerregistry.ns.svc.cluster.local:5000",
                "pullAddress": "localhost:32137",
            },
        },
    }
    assert [(item["type"], item["status"], item["reason"]) for item in conditions] == [
        ("Configured", "True", "Configured"),
        ("Installed", "True", "Installed"),
    ]
    assert all(item["lastTransitionTime"] == FIRST and "direct mode" in item["message"] for item in conditions)


def test_object_store() -> None:
    """No claim, no pvc field; deletion switched off is a text."""
    found = status.build_document(CR, replace(GOOD, storage_type="s3", claim=None, delete_enabled=False), FIRST)[
        "status"
    ]
    assert "pvc" not in found and found["storage"] == "s3" and found["deleteEnabled"] == "False"


def test_long_problem_is_cut() -> None:
    """The API server takes 32768 characters of a message."""
    (_configured, installed) = status.build_conditions(replace(GOOD, problem="x" * 40000), [], FIRST)
    assert len(installed["message"]) == 32768


def test_times() -> None:
    """A time moves when its status turns, not when only the message changes; foreign conditions are not ours to keep."""
    before = status.build_conditions(GOOD, [], FIRST)
    other = [{"type": "Foreign", "status": "True", "lastTransitionTime": FIRST}]
    assert status.build_conditions(GOOD, other + before, LATER) == before
    broken = status.build_conditions(replace(GOOD, problem="a"), before, LATER)
    assert [item["lastTransitionTime"] for item in broken] == [FIRST, LATER]
    worse = status.build_conditions(replace(GOOD, problem="b"), broken, "2026-03-03T00:00:00Z")
    assert [item["lastTransitionTime"] for item in worse] == [FIRST, LATER] and worse[1]["message"].startswith("b")
    mended = status.build_conditions(GOOD, worse, "2026-03-03T00:00:00Z")
    assert mended[1]["lastTransitionTime"] == "2026-03-03T00:00:00Z" and mended[1]["status"] == "True"


@dataclass
class _Applied:
    changed: bool
    after: dict[str, Any]


class _Cluster:
    """Takes a status and says whether it differed."""

    def __init__(self, changed: bool) -> None:
        self.changed = changed
        self.written: list[dict[str, Any]] = []

    def apply_status(self, document: dict[str, Any], live: dict[str, Any]) -> _Applied:
        assert live is CR
        self.written.append(document)
        return _Applied(self.changed, document)


@pytest.mark.parametrize(("changed", "check_mode"), [(True, False), (False, False), (True, True)])
def test_write(changed: bool, check_mode: bool) -> None:
    """A change is one where something was written; check mode writes none."""
    cluster = _Cluster(changed)
    context = Context({}, check_mode, _cluster=cluster)  # type: ignore[arg-type]
    status.write_status(context, CR, GOOD)
    assert len(cluster.written) == (not check_mode)
    assert len(context.changes) == (changed and not check_mode)
    if context.changes:
        assert context.changes[0]["before_header"] == "DockerRegistry/default (status)"
        assert (context.changes[0]["before"], context.changes[0]["after"]) == (None, "Ready")


@pytest.mark.parametrize(
    ("deployment", "codes"),
    [
        (None, []),
        ({}, []),
        ({"metadata": {"labels": None}}, []),
        ({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}, []),
        ({"metadata": {"labels": constants.MANAGED_BY}}, []),
        (
            {"metadata": {"labels": {"app.kubernetes.io/managed-by": "dockerregistry-operator"}}},
            ["operator-owns-registry"],
        ),
    ],
)
def test_operator_findings(deployment: dict[str, Any] | None, codes: list[str]) -> None:
    """Only the operator's own label is the operator's."""
    assert [item.code for item in ownership.check_operator_ownership(deployment, None)] == codes


@pytest.mark.parametrize(
    ("finalizers", "paths"),
    [(None, []), (["kubernetes"], []), (["kubernetes", mode.FINALIZER], ["DockerRegistry/default"])],
)
def test_finalizer(finalizers: list[str] | None, paths: list[str]) -> None:
    """A DockerRegistry that an operator has to let go of is the operator's."""
    cr = {**CR, "metadata": {**CR["metadata"], "finalizers": finalizers}}
    assert [item.path for item in ownership.check_operator_ownership(None, cr)] == paths


def test_foreign() -> None:
    """Ours and absent ones pass; another is named with its place."""
    assert ownership.check_ownership(None) == []
    item: dict[str, Any] = {"kind": "Service", "metadata": {"name": "dockerregistry", "namespace": "ns"}}
    assert ownership.check_ownership({**item, "metadata": {**item["metadata"], "labels": constants.MANAGED_BY}}) == []
    (finding,) = ownership.check_ownership(item)
    assert (finding.code, finding.severity, finding.path) == ("object-not-ours", "error", "Service/dockerregistry")
    assert "namespace ns" in finding.message and finding.remedy


def _object(kind: str, name: str) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "namespace": "ns", "labels": dict(constants.MANAGED_BY)}}


def test_whole_catalogue_is_accepted_in_any_order() -> None:
    """Every place, backwards; it comes out in the order of applying, unknown ones last."""
    objects = [_object(*place) for place in reversed(object_catalog.CATALOGUE)]
    given = [item for item in objects if item["kind"] != "Secret"]
    assert object_catalog.check_objects(given, "ns") == []
    assert [item.code for item in object_catalog.check_objects(objects, "ns")] == ["object-not-in-catalogue"], (
        "no Secret in clear"
    )
    ordered = object_catalog.sort_objects([_object("Pod", "x"), {}, None, *objects])
    assert [object_catalog.object_key(item) for item in ordered] == [*object_catalog.CATALOGUE, ("Pod", "x")]
    assert len(set(object_catalog.CATALOGUE)) == len(object_catalog.CATALOGUE)
    assert object_catalog.CATALOGUE[-1][0] == "Deployment", "a Pod's needs come before the Pod"
    assert {kind for kind, _name in object_catalog.CATALOGUE} >= object_catalog.NEVER_PRUNED


@pytest.mark.parametrize(
    "item", [{}, {"kind": "Deployment"}, {"metadata": None}, {"kind": None, "metadata": {"name": None}}]
)
def test_half_objects(item: dict[str, Any]) -> None:
    """Findings, no failure, with the place in the list."""
    found = object_catalog.check_objects([_object("Deployment", "dockerregistry"), item], "ns")
    assert {finding.code for finding in found} == {"object-not-in-catalogue", "object-namespace", "object-label"}
    assert all(finding.path.startswith("objects[1] ") for finding in found)


def test_visible() -> None:
    """Neither status nor bookkeeping; the object itself is not changed."""
    item = _object("Service", "dockerregistry")
    live = {**item, "status": {"x": 1}, "spec": {"a": 1}}
    live["metadata"] = {
        **item["metadata"],
        **dict.fromkeys(
            ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"), "x"
        ),
    }
    before = dict(live)
    assert object_catalog.visible_object(live) == {**item, "spec": {"a": 1}}
    assert live == before and "uid" in live["metadata"]
    assert object_catalog.visible_object(None) == {} and object_catalog.visible_object({"kind": "X"}) == {
        "kind": "X",
        "metadata": {},
    }
