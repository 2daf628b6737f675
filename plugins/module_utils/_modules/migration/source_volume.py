# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the default volume, which Kyma's operator deletes with the switch: its PersistentVolume gets the reclaim policy Retain."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .options import MigrationOptions

VOLUME = "PersistentVolume"
RETAIN = "Retain"
POLICY = "persistentVolumeReclaimPolicy"
CLAIM = f"PersistentVolumeClaim/{constants.DEFAULT_CLAIM}"
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
        context.report([warning("source-volume-deletion-accepted", CLAIM, accepted)])
        return None
    claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    name = str(spec_of(claim).get("volumeName") or "")
    try:
        volume = context.cluster.get(VOLUME, name) if name else None
        if volume is not None:
            _write_policy(context, name, RETAIN, dry_run=True)
            return KeptVolume(name, str(spec_of(volume).get(POLICY) or ""))
        reason = "its PersistentVolume was not found"
    except Forbidden as problem:
        reason = problem.findings[0].message.rstrip(".")
    remedy = f"Grant the right to get and patch persistentvolumes (docs/rbac/migrate.yml), or accept the deletion with {_ACCEPT}: true."
    raise Refusal(
        [error("source-volume-is-deleted", CLAIM, f"{text}, and the volume cannot be kept: {reason}.", remedy)]
    )


def require_volume(context: Context[MigrationOptions], namespace: str, name: str) -> None:
    """Raises Refusal (source-volume-replaced) if the claim has another volume than the one that the migration has found before."""
    claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    now = spec_of(claim).get("volumeName")
    if now == name:
        return
    text = f"has {f'the volume {now}' if now else 'no volume'}, and the migration began with {name}, which holds the images."
    remedy = f"Do not delete {VOLUME}/{name}. See docs/migrate.md about Kyma's operator."
    raise Refusal([error("source-volume-replaced", CLAIM, text, remedy)])


def keep_volume(context: Context[MigrationOptions], volume: KeptVolume) -> None:
    """Sets the reclaim policy Retain."""
    if volume.policy != RETAIN:
        _write_policy(context, volume.name, RETAIN)
        context.change(f"{VOLUME}/{volume.name}", {POLICY: volume.policy}, {POLICY: RETAIN})
    text = f"has the reclaim policy {RETAIN}, so it keeps the images when the operator deletes its claim. Delete it when you do not need it any more."
    context.report([Finding("source-volume-kept", "info", f"{VOLUME}/{volume.name}", text)])


def release_volume(context: Context[MigrationOptions], namespace: str, volume: KeptVolume) -> bool:
    """Restores the former reclaim policy if the volume is still that of the claim. Returns whether nothing of it is left to do.

    With its former policy a volume without its claim would be deleted, with the images. One that keeps Retain is a warning (source-volume-stays-kept).
    """
    if volume.policy == RETAIN:
        return True
    try:
        live = context.cluster.get(VOLUME, volume.name)
        if live is None:
            return True
        claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
        if is_of_claim(live, claim):
            _write_policy(context, volume.name, volume.policy, live=live)
            context.change(f"{VOLUME}/{volume.name}", {POLICY: RETAIN}, {POLICY: volume.policy})
            return True
        reason = f"{CLAIM} is not bound to it"
    except Forbidden as problem:
        reason = problem.findings[0].message.rstrip(".")
    text = f"keeps the reclaim policy {RETAIN}, and its former policy, {volume.policy}, is not restored: {reason}."
    remedy = "It may be the only volume with the images. Check it, and set its policy yourself when you do not need it any more."
    context.report([warning("source-volume-stays-kept", f"{VOLUME}/{volume.name}", text, remedy)])
    return False


def is_of_claim(volume: Object | None, claim: Object | None) -> bool:
    """Whether both are bound to each other, and the claim is not being deleted."""
    if volume is None or claim is None or claim["metadata"].get("deletionTimestamp"):
        return False
    owner = spec_of(volume).get("claimRef") or {}
    named = spec_of(claim).get("volumeName") == volume["metadata"]["name"]
    return bool(named and owner.get("uid") == claim["metadata"]["uid"])


def _write_policy(
    context: Context[MigrationOptions], name: str, policy: str, *, dry_run: bool = False, live: Object | None = None
) -> None:
    """live: nothing is written if the volume was changed since."""
    patch: dict[str, Any] = {"spec": {POLICY: policy}}
    if live is not None:
        patch["metadata"] = {key: live["metadata"][key] for key in ("uid", "resourceVersion")}
    context.cluster.patch(VOLUME, name, None, patch, content_type=MERGE_PATCH, dry_run=dry_run)
