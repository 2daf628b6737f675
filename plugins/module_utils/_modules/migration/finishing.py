# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a migration: the comparison through the registry that was switched, or the way back."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    close_window,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    connect_registry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import is_open
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.migration_record import Migration
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import is_operator_owned
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import read_tag_digest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id

from .options import MigrationOptions
from .pod_run import remove_objects
from .recording import Recorder
from .sides import read_deployment, read_source_id
from .source_volume import VOLUME, KeptVolume, release_volume
from .volume_return import is_returned, return_volume

_PATH = f"ConfigMap/{constants.DAY2_RECORD}"
_DEPLOYMENT = f"Deployment/{constants.REGISTRY}"
_SHOWN = 5


def confirm_migration(context: Context[MigrationOptions], recorder: Recorder) -> None:
    """Compares the tags through the registry that was switched, and records that the migration is complete. Once."""
    namespace, migration = context.options.namespace, recorder.current
    if migration is None or migration.phase in (record.VERIFIED, record.ABORTED):
        return
    running = read_source_id(context, namespace, read_deployment(context, namespace))
    if migration.phase != record.SWITCH or running != migration.target:
        text = f"is in the phase {migration.phase}, and the registry uses {running}: the switch to {migration.target} was not made."
        raise Refusal([error("migration-not-switched", _PATH, text, "Run the playbook kyma.docker_registry.migrate.")])
    if context.check_mode:
        return
    context.require(_compare_tags(context, namespace, recorder.tags))
    number = (migration.counts.get("source") or {}).get("tags")
    if number and not recorder.tags:
        text = f"has no room for the {number} tags of the registry, so they are not compared again after the switch. The copy was compared before it."
        context.report([warning("migration-tags-not-compared", _PATH, text)])
    recorder.enter(record.VERIFIED)
    context.report([_describe_source(context, namespace, migration)])


def _describe_source(context: Context[MigrationOptions], namespace: str, migration: Migration) -> Finding:
    """What became of the former storage."""
    kept = KeptVolume(**migration.kept_volume) if migration.kept_volume else None
    if kept is not None:
        text = (
            f"{VOLUME}/{kept.name} holds the images as they were at {migration.changed_at}. "
            "registry_migration_state: aborted binds it to a new claim of the default volume."
        )
        return Finding("migration-source-kept", "info", _PATH, text)
    if migration.source == claim_storage_id(constants.DEFAULT_CLAIM) and is_operator_owned(
        read_deployment(context, namespace)
    ):
        text = f"Kyma's operator deletes the former storage, {migration.source}, as accepted."
        return Finding("migration-source-deleted", "info", _PATH, text)
    text = f"the former storage, {migration.source}, was not changed and holds the images as they were at {migration.changed_at}."
    return Finding("migration-source-kept", "info", _PATH, text)


def reopen_registry(context: Context[MigrationOptions], recorder: Recorder) -> None:
    """Makes the registry writable again after a switch that ended before it changed the storage. The next run copies what is pushed from now on."""
    namespace, migration = context.options.namespace, recorder.current
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if migration is None or migration.phase != record.SWITCH or not is_open(deployment):
        return
    if context.check_mode:
        context.change(f"{_DEPLOYMENT} (writable)", {}, {})
        return
    close_window(context, namespace)


def abort_migration(context: Context[MigrationOptions], recorder: Recorder) -> None:
    """Restores the state from before the migration: the registry accepts pushes, and nothing temporary is left. The target keeps its content.

    After a switch it stays switched. If an operator has deleted the source's claim, the volume that was kept is bound to a new one.
    """
    namespace, migration = context.options.namespace, recorder.current
    if migration is None or not (migration.is_running or migration.kept_volume):
        return
    deployment = read_deployment(context, namespace)
    running = read_source_id(context, namespace, deployment)
    if not migration.is_running and running == migration.source:
        # It uses the volume, which was kept, again.
        return
    if running == migration.target and migration.phase == record.SWITCH and not migration.kept_volume:
        raise _switched(migration.target)
    if context.check_mode:
        if migration.phase != record.ABORTED or not is_returned(
            context, namespace, KeptVolume(**migration.kept_volume)
        ):
            context.change(f"{_PATH} (phase {record.ABORTED})", {}, {"phase": record.ABORTED})
        return
    if migration.is_running:
        _end_phases(context, namespace, deployment, recorder)
    kept = _handle_volume(context, namespace, migration.kept_volume, returns=running != migration.source)
    # A target that has served may have images that no migration has copied.
    is_ours = migration.target_is_ours and running == migration.source
    if (migration.phase, migration.target_is_ours) != (record.ABORTED, is_ours):
        recorder.enter(record.ABORTED, kept_volume=kept, target_is_ours=is_ours)
    if is_ours:
        text = f"{migration.target} keeps what was copied to it. A later migration to it continues there."
        context.report([Finding("migration-target-kept", "info", _PATH, text)])


def _handle_volume(
    context: Context[MigrationOptions], namespace: str, kept: Mapping[str, str], *, returns: bool
) -> Mapping[str, str]:
    """What the record names from now on. returns: the registry has left the volume, which gets a claim again; else its former policy is restored."""
    if not kept:
        return kept
    volume = KeptVolume(**kept)
    if not returns:
        return {} if release_volume(context, namespace, volume) else kept
    bound = return_volume(context, namespace, volume)
    context.report([bound] if bound is not None else [])
    return kept


def _switched(target: str) -> Refusal:
    text = f"cannot be aborted: the registry was switched to {target}, which may have accepted pushes."
    remedy = "Complete it with the playbook kyma.docker_registry.migrate. To go back, migrate to another storage."
    return Refusal([error("migration-switched", _PATH, text, remedy)])


def _end_phases(context: Context[MigrationOptions], namespace: str, deployment: Object, recorder: Recorder) -> None:
    """Removes the Pod and makes the registry writable."""
    remove_objects(context.cluster, namespace, recorder.owner)
    if is_open(deployment):
        close_window(context, namespace)
        if is_open(context.cluster.get("Deployment", constants.REGISTRY, namespace)):
            text = "is still read-only, so the migration is not aborted."
            raise Refusal([error("migration-window-failed", _DEPLOYMENT, text, "Correct the cause and run again.")])


def _compare_tags(context: Context[MigrationOptions], namespace: str, tags: dict[str, dict[str, str]]) -> list[Finding]:
    """An error for tags that the registry does not have now; a count of those that were pushed again since the switch."""
    missing, moved, compared = [], 0, 0
    progress = context.awaiting("comparison of the tags through the registry")
    with connect_registry(context, namespace, context.options.wait_timeout) as registry:
        for name, wanted in tags.items():
            for tag, digest in wanted.items():
                found = read_tag_digest(registry.api, name, tag)
                compared += 1
                moved += found not in (None, digest)
                if found is None:
                    missing.append(f"{name}:{tag}")
                progress(f"{compared} tags")
    context.result["compared_tags"] = compared
    if missing:
        text = f"the registry does not have {len(missing)} tags that were copied, for example {', '.join(missing[:_SHOWN])}."
        remedy = (
            "If they were not deleted since the switch, check the log of the registry. The former storage has them."
        )
        return [error("migration-tags-missing", _DEPLOYMENT, text, remedy)]
    if moved:
        text = f"{moved} tags point to other images than at the switch: they were pushed since."
        return [warning("migration-tags-moved", _DEPLOYMENT, text)]
    return []
