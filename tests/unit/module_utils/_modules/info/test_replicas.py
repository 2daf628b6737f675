# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registry_info tells of Pods, on which plays wait."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import execute
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import registry_info

ONE = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 2}


class _Cluster:
    """Has a Deployment with this status, or none."""

    target = SimpleNamespace(host="https://cluster", source="test")
    warnings: tuple[str, ...] = ()

    def __init__(self, status: dict[str, Any] | None) -> None:
        metadata = {"name": constants.REGISTRY, "namespace": "ns", "generation": 2}
        spec = {"replicas": 1, "template": {"spec": {"containers": [], "volumes": []}}}
        self._found = None if status is None else {"metadata": metadata, "spec": spec, "status": status}

    def get(self, kind: str, _name: str, _namespace: str | None = None) -> Any:
        return self._found if kind == "Deployment" else None

    def list(self, *_: Any, **__: Any) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("status", "numbers", "rolled_out"),
    [
        (ONE, (1, 1, 1), True),
        # The old Pod serves, the new one starts: one is ready, and one is as it shall be, and they are two.
        ({**ONE, "replicas": 2}, (1, 1, 1), False),
        ({**ONE, "observedGeneration": 1}, (1, 1, 1), False),
        ({}, (1, 0, 0), False),
        (None, (0, 0, 0), False),
    ],
)
def test_replicas(
    monkeypatch: pytest.MonkeyPatch, status: dict[str, Any] | None, numbers: tuple[int, ...], rolled_out: bool
) -> None:
    """The numbers alone do not tell that a rollout has ended."""
    monkeypatch.setattr(Context, "cluster", property(lambda _context: _Cluster(status)))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": None}
    found = execute(registry_info.read_registry_info, params, check_mode=False, secrets=()).result["replicas"]
    assert (tuple(found[key] for key in ("wanted", "ready", "updated")), found["rolled_out"]) == (numbers, rolled_out)
