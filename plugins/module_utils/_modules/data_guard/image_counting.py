# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many repositories with images the running registry stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Refusal,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import repository_count
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import CONFIG_FILE
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images import dry_run
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import is_claim

from .canary import MISSING, MISSING_REMEDY, NEVER_PUSHED, NEVER_PUSHED_REMEDY
from .registry_access import connect_registry

# Counting stops here: the guard only needs to know whether something would be lost, and roughly how much.
COUNT_CAP = 100
# The dry run of the registry's own garbage collection lists manifests without tags; bounds for its output and time.
LISTING_BYTES = 1_000_000
LISTING_SECONDS = 60.0
_NO_TAGS = "the registry has repositories without tags, and"


@dataclass(frozen=True)
class ImageCount:
    """What the registry stores now. `known` is False if it could not be asked, which counts as full. remedy: what to do if it is not."""

    known: bool
    repositories: int = 0
    capped: bool = False
    reason: str = ""
    remedy: str = ""

    @property
    def empty(self) -> bool:
        """True only if it is certain that no image is stored."""
        return self.known and self.repositories == 0

    def advice(self) -> str:
        """The remedy as the beginning of another one."""
        return f"{self.remedy} " if self.remedy else ""

    def describe(self) -> str:
        """How much is stored, for messages."""
        if not self.known:
            return f"unknown content ({self.reason})"
        more = "at least " if self.capped else ""
        return f"{more}{self.repositories} {'repository' if self.repositories == 1 else 'repositories'} with images"


def count_images(context: Context[Options], namespace: str, wait_seconds: float = 0) -> ImageCount:
    """Asks the running registry what it stores; the repositories of the verification are ignored."""
    try:
        with connect_registry(context, namespace, wait_seconds) as registry:
            progress = context.awaiting(f"count of the repositories of the registry in namespace {namespace}")
            stored = repository_count.count_repositories(
                registry.api,
                cap=COUNT_CAP,
                ignore=constants.UNCOUNTED_REPOSITORIES,
                progress=progress,
                canary=registry.user.identity if registry.has_canary else None,
            )
            if not stored.trusted:
                return ImageCount(False, reason=MISSING.format(registry.storage_id), remedy=MISSING_REMEDY)
            if stored.repositories:
                return ImageCount(True, stored.repositories, stored.capped)
            # Some object stores answer an empty listing although objects are there (distribution#4932).
            if not registry.has_canary and not is_claim(registry.storage_id):
                return ImageCount(False, reason=NEVER_PUSHED.format(registry.storage_id), remedy=NEVER_PUSHED_REMEDY)
            if not stored.untagged:
                return ImageCount(True)
            return _count_untagged(context, namespace, registry.pod, has_canary=registry.has_canary)
    except Refusal as refusal:
        return ImageCount(False, reason="; ".join(finding.message.rstrip(".") for finding in refusal.findings))


def _count_untagged(context: Context[Options], namespace: str, pod: str, *, has_canary: bool) -> ImageCount:
    """The API lists no manifests without tags; the registry's own binary does (a dry run deletes nothing).

    has_canary: the list has to contain the canary. Without it, the list is not complete, or of another storage.
    """
    command = [*dry_run.COMMAND, CONFIG_FILE]
    progress = context.awaiting(f"list of the manifests of the registry in namespace {namespace}", LISTING_SECONDS)
    place = (namespace, pod, constants.CONTAINER)
    answer = context.cluster.exec(place, command, LISTING_BYTES, LISTING_SECONDS, progress)
    found = dry_run.repositories_with_manifests(answer.stdout)
    images = found - constants.UNCOUNTED_REPOSITORIES
    if images:
        return ImageCount(True, len(images))
    if answer.code != 0:
        return ImageCount(False, reason=f"{_NO_TAGS} their manifests could not be listed")
    if has_canary and constants.CANARY_REPOSITORY not in found:
        return ImageCount(False, reason=f"{_NO_TAGS} the list of its manifests does not have its canary image")
    return ImageCount(True)


def count_images_if_running(
    context: Context[Options], namespace: str, deployment: dict[str, Any] | None, wait_seconds: float = 0
) -> ImageCount:
    """count_images() if there is a registry that can be asked. wait_seconds: how long to wait for a ready Pod."""
    if deployment is None:
        return ImageCount(False, reason="no registry serves this storage")
    return count_images(context, namespace, wait_seconds)
