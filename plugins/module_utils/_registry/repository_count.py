# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry stores: repositories with images, counted up to a cap."""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import CANARY_REPOSITORY
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent

from .canary import lists_canary
from .client import RegistryApi
from .errors import RegistryError

# Seconds for a count. Repositories that were emptied are listed as well, and each one costs a request.
LONGEST_COUNT = 300.0


@dataclass(frozen=True)
class RepositoryCount:
    """repositories: how many have a tag. capped: there may be more. untagged: names without a tag, also of emptied repositories.

    trusted: False if the registry does not list its canary, so that it may not list what it holds.
    """

    repositories: int
    capped: bool
    untagged: tuple[str, ...]
    trusted: bool = True


def count_repositories(
    api: RegistryApi, cap: int, ignore: Set[str] = frozenset(), progress: Say = silent, *, canary: str | None = None
) -> RepositoryCount:
    """Counts repositories; stops at `cap` repositories with a tag. ignore: repositories that are ignored. progress: called for each one.

    canary: identity of the registry whose canary must be listed, in the catalog and by its tag; None if there is none yet.

    Raises RegistryError if the registry does not answer every request, or takes too long: an incomplete count is not used.
    """
    deadline = time.monotonic() + LONGEST_COUNT
    count = 0
    untagged: list[str] = []
    trusted = canary is None
    for name in api.catalog():
        if name == CANARY_REPOSITORY and canary is not None:
            trusted = lists_canary(api, canary)
        if name in ignore:
            continue
        progress(f"{count} with images, {len(untagged)} without a tag")
        if time.monotonic() >= deadline:
            raise _too_long(count, len(untagged))
        if not api.tags(name):
            untagged.append(name)
            continue
        count += 1
        if count >= cap:
            return RepositoryCount(count, True, tuple(untagged))
    return RepositoryCount(count, False, tuple(untagged), trusted)


def _too_long(count: int, untagged: int) -> RegistryError:
    text = f"counting the repositories did not finish within {LONGEST_COUNT:.0f} s: {count} with images, {untagged} without a tag so far."
    remedy = "Try again when the registry and its store are less busy, or raise the CPU limit of the registry."
    return RegistryError("registry-count-timeout", text, remedy)
