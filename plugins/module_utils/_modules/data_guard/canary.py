# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary of the running registry, and the record of it on the Secret with the credentials."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.canary import lists_canary, push_canary

from .registry_access import RunningRegistry
from .storage_ids import UNKNOWN

_PATH = f"Secret/{constants.CREDENTIALS_SECRET}"
MISSING = "the registry does not list its canary image, which a verification has pushed to {}. The registry may be using another storage"
MISSING_REMEDY = (
    "Check the storage that the Pods read. If its content was deleted on purpose, remove the annotation "
    f"{constants.CANARY} from {_PATH}."
)
NEVER_PUSHED = "the registry lists no image, and no verification has pushed a canary image to {}. The registry may be unable to list that storage"
NEVER_PUSHED_REMEDY = "First run the role with the current storage and `registry_verify: image`. The registry must then list its canary image."


def keep_canary(context: Context[Options], namespace: str, registry: RunningRegistry) -> list[Finding]:
    """Checks the canary; the first verification of a storage pushes and records it.

    One that is recorded and not listed is not pushed again: that would hide that the registry does not list its images.
    """
    if registry.storage_id == UNKNOWN:
        return []
    listed = lists_canary(registry.api, registry.user.identity)
    if registry.has_canary:
        text = f"{MISSING.format(registry.storage_id)}."
        return [] if listed else [warning("canary-missing", _PATH, text, MISSING_REMEDY)]
    if not listed:
        push_canary(registry.api, registry.user.identity)
    return _record_canary(context, namespace, registry)


def _record_canary(context: Context[Options], namespace: str, registry: RunningRegistry) -> list[Finding]:
    """Writes the record. The Secret is the one that was read, whose UID names the canary."""
    metadata = {"uid": registry.user.uid, "annotations": {constants.CANARY: registry.storage_id}}
    try:
        context.cluster.patch(
            "Secret",
            constants.CREDENTIALS_SECRET,
            namespace,
            {"metadata": metadata},
            content_type="application/merge-patch+json",
        )
    except Refusal as problem:
        text = f"cannot record the canary image: {problem.findings[0].message}"
        remedy = "Grant the right to patch this Secret, so that the data guard detects a registry that does not list its images."
        return [Finding("canary-not-recorded", "info", _PATH, text, remedy)]
    return []
