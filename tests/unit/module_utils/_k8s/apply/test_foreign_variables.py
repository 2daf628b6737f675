# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that `kubectl set env` has written in another form than ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply import foreign_variables

REFERENCE = {"secretKeyRef": {"name": "s", "key": "k"}}
OURS = {"name": "A", "valueFrom": REFERENCE}
THEIRS = {"name": "A", "value": "x"}


def _deployment(*variables: dict[str, Any], kind: str = "containers", **metadata: Any) -> dict[str, Any]:
    pod = {kind: [{"name": "other"}, {"name": "c", "env": list(variables)}]}
    named = {"name": "d", "namespace": "n", "uid": "u", "generation": 3, **metadata}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": named, "spec": {"template": {"spec": pod}}}


def _owner(form: str, manager: str, operation: str = "Update", kind: str = "containers") -> dict[str, Any]:
    variable = {".": {}, "f:name": {}, f"f:{form}": {}}
    containers = {'k:{"name":"c"}': {"f:env": {'k:{"name":"A"}': variable}}}
    fields = {"f:spec": {"f:template": {"f:spec": {f"f:{kind}": containers}}}}
    return {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": fields}


KUBECTL = [_owner("value", "kubectl-set")]


@pytest.mark.parametrize("kind", ["containers", "initContainers"])
@pytest.mark.parametrize(
    ("ours", "theirs", "form"),
    [(OURS, THEIRS, "value"), (THEIRS, OURS, "valueFrom")],
    ids=["value for a reference", "reference for a value"],
)
def test_both_forms(kind: str, ours: dict[str, Any], theirs: dict[str, Any], form: str) -> None:
    """Each excludes the other."""
    live = _deployment({"name": "B"}, theirs, kind=kind, managedFields=[_owner(form, "kubectl-set", kind=kind)])
    (found,) = foreign_variables.find_blocking(_deployment(ours, kind=kind), live)
    assert (found.name, found.manager, found.kind, found.form) == ("A", "kubectl-set", kind, f"f:{form}")


@pytest.mark.parametrize(
    ("live", "owners"),
    [
        (THEIRS, [_owner("value", constants.FIELD_MANAGER, "Apply")]),
        (THEIRS, []),
        (OURS, [_owner("valueFrom", "kubectl-set")]),
        ({"name": "A", "value": ""}, KUBECTL),
        ({"name": "A"}, KUBECTL),
        ({"name": "B", "value": "x"}, KUBECTL),
    ],
    ids=["our own former form", "of no manager", "the same form", "empty", "nothing", "another variable"],
)
def test_what_an_apply_replaces_or_leaves(live: dict[str, Any], owners: list[Any]) -> None:
    """An apply removes what only it owns."""
    assert foreign_variables.find_blocking(_deployment(OURS), _deployment(live, managedFields=owners)) == []


def test_our_own_patches_count_as_another_manager() -> None:
    """An apply does not remove them either."""
    owners = [_owner("value", constants.FIELD_MANAGER, "Update")]
    assert foreign_variables.find_blocking(_deployment(OURS), _deployment(THEIRS, managedFields=owners))


@pytest.mark.parametrize("desired", [{}, {"spec": None}, {"spec": {"template": {"spec": {"containers": "x"}}}}])
def test_odd_objects(desired: dict[str, Any]) -> None:
    """The API server rejects them."""
    assert foreign_variables.find_blocking(desired, _deployment(THEIRS, managedFields=KUBECTL)) == []


def test_patch_and_plan() -> None:
    """The patch changes owners only; what is planned in check mode has our variable instead."""
    other = {"name": "B", "value": "b"}
    owners = [_owner("value", "kubectl-set")]
    live = _deployment(THEIRS, other, managedFields=owners)
    desired = _deployment(other, OURS)
    found = foreign_variables.find_blocking(desired, live)
    patch = foreign_variables.ownership_patch(live, found)
    tests = [step["path"] for step in patch if step["op"] == "test"]
    assert tests == ["/metadata/uid", "/metadata/generation", "/metadata/managedFields/0"]
    assert not any(step["path"].startswith("/spec") for step in patch)
    planned = foreign_variables.with_variables(live, desired, found)["spec"]["template"]["spec"]["containers"]
    assert planned == [{"name": "other"}, {"name": "c", "env": [other, OURS]}]
    # An apply without our variable removes it if no other manager owns a part of it.
    assert foreign_variables.with_variables(_deployment(other), desired, found) == _deployment(other, OURS)
    left = foreign_variables.without_variables(desired, found)["spec"]["template"]["spec"]["containers"]
    assert left == [{"name": "other"}, {"name": "c", "env": [other]}]
    assert desired == _deployment(other, OURS)


def test_owners_after_the_patch() -> None:
    """Only the form that excludes ours changes its owner. An existing entry of the collection gets it, or a new one."""
    theirs = _owner("value", "kubectl-set")
    for owners in ([theirs], [_owner("valueFrom", constants.FIELD_MANAGER, "Apply"), theirs]):
        live = _deployment(THEIRS, managedFields=owners)
        found = foreign_variables.find_blocking(_deployment(OURS), live)
        patch = foreign_variables.ownership_patch(live, found)
        changed = {step["path"]: step["value"] for step in patch if step["op"] in ("add", "replace")}
        taken = [entry for entry in changed.values() if entry["manager"] == constants.FIELD_MANAGER]
        assert len(taken) == 1 and taken[0]["operation"] == "Apply" and '"f:value"' in json.dumps(taken)
        left = [entry for entry in changed.values() if entry["manager"] == "kubectl-set"]
        assert len(left) == 1 and '"f:value"' not in json.dumps(left)
        assert live == _deployment(THEIRS, managedFields=owners), "what was given is not changed"
