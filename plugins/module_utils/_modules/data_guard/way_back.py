# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back to the former storage after a failed switch: it is open if no image is left behind in the new one."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import ConsentOptions

from .consent import is_left_behind
from .failed_switch import nothing_served_since_window
from .guard import guard_images
from .storage_ids import running_storage_id
from .window_document import is_open, read_only_since, read_only_storage_id

_PATH = f"Deployment/{constants.REGISTRY}"


def keeps_images(context: Context[ConsentOptions], live: ObjectDict, former_storage_id: str | None) -> bool:
    """Whether the way back leaves no image behind that was pushed to the new storage. Reports a warning (restore-at-risk) if it does.

    former_storage_id: None if it is not known, which leads to no other storage.
    """
    namespace = context.options.namespace
    if former_storage_id is None or former_storage_id == running_storage_id(context, namespace, live):
        return True
    between = _storage_with_images(context, live, former_storage_id)
    if between is not None:
        text = f"is not restored: the last verified storage is {former_storage_id}, and the registry used {between} before the switch, which has images."
        remedy = (
            "Run the role with the storage from before the switch, or correct the cause of the failure and run again."
        )
        context.report([warning("restore-at-risk", _PATH, text, remedy)])
        return False
    if _rejected_pushes(context, namespace, live, former_storage_id):
        return True
    try:
        guard_images(
            context,
            namespace=namespace,
            new_storage_id=former_storage_id,
            deployment=live,
            default_claim=None,
            consent="",
            registry_name=context.options.name,
            path=_PATH,
            outcome="The new storage stays in use.",
        )
    except Refusal as refusal:
        text = f"is not restored: {refusal.findings[0].message}"
        context.report([warning("restore-at-risk", _PATH, text, "Correct the cause of the failure and run again.")])
        return False
    return True


def _storage_with_images(context: Context[ConsentOptions], live: ObjectDict, former_storage_id: str) -> str | None:
    """The storage from before the switch, if no run has verified it and its images were accepted to be left behind; else None."""
    before = read_only_storage_id(live)
    if before is None or before == former_storage_id or is_open(live):
        return None
    cr = context.cluster.get("DockerRegistry", context.options.name, context.options.namespace)
    return before if is_left_behind(cr, before) else None


def _rejected_pushes(
    context: Context[ConsentOptions], namespace: str, live: ObjectDict, former_storage_id: str
) -> bool:
    """True if no push was accepted since the maintenance window of the switch was opened.

    A run removes its record as soon as the rollout to the new storage is complete. Until then, its Pods are read-only or have never been ready; after
    a killed run they may have served. As long as the window is open, the registry uses the storage from before the switch. That can be one which no
    run has verified, and which has images.
    """
    if is_open(live):
        return read_only_storage_id(live) == former_storage_id
    return read_only_since(live) is not None and nothing_served_since_window(context.cluster, namespace, live)
