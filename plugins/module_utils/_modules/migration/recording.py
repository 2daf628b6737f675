# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and writes the record of the migration in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.migration_record import Migration

from .options import MigrationOptions

# Bytes of the tags that a ConfigMap can hold beside the record.
MOST_TAG_BYTES = 900_000


class Recorder:
    """The record of one namespace. current: the migration, None if there is none."""

    def __init__(self, context: Context[MigrationOptions], namespace: str) -> None:
        self._context = context
        self._namespace = namespace
        self._live: ObjectDict | None = context.cluster.get("ConfigMap", constants.DAY2_RECORD, namespace)
        self.current = record.read_record(self._live)

    @property
    def owner(self) -> ObjectDict:
        """What makes objects a part of the migration. The record has to be written."""
        return record.owner_reference(self._live or {})

    @property
    def tags(self) -> dict[str, dict[str, str]]:
        """The tags that the verification has recorded, by repository."""
        return record.read_tags_data(self._live)

    def begin(self, source: str, target: str) -> None:
        """Records a new migration, instead of a former one that is complete or aborted."""
        self._write(record.begin(source, target, _now(), self.current), record.NO_TAGS)

    def enter(self, phase: str, tags: Mapping[str, Mapping[str, str]] | None = None, **changes: Any) -> Migration:
        """Records that the phase begins, before it does. tags: of the verified target; too many are left out."""
        if self.current is None:
            raise AssertionError("a phase begins in a migration")
        data: Mapping[str, str | None] = {}
        if tags is not None:
            found = record.tags_data(tags)
            data = found if sum(map(len, found.values())) <= MOST_TAG_BYTES else record.NO_TAGS
        return self._write(self.current.at(phase, _now(), **changes), data)

    def _write(self, migration: Migration, data: Mapping[str, str | None] | None = None) -> Migration:
        """Raises Refusal (cluster-precondition) if another run has changed the record: it may have replaced the Pod, too."""
        cluster = self._context.cluster
        if self._live is None:
            self._live = cluster.create(record.build_migration_record(self._namespace, migration))
        else:
            metadata = {key: self._live["metadata"][key] for key in ("uid", "resourceVersion")}
            metadata["annotations"] = record.record_annotations(migration)
            body = {"metadata": metadata, "data": {**record.record_data(migration), **(data or {})}}
            self._live = cluster.patch(
                "ConfigMap", constants.DAY2_RECORD, self._namespace, body, content_type=MERGE_PATCH
            )
        self.current = migration
        title = f"ConfigMap/{constants.DAY2_RECORD} (phase {migration.phase})"
        self._context.change(title, {}, {"phase": migration.phase})
        return migration


def _now() -> datetime:
    return datetime.now(timezone.utc)
