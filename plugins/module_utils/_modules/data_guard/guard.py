# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data guard: before a change it checks what is stored where, and whether the change would leave images behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import StoreOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id

from .consent import build_consent, describe_choice, describe_mismatch, is_recorded
from .failed_switch import has_never_served, still_serves
from .image_counting import count_images_if_running
from .left_storage import left_storage_id
from .migration_evidence import check_migrated
from .storage_ids import running_storage_id
from .window_document import read_only_since

_ACCEPTED = "data-loss-accepted"


def is_loss_accepted(findings: Iterable[Finding]) -> bool:
    """True if guard_images() let a change pass because its loss of images is accepted."""
    return any(finding.code == _ACCEPTED for finding in findings)


def abandoned_claim(claim: dict[str, Any] | None) -> str | None:
    """Storage ID for a claim of the registry that has been bound although no Deployment uses it any more."""
    if claim is None or status_of(claim).get("phase") != "Bound":
        return None
    return claim_storage_id(str(claim["metadata"]["name"]))


def guard_images(
    context: Context[StoreOptions],
    *,
    namespace: str,
    new_storage_id: str,
    deployment: dict[str, Any] | None,
    default_claim: dict[str, Any] | None,
    consent: str,
    registry_name: str,
    path: str,
    outcome: str,
    interrupted: bool = False,
    in_window: bool = False,
) -> list[Finding]:
    """Checks a change from the current storage ID to `new_storage_id`.

    default_claim: may be abandoned (see abandoned_claim). consent: the user's registry_accept_data_loss. registry_name: of the DockerRegistry,
    which records an accepted switch, and which names the storage if the Deployment was deleted.
    interrupted: an earlier run ended on the way to another storage (see storage_ids.is_switch_interrupted); its Pod is waited for, and so is
    that of a maintenance window whose record is still there.
    outcome: what the message says about the changes that were made. in_window: the registry is read-only for this question.
    Returns warnings. Raises Refusal if images would be left behind.
    """
    current, judged = running_storage_id(context, namespace, deployment), deployment
    if deployment is None:
        cr, claim = context.cluster.get("DockerRegistry", registry_name, namespace), abandoned_claim(default_claim)
        left = left_storage_id(context, namespace, cr, new_storage_id)
        current, judged = (claim, None) if left in (None, claim) else (left, cr)
    if current is None or current == new_storage_id:
        return []
    if deployment is not None and still_serves(context.cluster, namespace, deployment, new_storage_id):
        text = f"the rollout to {current} did not complete, and the registry still uses {new_storage_id}, which this run restores."
        return [warning("switch-undone", path, text, f"Check whether images were pushed to {current}.")]
    migrated = check_migrated(context, namespace, deployment, current, new_storage_id)
    if migrated:
        return migrated
    awaited = (interrupted or read_only_since(deployment) is not None) and not context.check_mode
    wait_seconds = context.options.wait_timeout if awaited else 0
    image_count = count_images_if_running(context, namespace, deployment, wait_seconds)
    if image_count.empty:
        return []
    completes = interrupted and new_storage_id.startswith(f"{current}/")
    if completes and not image_count.known and has_never_served(context.cluster, namespace):
        # The operator cannot start this Pod without what the interrupted run has not written yet.
        return []
    fitting = build_consent(current, namespace, judged, default_claim)
    if consent and (
        consent == fitting
        or is_recorded(
            context.cluster.get("DockerRegistry", registry_name, namespace), current, new_storage_id, consent
        )
    ):
        return [
            warning(
                _ACCEPTED,
                "registry_accept_data_loss",
                f"images in {current} ({image_count.describe()}) are left behind, as accepted.",
                "Remove the value from the play. It is valid only for this change.",
            )
        ]
    raise Refusal(
        [
            error(
                "images-at-risk",
                path,
                f"the registry stores its images in {current} ({image_count.describe()}); this change to {new_storage_id} would leave them behind. "
                f"{outcome}{describe_mismatch(consent)}",
                f"{image_count.advice()}Copy the images first with the playbook kyma.docker_registry.migrate, {describe_choice(fitting, in_window=in_window)}",
            )
        ]
    )
