# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_migration: which phase comes next."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.input_names import NAMES_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LEASE_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.ca_bundle import CA_BUNDLE
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.content_check import FULL, SAMPLE

from .estimate import report_estimate
from .finishing import abort_migration, confirm_migration, reopen_registry
from .options import MigrationOptions
from .phases import IN_POD, Run, plan_findings
from .planning import plan_migration
from .recording import Recorder
from .sides import Sides, read_input, read_sides
from .source_volume import KeptVolume, find_volume, require_volume

COPY_IMAGE = "ghcr.io/regclient/regsync:v0.11.7"

SPEC = (
    Spec(
        {
            "state": {"type": "str", "choices": ["copied", "confirmed", "writable", "aborted"], "default": "copied"},
            "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
            "storage": {"type": "raw"},
            "driver_parameters": {"type": "dict", "default": {}},
            "ca_bundle": CA_BUNDLE,
            "volume_size": {"type": "str", "default": "20Gi"},
            "volume_storage_class": {"type": "str"},
            "volume_access_modes": {"type": "list", "elements": "str", "default": ["ReadWriteOnce"]},
            "copy_mode": {"type": "str", "choices": [IN_POD, "controller"], "default": IN_POD},
            "copy_image": {"type": "str", "default": COPY_IMAGE},
            "verify": {"type": "str", "choices": [FULL, SAMPLE], "default": SAMPLE},
            "drop": {"type": "list", "elements": "str", "default": []},
            "accept_source_deletion": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 300},
        }
    )
    .merged(SOURCES)
    .merged(NAMES_SPEC)
    .merged(LEASE_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)


def migrate_registry(context: Context[MigrationOptions]) -> None:
    """Copies the images up to the switch, completes a migration, or aborts it."""
    context.migrates = True
    context = read_input(context)
    recorder = Recorder(context, context.options.namespace)
    try:
        bodies = {"confirmed": confirm_migration, "writable": reopen_registry, "aborted": abort_migration}
        bodies.get(context.options.state, _copy)(context, recorder)
    finally:
        migration = recorder.current
        context.result["migration"] = migration.to_result() if migration is not None else None


def _copy(context: Context[MigrationOptions], recorder: Recorder) -> None:
    sides = read_sides(context, context.options.namespace)
    context.result.update(switch_ready=False, steps=[])
    if sides.source.storage_id == sides.target.storage_id:
        _note_switched(context, recorder, sides)
        return
    context.require(_check_other(recorder, sides))
    plan = plan_migration(
        sides.source,
        sides.target,
        with_operator=sides.with_operator,
        accepts_deletion=context.options.accept_source_deletion,
        copies_in_pod=context.options.copy_mode == IN_POD,
    )
    context.result["steps"] = [{"phase": phase, "text": text} for phase, text in plan.steps]
    context.require(plan.findings)
    volume = _source_volume(context, recorder) if plan.deletes_source else None
    if context.check_mode:
        context.report(plan_findings(plan))
        report_estimate(context)
        return
    if recorder.current is None or not recorder.current.is_running:
        recorder.begin(sides.source.storage_id, sides.target.storage_id)
    else:
        # The first write takes the Lease; the phase is that of the run that ended.
        recorder.enter(recorder.current.phase)
    try:
        Run(context, recorder, sides, plan, volume).copy_and_verify()
    except Refusal as refusal:
        _end_unbegun(recorder, refusal)
        raise
    context.result["switch_ready"] = True


def _source_volume(context: Context[MigrationOptions], recorder: Recorder) -> KeptVolume | None:
    """The volume that the migration keeps. A former run may have changed its reclaim policy already.

    Raises Refusal (source-volume-replaced) if the claim has another volume than that run has found.
    """
    namespace, migration = context.options.namespace, recorder.current
    recorded = migration.kept_volume if migration is not None and migration.is_running else {}
    if recorded:
        require_volume(context, namespace, recorded["name"])
    found = find_volume(context, namespace, accepts_deletion=context.options.accept_source_deletion)
    return KeptVolume(**recorded) if recorded and found is not None else found


def _end_unbegun(recorder: Recorder, refusal: Refusal) -> None:
    """A migration that has copied nothing does not block other runs. One that lost the API server or the Lease keeps its record."""
    migration = recorder.current
    lost = any(item.code.startswith(("cluster-", "lease-")) for item in errors(refusal.findings))
    if migration is not None and migration.phase == record.PLAN and not migration.target_is_ours and not lost:
        recorder.enter(record.ABORTED)


def _note_switched(context: Context[MigrationOptions], recorder: Recorder, sides: Sides) -> None:
    """The registry uses the target: an earlier run has switched it, or there never was something to migrate."""
    migration = recorder.current
    switched = (
        migration is not None and migration.phase == record.SWITCH and migration.target == sides.target.storage_id
    )
    context.result["switch_ready"] = switched
    if not switched:
        text = f"is {sides.target.storage_id}, which the registry uses already. Nothing is migrated."
        context.report([Finding("migration-not-needed", "info", "registry_storage", text)])


def _check_other(recorder: Recorder, sides: Sides) -> list[Finding]:
    """An error if the migration that is recorded has another source or target."""
    migration = recorder.current
    if migration is None or not migration.is_running:
        return []
    if migration.is_between(sides.source.storage_id, sides.target.storage_id):
        return []
    text = f"{migration.describe()}."
    remedy = "Continue it with the same registry_storage, or abort it with registry_migration_state: aborted."
    return [error("migration-running", f"ConfigMap/{constants.DAY2_RECORD}", text, remedy)]
