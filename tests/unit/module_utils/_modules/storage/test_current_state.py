# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prevents the desired state, found before anything is written."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import current_state, desired_state
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "keys"}}
CLAIM = {"metadata": {"name": "own"}, "spec": {"accessModes": ["ReadWriteMany"]}, "status": {"phase": "Bound"}}


def _codes(
    storage: Any, replicas: int | None, deployment: dict[str, Any] | None = None, claim: dict[str, Any] = CLAIM
) -> list[str]:
    resolved, _found = spec.check_storage(storage, "registry_storage")
    assert resolved is not None
    size = volume.VolumeRequest("20Gi", None, ("ReadWriteMany",))
    desired = desired_state.DesiredState("default", "ns", "registry_storage", resolved, size, {}, {}, replicas)
    seen = current_state.CurrentState({"metadata": {}}, True, None, (), deployment, None, claim)
    found = current_state.check_current_state(make_context({"create_namespace": True}, check_mode=False), desired, seen)
    return [item.code for item in found if item.severity == "error"]


@pytest.mark.parametrize("storage", [S3, {"pvc": {"name": "own"}}])
@pytest.mark.parametrize(("replicas", "codes"), [(-1, ["replicas-below-one"]), (0, ["replicas-below-one"]), (2, [])])
def test_replicas(storage: Any, replicas: int, codes: list[str]) -> None:
    """A registry needs one Pod, wherever its images are."""
    assert _codes(storage, replicas) == codes


@pytest.mark.parametrize(
    ("number", "ours", "modes", "codes"),
    [
        (2, True, ["ReadWriteOnce"], ["replicas-need-shared-volume"]),
        (2, True, ["ReadWriteMany"], []),
        (2, False, ["ReadWriteOnce"], []),
        (1, True, ["ReadWriteOnce"], []),
        (0, True, ["ReadWriteOnce"], []),
        (None, True, ["ReadWriteOnce"], []),
    ],
    ids=["several Pods", "shared volume", "an operator's", "one Pod", "no Pod", "no Deployment"],
)
def test_a_number_that_is_left_out(number: int | None, ours: bool, modes: list[str], codes: list[str]) -> None:
    """The number of our Deployment stays, so it counts. What another mode has made does not stay."""
    deployment = {
        "metadata": {"labels": dict(constants.MANAGED_BY) if ours else {}},
        "spec": {"replicas": number, "template": {"spec": {}}},
    }
    claim = {**CLAIM, "spec": {"accessModes": modes}}
    assert _codes({"pvc": {"name": "own"}}, None, deployment if number is not None else None, claim) == codes
    assert _codes(S3, None, deployment if number is not None else None) == []
