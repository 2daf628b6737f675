# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard: before a change it asks what is stored where, and whether the change would leave images behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id

from .registry_access import connect_registry
from .storage_ids import running_storage_id

# Counting stops here: the guard only needs to know whether something would be lost, and roughly how much.
COUNT_CAP = 100
# The dry run of the registry's own garbage collection lists manifests without tags; bounds for its output and time.
LISTING_BYTES = 1_000_000
LISTING_SECONDS = 60.0


@dataclass(frozen=True)
class ImageCount:
    """What the registry stores now. `known` is False where it could not be asked: that counts as full."""

    known: bool
    repositories: int = 0
    capped: bool = False
    why: str = ""

    @property
    def empty(self) -> bool:
        """True only where it is certain that no image is stored."""
        return self.known and self.repositories == 0

    def text(self) -> str:
        """For people: how much is stored."""
        if not self.known:
            return f"unknown content ({self.why})"
        more = "at least " if self.capped else ""
        return f"{more}{self.repositories} {'repository' if self.repositories == 1 else 'repositories'} with images"


def count_images(context: Context, namespace: str) -> ImageCount:
    """Asks the running registry what it stores; the verification's own repository does not count."""
    try:
        with connect_registry(context, namespace) as registry:
            progress = context.awaiting(f"count of the repositories of the registry in namespace {namespace}")
            stored = inventory.count_repositories(
                registry.api, cap=COUNT_CAP, ignore={constants.VERIFICATION_REPOSITORY}, progress=progress
            )
            if stored.repositories or not stored.untagged:
                return ImageCount(True, stored.repositories, stored.capped)
            return _count_untagged(context, namespace, registry.pod)
    except Refusal as refusal:
        return ImageCount(False, why="; ".join(finding.message.rstrip(".") for finding in refusal.findings))


def _count_untagged(context: Context, namespace: str, pod: str) -> ImageCount:
    """The API lists no manifests without tags; the registry's own binary does (a dry run deletes nothing)."""
    command = ["/bin/registry", "garbage-collect", "--dry-run", "/etc/distribution/config.yml"]
    answer = context.cluster.exec(namespace, pod, constants.CONTAINER, command, LISTING_BYTES, LISTING_SECONDS)
    found = inventory.count_manifests(answer.stdout, {constants.VERIFICATION_REPOSITORY})
    if found:
        return ImageCount(True, len(found))
    if answer.code != 0:
        return ImageCount(False, why="repositories without tags are there and their manifests could not be listed")
    return ImageCount(True)


def count_images_if_running(context: Context, namespace: str, deployment: dict[str, Any] | None) -> ImageCount:
    """count_images(), where there is a registry that could be asked."""
    return (
        count_images(context, namespace) if deployment is not None else ImageCount(False, why="no registry serves it")
    )


def abandoned_claim(claim: dict[str, Any] | None) -> str | None:
    """Storage ID for a claim of the registry that has been bound although no Deployment uses it any more."""
    if claim is None or status_of(claim).get("phase") != "Bound":
        return None
    return claim_storage_id(str(claim["metadata"]["name"]))


def guard_images(
    context: Context,
    *,
    namespace: str,
    wanted: str,
    deployment: dict[str, Any] | None,
    left: str | None,
    accept: str,
    path: str,
) -> list[Finding]:
    """Judges a change from the current storage ID to `wanted`.

    left: storage ID of what is left without a Deployment (see abandoned_claim). accept: the user's registry_accept_data_loss.
    Returns warnings; raises Refusal where images would be left behind.
    """
    current = running_storage_id(context, namespace, deployment) or left
    if current is None or current == wanted:
        return []
    image_count = count_images_if_running(context, namespace, deployment)
    if image_count.empty:
        return []
    if accept == current:
        return [
            warning(
                "data-loss-accepted",
                "accept_data_loss",
                f"images in {current} ({image_count.text()}) are left behind, as accepted.",
                "Take the value out of the play now: it would accept the same loss again.",
            )
        ]
    raise Refusal(
        [
            error(
                "images-at-risk",
                path,
                f"the registry keeps its images in {current} ({image_count.text()}); this change to {wanted} would leave them behind. "
                "Nothing was changed.",
                f"Copy the images first, or accept the loss with registry_accept_data_loss: '{current}'.",
            )
        ]
    )
