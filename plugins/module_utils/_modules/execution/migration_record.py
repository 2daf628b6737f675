# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a migration: a ConfigMap that says how far it is. It is written before each phase begins. Pure.

While a migration is between its plan and its switch, the record blocks all other writers of the namespace. Unlike the Lease it does not expire:
a migration that was killed is continued or aborted by the next run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, ObjectDict, metadata_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.times import time_text

PLAN, COPY, WINDOW, DELTA, VERIFY, SWITCH = "plan", "copy", "window", "delta", "verify", "switch"
VERIFIED, ABORTED = "verified", "aborted"
PHASES = (PLAN, COPY, WINDOW, DELTA, VERIFY, SWITCH, VERIFIED)
# In these phases nothing else may write. The switch is a run of the role, which the data guard judges.
_BLOCKING = frozenset(PHASES) - {SWITCH, VERIFIED}
_KEY = "record.json"
_TAGS_KEY = "tags.json"
# Removes the tags of an earlier migration.
NO_TAGS: Mapping[str, None] = {_TAGS_KEY: None}
_VERSION = 1


@dataclass(frozen=True)
class Migration:
    """source, target: storage IDs. changed_at: when the phase began. window_opened_at: since when the registry is read-only for it, '' before.

    target_is_ours: the target was empty when the copy began, so what it holds comes from this migration. kept_volume: name and former reclaim policy of the
    PersistentVolume that was kept from being deleted with the switch. counts: numbers of the report.
    """

    phase: str
    source: str
    target: str
    began_at: str
    changed_at: str
    window_opened_at: str = ""
    target_is_ours: bool = False
    kept_volume: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether it has begun and is neither complete nor aborted."""
        return self.phase in _BLOCKING or self.phase == SWITCH

    @property
    def blocks_writers(self) -> bool:
        """Whether other runs must not write."""
        return self.phase in _BLOCKING

    def at(self, phase: str, now: datetime, **changes: Any) -> Migration:
        """The record of the next phase."""
        return replace(self, phase=phase, changed_at=time_text(now), **changes)

    def is_between(self, source: str | None, target: str) -> bool:
        """Whether it is the migration from one of these storages to the other."""
        return (self.source, self.target) == (source, target)

    def describe(self) -> str:
        """What it does since when, for a message. Without a full stop."""
        return f"a migration from {self.source} to {self.target} is in the phase {self.phase} since {self.changed_at}"

    def to_result(self) -> dict[str, Any]:
        """The record as modules return it."""
        return asdict(self)


def begin(source: str, target: str, now: datetime, former: Migration | None = None) -> Migration:
    """The record of a new migration. former: an earlier one, which may have copied to the same target before it was aborted.

    A target that a registry has used can hold images that no migration has copied.
    """
    is_ours = (
        former is not None and former.phase == ABORTED and former.is_between(source, target) and former.target_is_ours
    )
    return Migration(PLAN, source, target, time_text(now), time_text(now), target_is_ours=is_ours)


def read_record(config_map: Object | None) -> Migration | None:
    """The migration in the ConfigMap, None if there is none. One that cannot be read counts as none: it was not written by this release."""
    try:
        found = json.loads((config_map or {}).get("data", {}).get(_KEY, ""))
        if found.pop("version", None) != _VERSION or found.keys() != {item.name for item in fields(Migration)}:
            return None
        return Migration(**found)
    except (ValueError, TypeError, AttributeError):
        return None


def build_migration_record(namespace: str, migration: Migration) -> ObjectDict:
    """The ConfigMap."""
    metadata = {
        "name": constants.DAY2_RECORD,
        "namespace": namespace,
        "labels": dict(constants.MANAGED_BY),
        "annotations": record_annotations(migration),
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": record_data(migration)}


def record_annotations(migration: Migration) -> dict[str, str]:
    """What monitoring sees of the ConfigMap."""
    return {constants.MIGRATION_PHASE: migration.phase}


def record_data(migration: Migration) -> dict[str, str]:
    """The part of the ConfigMap that a new phase replaces."""
    return {_KEY: json.dumps({"version": _VERSION, **migration.to_result()}, sort_keys=True)}


def tags_data(tags: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Repository to tag to digest, as the verification has found them, for the comparison after the switch."""
    return {_TAGS_KEY: json.dumps(tags, sort_keys=True, separators=(",", ":"))}


def read_tags_data(config_map: Object | None) -> dict[str, dict[str, str]]:
    """What tags_data() has recorded, {} if it was too much for a ConfigMap."""
    try:
        found: dict[str, dict[str, str]] = json.loads((config_map or {}).get("data", {}).get(_TAGS_KEY, "{}"))
    except ValueError:
        return {}
    return found


def owner_reference(config_map: Object) -> ObjectDict:
    """What makes an object a part of the migration: it is deleted with the record."""
    metadata = metadata_of(config_map)
    return {"apiVersion": "v1", "kind": "ConfigMap", "name": metadata["name"], "uid": metadata["uid"]}


def check_writer(migration: Migration | None) -> list[Finding]:
    """An error for a run that is about to write beside a migration."""
    if migration is None or not migration.blocks_writers:
        return []
    text = f"{migration.describe()}. This task has written nothing."
    remedy = "Wait for its end, continue it with the playbook kyma.docker_registry.migrate, or abort it with registry_migration_state: aborted."
    return [error("migration-running", f"ConfigMap/{constants.DAY2_RECORD}", text, remedy)]
