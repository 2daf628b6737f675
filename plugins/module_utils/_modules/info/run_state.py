# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the last run in direct mode left: a Deployment that it restored, or one that no run has verified. Pure."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    is_managed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION, is_verified

_PATH = f"Deployment/{constants.REGISTRY}"


def check_run_state(deployment: Object | None) -> list[Finding]:
    """A warning if the Deployment is not what a run wanted and verified. None for a Deployment of an operator, where no run records this."""
    if not is_managed(deployment):
        return []
    annotations = annotations_of(deployment)
    codes = annotations.get(constants.RESTORED_AFTER)
    if codes:
        text = f"is the last verified one: a run with other variables failed ({codes}) and restored it."
        return [warning("deployment-restored", _PATH, text, "Correct the cause of the failure and run again.")]
    if is_verified(deployment):
        return []
    text = (
        f"is not verified (revision {annotations.get(REVISION, 'unknown')}): a run is in progress, was interrupted or failed, or another client "
        "changed the Pod template."
    )
    return [warning("deployment-not-verified", _PATH, text, "If no run is in progress, run the role again.")]
