# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes of the registry's objects to the cluster, each reported as a change with what the diff may show."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options

from . import object_catalog


def apply_object(
    context: Context[Options],
    item: dict[str, Any],
    live: dict[str, Any] | None,
    *,
    force: bool = False,
    title: str = "",
) -> None:
    """Applies the object, and reports the change and what of other clients it has replaced. live: as read. title: of the change, if not `Kind/name`."""
    applied = context.cluster.apply(item, dry_run=context.check_mode, live=live, force=force)
    if applied.changed:
        context.change(
            title or object_catalog.object_title(item),
            object_catalog.diff_object(live, ours=item),
            object_catalog.diff_object(applied.after, live, ours=item),
        )
    if applied.foreign:
        managers = ", ".join(sorted({variable.manager for variable in applied.foreign}))
        names = ", ".join(variable.name for variable in applied.foreign)
        text = f"{managers} set the variables {names}, which exclude those of the role. The role sets them to its own values."
        context.report([warning("drift-corrected", object_catalog.object_title(item), text)])


def note_creation(context: Context[Options], item: dict[str, Any], title: str = "") -> None:
    """Reports in check mode that the object would be created, if the API server cannot answer a dry run for it."""
    context.change(title or object_catalog.object_title(item), {}, object_catalog.diff_object(item, ours=item))


def delete_object(context: Context[Options], item: dict[str, Any]) -> None:
    """Deletes exactly this object: its UID is the precondition. An object that is being deleted already is left alone."""
    metadata = item["metadata"]
    if metadata.get("deletionTimestamp"):
        return
    deleted = context.check_mode or context.cluster.delete(
        item["kind"], metadata["name"], metadata["namespace"], uid=metadata["uid"]
    )
    if deleted:
        context.change(object_catalog.object_title(item), object_catalog.diff_object(item), {})
