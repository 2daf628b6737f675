# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the default volume, which Kyma's operator deletes with the switch: its PersistentVolume gets the reclaim policy Retain."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .options import MigrationOptions

_KIND = "PersistentVolume"
_RETAIN = "Retain"
_POLICY = "persistentVolumeReclaimPolicy"
_CLAIM = f"PersistentVolumeClaim/{constants.DEFAULT_CLAIM}"
_ACCEPT = "registry_migration_accept_source_deletion"


@dataclass(frozen=True)
class KeptVolume:
    """name: of the PersistentVolume. policy: its former reclaim policy."""

    name: str
    policy: str

    def to_record(self) -> dict[str, str]:
        """As the record of the migration has it."""
        return asdict(self)


def find_volume(context: Context[MigrationOptions], namespace: str, *, accepts_deletion: bool) -> KeptVolume | None:
    """The volume that has to be kept, None if its deletion is accepted. Writes nothing.

    Raises Refusal (source-volume-is-deleted) without the right to keep it.
    """
    text = "is deleted by Kyma's operator when the registry is switched to another storage"
    if accepts_deletion:
        accepted = f"{text}. There is no way back after the switch, as accepted."
        _report_once(context, warning("source-volume-deletion-accepted", _CLAIM, accepted))
        return None
    claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    name = str(spec_of(claim).get("volumeName") or "")
    try:
        volume = context.cluster.get(_KIND, name) if name else None
        if volume is not None:
            _write_policy(context, name, _RETAIN, dry_run=True)
            return KeptVolume(name, str(spec_of(volume).get(_POLICY) or ""))
        reason = "its PersistentVolume was not found"
    except Forbidden as problem:
        reason = problem.findings[0].message.rstrip(".")
    remedy = f"Grant the right to get and patch persistentvolumes (docs/rbac/migrate.yml), or accept the deletion with {_ACCEPT}: true."
    raise Refusal(
        [error("source-volume-is-deleted", _CLAIM, f"{text}, and the volume cannot be kept: {reason}.", remedy)]
    )


def keep_volume(context: Context[MigrationOptions], volume: KeptVolume) -> None:
    """Sets the reclaim policy Retain."""
    if volume.policy != _RETAIN:
        _write_policy(context, volume.name, _RETAIN)
        context.change(f"{_KIND}/{volume.name}", {_POLICY: volume.policy}, {_POLICY: _RETAIN})
    text = f"has the reclaim policy {_RETAIN}, so it keeps the images when the operator deletes its claim. Delete it when you do not need it any more."
    _report_once(context, Finding("source-volume-kept", "info", f"{_KIND}/{volume.name}", text))


def release_volume(context: Context[MigrationOptions], volume: KeptVolume) -> None:
    """Restores the former reclaim policy, if the volume is still that of the claim."""
    if volume.policy == _RETAIN or context.cluster.get(_KIND, volume.name) is None:
        return
    _write_policy(context, volume.name, volume.policy)
    context.change(f"{_KIND}/{volume.name}", {_POLICY: _RETAIN}, {_POLICY: volume.policy})


def _write_policy(context: Context[MigrationOptions], name: str, policy: str, *, dry_run: bool = False) -> None:
    patch = {"spec": {_POLICY: policy}}
    context.cluster.patch(_KIND, name, None, patch, content_type=MERGE_PATCH, dry_run=dry_run)


def _report_once(context: Context[MigrationOptions], finding: Finding) -> None:
    context.report([] if finding in context.findings else [finding])
