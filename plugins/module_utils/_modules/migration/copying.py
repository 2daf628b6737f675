# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads both inventories through the migration Pod, judges the source's, and copies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.canary import (
    MISSING,
    MISSING_REMEDY,
    NEVER_PUSHED,
    NEVER_PUSHED_REMEDY,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import (
    count_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    RegistryCredentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.canary import canary_tag
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import ImageRegistry
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.graph import Inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.reading import (
    IncompleteInventory,
    read_inventory,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.transfer import Copier, Transfer
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import is_claim

from .known_images import check_known_images
from .options import MigrationOptions
from .planning import Side
from .pod_objects import SOURCE, TARGET
from .pod_run import PATH, MigrationPod

_DROP = "registry_migration_drop"
# Problems that a message shows with their reasons, and names that it shows for the user to copy.
_SHOWN = 10
_NAMED = 200

_T = TypeVar("_T")


class Copying:
    """Both registries of the Pod, and what was copied between them. user: of the running registry, whose canary has to be listed."""

    def __init__(
        self,
        context: Context[MigrationOptions],
        pod: MigrationPod,
        sides: tuple[Side, Side],
        user: RegistryCredentials,
    ) -> None:
        self.done = Transfer()
        self._context = context
        self._pod = pod
        self._source, self._target = sides
        self._user = user

    def read_source(self) -> Inventory:
        """The source's inventory without what the user drops. Raises Refusal if it cannot be trusted or holds what cannot be copied."""
        with self._pod.connect() as (source, _target):
            found = self._read(source, SOURCE, hides_tags=self._source.hides_tags)
            self._context.require(check_canary(found, self._source.storage_id, self._user))
            if not found.repositories and is_claim(self._source.storage_id):
                self._require_no_images()
            self._context.require(self._explained(lambda: check_known_images(self._context, source, found)))
        dropped = set(self._context.options.drop)
        names = {item.name for item in found.problems}
        self._context.report(_check_drop(dropped, names))
        kept = found.without(dropped & names)
        self._context.require(check_problems(kept))
        return kept

    def read_target(self) -> Inventory:
        """What the target has."""
        with self._pod.connect() as (_source, target):
            return self._read(target, TARGET, hides_tags=self._target.hides_tags)

    def copy(self, wanted: Inventory, present: Inventory, phase: str, *, reconcile: bool = False) -> None:
        """Copies what the target lacks. phase: for the progress. reconcile: and deletes there what the source does not have."""
        progress = self._context.awaiting(f"copy of the images (phase {phase})")
        with self._pod.connect() as (source, target):
            copier = Copier(source, target, progress=progress)

            def run() -> None:
                copier.copy(wanted, present)
                if reconcile:
                    copier.reconcile(wanted, present)

            try:
                self._explained(run)
            finally:
                for name, value in copier.done.counts().items():
                    setattr(self.done, name, getattr(self.done, name) + value)

    def _read(self, registry: ImageRegistry, container: str, *, hides_tags: bool) -> Inventory:
        listing = self._pod.list_manifests(container)
        progress = self._context.awaiting(f"inventory of the {container}")

        def read() -> Inventory:
            return read_inventory(registry, listing, hides_tags=hides_tags, progress=progress)

        try:
            return self._explained(read)
        except IncompleteInventory as problem:
            text = f"the inventory of the {container} is not complete: {problem}. Nothing is copied from it or deleted by it."
            remedy = (
                "Run again. If it occurs again, check the store: it returns lists or objects that are not complete."
            )
            raise Refusal([error("migration-inventory-incomplete", PATH, text, remedy)]) from None

    def _require_no_images(self) -> None:
        """Raises Refusal (migration-source-unknown) if the registry that serves may have images, and the Pod finds none on the same volume."""
        counted = count_images(self._context, self._pod.namespace)
        if not counted.empty:
            text = f"the Pod finds no image in {self._source.storage_id}, and the running registry is not known to be empty ({counted.describe()})."
            remedy = (
                "Check that the volume is mounted with its content on all nodes, and that the registry can be queried."
            )
            raise Refusal([error("migration-source-unknown", PATH, text, remedy)])

    def _explained(self, request: Callable[[], _T]) -> _T:
        failure: RegistryError | None = None
        try:
            return request()
        except RegistryError as problem:
            failure = problem
        raise self._pod.explain(failure)


def check_canary(inventory: Inventory, storage_id: str, user: RegistryCredentials) -> list[Finding]:
    """An error if the source does not list its canary, or lists nothing and has none: a store may hide its content."""
    code, path = "migration-source-unknown", PATH
    if user.canary == storage_id:
        repository = inventory.repositories.get(constants.CANARY_REPOSITORY)
        if repository is not None and canary_tag(user.identity) in repository.tags:
            return []
        return [error(code, path, f"{MISSING.format(storage_id)}.", MISSING_REMEDY)]
    if inventory.repositories or is_claim(storage_id):
        return []
    return [error(code, path, f"{NEVER_PUSHED.format(storage_id)}.", NEVER_PUSHED_REMEDY)]


def check_problems(inventory: Inventory) -> list[Finding]:
    """An error for what cannot be copied and was not dropped by name."""
    if not inventory.problems:
        return []
    shown = [f"{item.name} ({item.reason})" for item in inventory.problems[:_SHOWN]]
    more = len(inventory.problems) - len(shown)
    text = (
        f"the source holds {len(inventory.problems)} tags and manifests that cannot be copied: {'; '.join(shown)}{f'; and {more} more' if more else ''}. "
        "The migration stops."
    )
    names = sorted({item.name for item in inventory.problems})
    beyond = f" These are the first {_NAMED} of {len(names)} names." if len(names) > _NAMED else ""
    remedy = f"Repair or delete them, or leave them behind with {_DROP}: {json.dumps(names[:_NAMED])}.{beyond}"
    return [error("migration-not-copyable", PATH, text, remedy)]


def _check_drop(dropped: set[str], problems: set[str]) -> list[Finding]:
    """Only what cannot be copied is dropped."""
    unknown = sorted(dropped - problems)
    if not unknown:
        return []
    text = f"names what can be copied or does not exist, and is copied if it exists: {', '.join(unknown[:_SHOWN])}."
    return [warning("migration-drop-unknown", _DROP, text, "Remove these names.")]
