# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of a migration from its plan to the point at which the role switches the registry."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    maintenance_window,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    read_credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.revisions import read_revisions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    is_open,
    read_only_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images import content_check
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.comparison import compare
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.graph import Inventory
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.regsync import build_sync_file
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.transfer import (
    missing_bytes,
    missing_manifests,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import accepts_uploads

from . import pod_objects
from .copying import Copying
from .options import MigrationOptions
from .planning import MigrationPlan
from .pod_objects import SOURCE, PodRequest
from .pod_run import PATH, MigrationPod, report_copier
from .recording import Recorder
from .sides import Sides, create_claim, read_deployment
from .source_volume import KeptVolume, keep_volume

IN_POD = "pod"
_DEPLOYMENT = f"Deployment/{constants.REGISTRY}"
# What may be left for the maintenance window, and how often the copy is repeated until it is so little.
SMALL_BYTES = 64 * 1024 * 1024
SMALL_MANIFESTS = 50
_ROUNDS = 4


class Run:
    """One run of the phases. Each phase is recorded before it begins, and a phase that is done again finds what was copied."""

    def __init__(
        self,
        context: Context[MigrationOptions],
        recorder: Recorder,
        sides: Sides,
        plan: MigrationPlan,
        volume: KeptVolume | None = None,
    ) -> None:
        """volume: the source's, which is kept although an operator deletes its claim."""
        self._context = context
        self._recorder = recorder
        self._sides = sides
        self._plan = plan
        self._volume = volume
        self._namespace = str(context.options.namespace)
        request = PodRequest(
            sides.deployment,
            sides.store,
            sides.ca_bundle,
            recorder.owner,
            copy_image=context.options.copy_image,
            near_registry=plan.near_registry,
        )
        self._pod = MigrationPod(context, request)
        self._user = read_credentials(context, self._namespace)
        self._copying = Copying(context, self._pod, (sides.source, sides.target), self._user)
        # Whether an earlier run has found the target empty and has copied to it.
        self._continues = recorder.current is not None and recorder.current.target_is_ours
        # Whether the target can have blobs that were not uploaded by this run.
        self._finds_blobs = self._continues
        self._checked = 0
        self._began = time.monotonic()
        self._seconds: dict[str, float] = {}

    def copy_and_verify(self) -> None:
        """Copies, makes the registry read-only, copies the rest, and compares. The registry stays read-only for the switch.

        After a failure nothing of the Pod is left, the registry accepts pushes again, and the record keeps what was reached.
        """
        try:
            self._copy_while_serving()
        except Refusal:
            self._remove_pod()
            raise
        if self._plan.near_registry:
            # A volume of one node: the registry's next Pod has to be free to go to another node.
            self._pod.remove()
        if self._volume is not None:
            # Recorded before it is changed, so that an abort restores it.
            self._enter(record.WINDOW, kept_volume=self._volume.to_record())
            keep_volume(self._context, self._volume)
        else:
            self._enter(record.WINDOW)
        opened = time.monotonic()
        deployment = read_deployment(self._context, self._namespace)
        with maintenance_window(self._context, self._namespace, deployment, list) as read_only:
            try:
                if not is_open(read_only):
                    raise _no_window()
                self._require_rejected_pushes(read_only)
                self._enter(record.DELTA, window_opened_at=str(read_only_since(read_only)))
                self._pod.start(read_only)
                source, target = self._copy_delta()
                self._enter(record.VERIFY)
                self._verify(source, target)
            finally:
                self._remove_pod()
            self._seconds["window"] = time.monotonic() - opened
            tags = {name: dict(item.tags) for name, item in source.repositories.items() if item.tags}
            self._enter(record.SWITCH, tags, counts=self._counts(source))

    def _require_rejected_pushes(self, deployment: Object) -> None:
        """Each Pod has to reject a push: the maintenance window asks one of them."""
        cluster = self._context.cluster
        revisions = read_revisions(cluster, self._namespace, deployment)
        for pod in revisions.current.pods if revisions is not None else []:
            name = str(pod["metadata"]["name"])
            with cluster.port_forward(self._namespace, name, constants.API_PORT) as opener:
                user = self._user
                api = RegistryApi(open_connection=opener, username=user.username, password=user.password)
                accepts = accepts_uploads(api)
                api.close()
            if accepts:
                text = f"accepts a push by Pod {name} although it was made read-only for the migration."
                raise Refusal([error("migration-window-failed", _DEPLOYMENT, text, "Run again.")])

    def _copy_while_serving(self) -> None:
        if self._plan.creates_claim:
            create_claim(self._context, self._namespace, with_operator=self._sides.with_operator)
        self._pod.start(self._sides.deployment)
        with self._context.lease.suspended():
            source, target = self._copying.read_source(), self._copying.read_target()
        if not self._continues:
            self._require_empty(target)
        _require_images(source, target)
        self._finds_blobs = self._continues or target.orphans > 0
        self._enter(record.COPY, target_is_ours=True)
        self._copy_bulk(source, target)
        with self._context.lease.suspended():
            for _round in range(_ROUNDS):
                source, target = self._copying.read_source(), self._copying.read_target()
                _require_images(source, target)
                left = missing_bytes(source, target), missing_manifests(source, target)
                self._copying.copy(source, target, record.COPY)
                if left[0] <= SMALL_BYTES and left[1] <= SMALL_MANIFESTS:
                    break
        self._seconds["copy"] = time.monotonic() - self._began

    def _copy_bulk(self, source: Inventory, target: Inventory) -> None:
        """Lets regsync copy the bulk, if the user wants that and enough is left."""
        few = missing_bytes(source, target) <= SMALL_BYTES and missing_manifests(source, target) <= SMALL_MANIFESTS
        if self._context.options.copy_mode != IN_POD or few:
            return
        present = {name: set(item.manifests) for name, item in target.repositories.items()}
        sync_file = build_sync_file(source, present, *pod_objects.hosts())
        if not sync_file:
            return
        self._pod.start(self._sides.deployment, sync_file)
        with self._context.lease.suspended():
            report_copier(self._context, self._pod.await_copier())

    def _copy_delta(self) -> tuple[Inventory, Inventory]:
        """Copies what was pushed since and deletes what was deleted. Both inventories; the target's is read again."""
        first, second = (self._pod.list_manifests(SOURCE) for _number in range(2))
        if first != second:
            raise _other_writer("two lists of the manifests differ")
        source, target = self._copying.read_source(), self._copying.read_target()
        _require_images(source, target)
        if compare(source, target):
            self._copying.copy(source, target, record.DELTA, reconcile=True)
        return source, self._copying.read_target()

    def _verify(self, source: Inventory, target: Inventory) -> None:
        """Everything that the source has is at the target and nothing else; content has its digest."""
        differences = compare(source, target)
        if differences or target.problems:
            problems = "".join(f"; {item.name}: {item.reason}" for item in target.problems[:5])
            raise _verification_failed(f"{differences.describe()}{problems}")
        # A registry believes the blobs that it finds, so only their content counts if the target was not empty.
        mode = content_check.FULL if self._finds_blobs else self._context.options.verify
        chosen = content_check.choose_blobs(target, mode, self._sides.target.storage_id)
        progress = self._context.awaiting("comparison of the content")
        failure: RegistryError | None = None
        damaged: list[str] = []
        with self._pod.connect() as (_source, registry):
            try:
                damaged = content_check.find_damaged(registry, target, chosen, progress)
            except RegistryError as problem:
                failure = problem
        if failure is not None:
            raise self._pod.explain(failure)
        if damaged:
            raise _verification_failed(f"{len(damaged)} blobs have other content, for example {', '.join(damaged[:5])}")
        again = self._copying.read_source()
        # Both ways: what a registry need not have is missing on neither side if the first reading has overlooked it.
        if compare(source, again) or compare(again, source):
            raise _other_writer("two inventories of the source differ while the registry is read-only")
        self._checked = len(chosen)

    def _require_empty(self, target: Inventory) -> None:
        if not target.repositories and not target.problems:
            return
        counts = target.counts()
        text = (
            f"is {self._sides.target.storage_id}, which holds {counts['manifests']} manifests in {counts['repositories']} repositories already. "
            "Nothing was copied."
        )
        remedy = "Use an empty storage, for example another rootdirectory."
        raise Refusal([error("migration-target-not-empty", "registry_storage", text, remedy)])

    def _enter(self, phase: str, tags: Mapping[str, Mapping[str, str]] | None = None, **changes: Any) -> None:
        self._recorder.enter(phase, tags, **changes)

    def _counts(self, source: Inventory) -> dict[str, Any]:
        seconds = {name: round(value, 1) for name, value in self._seconds.items()}
        copied = self._copying.done.counts()
        return {"source": source.counts(), "copied": copied, "compared_blobs": self._checked, "seconds": seconds}

    def _remove_pod(self) -> None:
        """Removes the Pod after a failure, whose error is the one that counts."""
        with suppress(ClusterError):
            self._pod.remove()


def _require_images(source: Inventory, target: Inventory) -> None:
    """Raises Refusal (migration-source-emptied) if the source has lost everything that was copied: it may be another volume, or hide its content."""
    if not source.repositories.keys() <= constants.UNCOUNTED_REPOSITORIES:
        return
    left = sorted(target.repositories.keys() - constants.UNCOUNTED_REPOSITORIES)
    if left:
        text = f"the source has no images, and the target has {len(left)} repositories that were copied from it, for example {left[0]}. Nothing was deleted."
        remedy = "Check the storage of the registry. If all its images were deleted intentionally, migrate to another empty storage."
        raise Refusal([error("migration-source-emptied", PATH, text, remedy)])


def _no_window() -> Refusal:
    text = "cannot be made read-only for the migration: it rejects pushes already, or cannot be queried."
    remedy = "If registry_readonly is true, run the role with registry_readonly: false first. Check that a Pod of the registry is ready."
    return Refusal([error("migration-window-failed", _DEPLOYMENT, text, remedy)])


def _other_writer(what: str) -> Refusal:
    text = f"{what}: another program writes to the source, for example a second registry on the same storage."
    remedy = (
        "Stop it and run again. If there is none, check the store: it returns lists or objects that are not complete."
    )
    return Refusal([error("migration-other-writer", PATH, text, remedy)])


def _verification_failed(what: str) -> Refusal:
    text = f"the target is not equal to the source: {what}. The storage was not switched."
    remedy = "Run again. If it occurs again, use an empty target."
    return Refusal([error("migration-verification-failed", PATH, text, remedy)])


def plan_findings(plan: MigrationPlan) -> list[Finding]:
    """An info for each phase, for check mode."""
    return [Finding("migration-planned", "info", phase, f"{text}.") for phase, text in plan.steps]
