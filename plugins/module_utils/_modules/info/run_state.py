# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the last run left: a Lease that it has not released, a migration, and in direct mode a Deployment that it restored or did not verify. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    is_managed,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION, is_verified
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.times import is_older_than
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.migration_record import Migration

_PATH = f"Deployment/{constants.REGISTRY}"
# A run renews its Lease at least each minute. The clocks of two machines can differ.
_ABANDONED = timedelta(minutes=5)
# A copy of many images can take hours. As long as the alert DockerRegistryMigrationIncomplete waits.
LONG_PHASE = timedelta(hours=12)


def check_lease(lease: Object | None, now: datetime) -> list[Finding]:
    """A warning if a run holds the Lease and has not renewed it for so long that it was interrupted. now: in UTC."""
    spec = spec_of(lease)
    identity, renewed = spec.get("holderIdentity"), spec.get("renewTime")
    if not identity or not is_older_than(renewed, _ABANDONED, now):
        return []
    text = f"was not renewed by {identity} since {renewed or 'an unknown time'}: this run was interrupted."
    remedy = "Run the role again: it takes the Lease over and completes what that run has started."
    return [warning("lease-abandoned", f"Lease/{constants.LEASE}", text, remedy)]


def check_migration(migration: Migration | None, now: datetime) -> list[Finding]:
    """An info about a migration that is not complete, a warning if its phase has not changed for so long that its run has probably ended. now: in UTC."""
    if migration is None or not migration.is_running:
        return []
    path = f"ConfigMap/{constants.DAY2_RECORD}"
    text = migration.describe()
    if not is_older_than(migration.changed_at, LONG_PHASE, now):
        return [Finding("migration-in-progress", "info", path, f"{text}.")]
    remedy = (
        "If no run is in progress, continue the migration with the playbook kyma.docker_registry.migrate, "
        "or abort it with registry_migration_state: aborted."
    )
    return [warning("migration-not-completed", path, f"{text}. Until its switch, other runs write nothing.", remedy)]


def check_run_state(deployment: Object | None) -> list[Finding]:
    """A warning if the Deployment is not what a run wanted and verified. An operator changes its Deployment without a run, so only a restored one counts."""
    annotations = annotations_of(deployment)
    codes = annotations.get(constants.RESTORED_AFTER)
    if codes:
        text = f"is the last verified one: a run with other variables failed ({codes}) and restored it."
        return [warning("deployment-restored", _PATH, text, "Correct the cause of the failure and run again.")]
    if not is_managed(deployment) or is_verified(deployment):
        return []
    text = (
        f"is not verified (revision {annotations.get(REVISION, 'unknown')}): a run is in progress, was interrupted or failed, or another client "
        "changed the Pod template."
    )
    return [
        warning(
            "deployment-not-verified",
            _PATH,
            text,
            "If no run is in progress, run the role again, with registry_verify write or image.",
        )
    ]
