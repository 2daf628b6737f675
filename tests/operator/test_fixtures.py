# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running operator, recorded, against the recordings of the real one: in one namespace and in the order of the recordings.

Each recording holds traces of those before it, so a test alone (-k) may see another status.storage or other left-overs.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.operator import recorder
from ansible_collections.kyma.docker_registry.tests.operator.sandbox import Sandbox
from ansible_collections.kyma.docker_registry.tests.support import operator_cases

pytestmark = pytest.mark.model


@pytest.mark.parametrize("name", operator_cases.ORDER)
def test_recording(shared_sandbox: Sandbox, name: str, tmp_path: Path) -> None:
    """Status, Deployment, claims, Secrets, NetworkPolicies and the registry's last words are as recorded."""
    recorder.play(shared_sandbox, name)
    path = recorder.write(tmp_path / "0.15.0", recorder.record(shared_sandbox, name))
    assert operator_cases.load(path) == operator_cases.CASES[name]
