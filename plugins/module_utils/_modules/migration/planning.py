# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a migration: what has to be done for a source and a target, and what makes it impossible. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record

_SINGLE_POD = "ReadWriteOncePod"
_MANY_NODES = "ReadWriteMany"
_STORAGE = "registry_storage"


@dataclass(frozen=True)
class Side:
    """One storage. hides_tags: its lists of tags can be incomplete. claim: None for an object store. access_modes: of the claim, () if it does not exist."""

    storage_type: str
    storage_id: str
    hides_tags: bool = False
    claim: str | None = None
    access_modes: tuple[str, ...] = ()

    @property
    def is_default_volume(self) -> bool:
        """Whether it is the volume that the role, or an operator, creates."""
        return self.claim == constants.DEFAULT_CLAIM


@dataclass(frozen=True)
class MigrationPlan:
    """steps: phase and what happens in it, for users. findings: with errors the migration is impossible.

    near_registry: the Pod has to be on the node of the registry. creates_claim: the target's claim does not exist.
    deletes_source: an operator deletes the source's claim with the switch.
    """

    steps: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    near_registry: bool
    creates_claim: bool
    deletes_source: bool


def plan_migration(
    source: Side, target: Side, *, with_operator: bool, accepts_deletion: bool = False, copies_in_pod: bool = True
) -> MigrationPlan:
    """The plan.

    with_operator: Kyma's operator owns the Deployment, and deletes the default volume with the switch. accepts_deletion: the user accepts that.
    copies_in_pod: regsync copies the bulk; otherwise the machine that runs the migration does.
    """
    deletes_source = with_operator and source.is_default_volume
    findings = tuple(_check_sides(source, target))
    creates_claim = target.is_default_volume and not target.access_modes
    copier = "regsync in the migration Pod copies" if copies_in_pod else "this machine copies, through the API server,"
    prepared = f"{'creates the volume and ' if creates_claim else ''}starts a Pod with a registry over each storage"
    kept = "is deleted by the operator" if deletes_source and accepts_deletion else "keeps its images"
    steps = (
        (record.PLAN, f"{prepared}; reads what {source.storage_id} holds; checks that {target.storage_id} is empty"),
        (record.COPY, f"{copier} the images while the registry serves, again until little is left"),
        (record.WINDOW, "the registry becomes read-only: pulls work, pushes are rejected"),
        (record.DELTA, "copies what was pushed since, and deletes at the target what was deleted"),
        (record.VERIFY, "compares tags, manifests and blobs of both storages"),
        (record.SWITCH, "the role switches the registry, which accepts pushes again"),
        (record.VERIFIED, f"compares the tags through the registry; {source.storage_id} {kept}"),
    )
    return MigrationPlan(
        steps,
        findings,
        near_registry=source.claim is not None and _MANY_NODES not in source.access_modes,
        creates_claim=creates_claim,
        deletes_source=deletes_source,
    )


def _check_sides(source: Side, target: Side) -> list[Finding]:
    if source.storage_id == target.storage_id:
        text = f"is {target.storage_id}, which the registry uses already."
        return [error("migration-same-storage", _STORAGE, text, "Specify another storage.")]
    found = []
    for side in (source, target):
        if side.claim is not None and _SINGLE_POD in side.access_modes:
            text = f"has the access mode {_SINGLE_POD}: a second Pod cannot mount it beside the registry."
            remedy = "Copy the images by hand, see docs/guard.md."
            found.append(error("migration-volume-exclusive", f"PersistentVolumeClaim/{side.claim}", text, remedy))
    if f"{source.storage_id}/".startswith(f"{target.storage_id}/") or f"{target.storage_id}/".startswith(
        f"{source.storage_id}/"
    ):
        text = f"is {target.storage_id}, and the registry uses {source.storage_id}: one of them contains the other."
        found.append(
            warning("migration-nested-storage", _STORAGE, text, "Use another rootdirectory beside the former one.")
        )
    return found
