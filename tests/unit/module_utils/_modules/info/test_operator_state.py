# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registry_info makes of a switch that the storage lock refused."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import operator_state

REFUSAL = "Deployment.apps is invalid: spec.template.spec.volumes[1].persistentVolumeClaim: Forbidden: may not specify more than 1 volume type"


@pytest.mark.parametrize(
    ("state", "installed", "message", "reported"),
    [
        ("Error", "False", REFUSAL, True),
        ("Processing", "False", REFUSAL, True),
        ("Ready", "False", REFUSAL, False),
        ("Error", "True", REFUSAL, False),
        ("Error", "False", "another reason", False),
    ],
)
def test_refused(state: str, installed: str, message: str, reported: bool) -> None:
    """Also between two tries of the operator; not from before."""
    condition = {"type": "Installed", "status": installed, "message": message}
    cr = {"metadata": {}, "status": {"state": state, "conditions": [condition]}}
    assert [finding.code for finding in operator_state._check_rejection(cr)] == (
        ["storage-lock-rejected"] if reported else []
    )
