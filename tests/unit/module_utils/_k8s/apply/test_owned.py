# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owned part of objects as a real API server returned them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import (
    find_difference,
    remove_nulls,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part

MANAGER = "kyma.docker_registry"
RECORDED = json.loads((Path(__file__).parent / "live_objects.json").read_text())


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: str(entry["applied"]["kind"]))
def test_applying_it_changes_nothing(entry: dict[str, Any]) -> None:
    """It is what was applied, and applying it again finds no difference. The object that was read is not changed."""
    before = copy.deepcopy(entry["live"])
    owned = owned_part(entry["live"], MANAGER)
    assert owned is not None and entry["live"] == before
    assert find_difference(owned, entry["live"], MANAGER) is None
    assert find_difference(remove_nulls(entry["applied"]), entry["live"], MANAGER) is None


def test_fields_of_others_are_left_out() -> None:
    """What another manager has set is not part of it; an object that we never applied has none."""
    live = copy.deepcopy(next(entry["live"] for entry in RECORDED if entry["applied"]["kind"] == "Deployment"))
    live["metadata"]["annotations"] = {**live["metadata"].get("annotations", {}), "another/tool": "wrote this"}
    live["spec"]["minReadySeconds"] = 7
    owned = owned_part(live, MANAGER)
    assert owned is not None
    assert "another/tool" not in owned["metadata"].get("annotations", {}) and "minReadySeconds" not in owned["spec"]
    assert "status" not in owned and owned_part(live, "another-tool") is None


def test_empty_fields_stay_owned() -> None:
    """The server leaves them out of its answer. Without them, the next apply of the same object would be a change."""
    fields = {"f:spec": {"f:template": {"f:spec": {"f:nodeSelector": {}, "f:tolerations": {}}}}}
    entry = {"manager": MANAGER, "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": fields}
    live = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "b", "managedFields": [entry]},
        "spec": {"template": {"spec": {}}},
    }
    owned = owned_part(live, MANAGER)
    assert owned is not None and owned["spec"]["template"]["spec"] == {"nodeSelector": {}, "tolerations": []}
    assert find_difference(owned, live, MANAGER) is None


def test_an_empty_mapping_owns_nothing_of_others() -> None:
    """What another manager writes below annotations of which we have applied none is not ours."""
    fields = {"f:metadata": {"f:annotations": {}}}
    entry = {"manager": MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}
    annotations = {"another/tool": "wrote this"}
    metadata = {"name": "a", "namespace": "b", "annotations": annotations, "managedFields": [entry]}
    owned = owned_part({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, MANAGER)
    assert owned is not None and owned["metadata"] == {"name": "a", "namespace": "b", "annotations": {}}
