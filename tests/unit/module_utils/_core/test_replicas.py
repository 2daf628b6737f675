# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who sets the number of replicas, read from managedFields."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, replicas

HPA = "kube-controller-manager"


def _entry(manager: str, *fields: str, operation: str = "Update", subresource: str = "scale") -> dict[str, Any]:
    owned = {"f:spec": {f"f:{field}": {} for field in fields}}
    return {"manager": manager, "operation": operation, "subresource": subresource, "fieldsV1": owned}


def _deployment(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}, "spec": {"replicas": 5}}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], None),
        ([_entry(constants.FIELD_MANAGER, "replicas", operation="Apply", subresource="")], None),
        ([_entry(constants.FIELD_MANAGER, "replicas", subresource="")], None),
        ([_entry(HPA, "other")], None),
        ([_entry(HPA, "replicas")], "a HorizontalPodAutoscaler (kube-controller-manager) set"),
        ([_entry("kubectl", "replicas")], "the field manager kubectl set"),
        (
            [_entry("kubectl", "replicas", operation="Apply", subresource=""), _entry("helm", "replicas")],
            "the field manager helm and the field manager kubectl set",
        ),
    ],
    ids=["nobody", "we, applied", "we, patched", "another field", "autoscaler", "kubectl", "two"],
)
def test_who_scales(entries: list[dict[str, Any]], said: str | None) -> None:
    """The finding names the manager; what we set ourselves is none."""
    found = replicas.check_replicas(_deployment(*entries))
    assert [item.code for item in found] == (["replicas-scaled"] if said else [])
    assert all(f"has 5 replicas, which {said}" in item.message and item.severity == "info" for item in found)


def test_without_a_deployment() -> None:
    """Nothing is found, so no owner scales."""
    assert replicas.check_replicas(None) == []
    assert replicas.number_of_replicas(None) == 0
    assert not replicas.owns_replicas(None)
