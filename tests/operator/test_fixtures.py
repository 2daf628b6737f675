# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running operator against the recordings of the real one, in one namespace and in the order of the recordings.

Each recording holds traces of those before it, so a test alone (-k) may see another status.storage or other left-overs.
"""

from __future__ import annotations

import dataclasses
import time

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.scene import Scene
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

SECONDS = 60


@pytest.mark.parametrize("name", operator_cases.ORDER)
def test_recording(shared_scene: Scene, name: str) -> None:
    """Status, Deployment, claims, Secrets, NetworkPolicies and the registry's last words become as recorded."""
    scene, case = shared_scene, operator_cases.CASES[name]
    _precede(scene, operator_cases.ORDER[name])
    scene.apply(case.storage)
    wanted = dataclasses.asdict(case)
    panic = wanted.pop("panic")
    wanted = {key: value for key, value in wanted.items() if key not in ("name", "storage")}
    deadline = time.monotonic() + SECONDS
    while (seen := scene.observed()) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    assert seen == wanted
    if panic:
        until("the registry to say why it broke down", scene.panic)
    assert scene.panic() == panic


def _precede(scene: Scene, pause: str) -> None:
    """Bring the registry to where it was before a recording."""
    if pause == "azure":
        scene.apply({"azure": {"secretName": "azure-storage"}})
        until("the Deployment", lambda: "secrets.azure=" in scene.rollme())
        scene.mend_azure()
        scene.await_state("Ready")
        scene.release()
    elif pause:
        scene.apply(None)
        until("the default", lambda: "dockerregistry" in scene.names("PersistentVolumeClaim"))
        until("its Deployment", lambda: scene.rollme() == operator_cases.DEFAULT_ROLLME)
    if pause == "ready":
        scene.await_state("Ready")
