# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back to a default volume whose claim an operator has deleted: its PersistentVolume is bound to a new claim of the same name."""

from __future__ import annotations

import time

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, spec_of, status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import default_claim

from .options import MigrationOptions
from .source_volume import CLAIM, POLICY, RETAIN, VOLUME, KeptVolume, is_of_claim

# Seconds until the volume controller has bound both; it needs a moment.
_BIND_SECONDS = 30.0
_PAUSE = 0.5


def is_returned(context: Context[MigrationOptions], namespace: str, kept: KeptVolume) -> bool:
    """Whether the claim has the volume already."""
    claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    return is_of_claim(context.cluster.get(VOLUME, kept.name), claim)


def return_volume(context: Context[MigrationOptions], namespace: str, kept: KeptVolume) -> Finding | None:
    """Binds the volume to a new claim `dockerregistry`, from which the operator serves if the DockerRegistry asks for the default volume again.

    Returns an info, None if the claim has this volume already. The volume stays on Retain: the operator can delete the claim again.
    Raises Refusal (source-volume-not-bound) if the name is taken, the volume does not exist or belongs to another claim, or a right is missing.
    """
    try:
        if not _bind(context, namespace, kept.name):
            return None
    except Forbidden as problem:
        found = problem.findings[0]
        text = f"is not bound to a new claim: {found.message.rstrip('.')}."
        remedy = (
            "Grant the rights to get and patch persistentvolumes, and to create persistentvolumeclaims "
            "(docs/rbac/migrate.yml), and run again."
        )
        raise Refusal([error("source-volume-not-bound", f"{VOLUME}/{kept.name}", text, remedy)]) from None
    text = (
        f"is bound to a new {CLAIM}, which holds the images from before the switch. The registry does not use it yet: "
        "to go back, run the playbook kyma.docker_registry.site with the default volume. The volume keeps the reclaim policy Retain."
    )
    return Finding("source-volume-bound", "info", f"{VOLUME}/{kept.name}", text)


def _bind(context: Context[MigrationOptions], namespace: str, name: str) -> bool:
    """False if the claim has the volume already."""
    cluster = context.cluster
    claim, volume = cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace), cluster.get(VOLUME, name)
    if is_of_claim(volume, claim):
        return False
    if claim is not None and not _is_wanted(claim, name):
        raise _not_bound(name, f"{CLAIM} exists already, with another volume or to be deleted")
    if volume is None or volume["metadata"].get("deletionTimestamp"):
        raise _not_bound(name, "it does not exist any more, or is being deleted")
    spec = spec_of(volume)
    owner = spec.get("claimRef") or {}
    if owner and (owner.get("namespace"), owner.get("name")) != (namespace, constants.DEFAULT_CLAIM):
        raise _not_bound(name, f"it belongs to the claim {owner.get('name')} in namespace {owner.get('namespace')}")
    if default_claim.ACCESS_MODES[0] not in (spec.get("accessModes") or []):
        raise _not_bound(
            name, f"it does not have the access mode {default_claim.ACCESS_MODES[0]} of the operator's claim"
        )
    _release_from_former_claim(context, namespace, volume)
    if claim is None:
        wanted = default_claim.build_claim(
            namespace,
            size=str((spec.get("capacity") or {}).get("storage") or default_claim.SIZE),
            storage_class=str(spec.get("storageClassName") or ""),
            volume=name,
        )
        cluster.create(wanted)
        context.change(CLAIM, {}, {"spec": wanted["spec"]})
    _await_bound(context, namespace, name)
    return True


def _is_wanted(claim: Object, name: str) -> bool:
    """Whether an interrupted run has created the claim."""
    return spec_of(claim).get("volumeName") == name and not claim["metadata"].get("deletionTimestamp")


def _release_from_former_claim(context: Context[MigrationOptions], namespace: str, volume: Object) -> None:
    """Leaves only the name of the claim: a claim of this name, whatever its UID, gets the volume."""
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": namespace,
        "name": constants.DEFAULT_CLAIM,
        "uid": None,
        "resourceVersion": None,
    }
    metadata = volume["metadata"]
    # Nothing is written to a volume that was changed since it was read.
    body = {
        "metadata": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]},
        "spec": {"claimRef": reference, POLICY: RETAIN},
    }
    context.cluster.patch(VOLUME, metadata["name"], None, body, content_type=MERGE_PATCH)
    context.change(f"{VOLUME}/{metadata['name']}", {}, {"claimRef": CLAIM})


def _await_bound(context: Context[MigrationOptions], namespace: str, name: str) -> None:
    deadline = time.monotonic() + _BIND_SECONDS
    progress = context.awaiting(f"{CLAIM} to be bound", _BIND_SECONDS)
    while True:
        claim = context.cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
        phase = str(status_of(claim).get("phase") or "Pending")
        if phase == "Bound":
            return
        if claim is None or time.monotonic() >= deadline:
            raise _not_bound(name, f"{CLAIM} {'was deleted again' if claim is None else f'is {phase}'}")
        progress(phase)
        time.sleep(_PAUSE)


def _not_bound(name: str, reason: str) -> Refusal:
    text = f"is not bound to a new claim: {reason}. What it holds was not changed."
    remedy = f"Check {VOLUME}/{name} and {CLAIM}, and run again."
    return Refusal([error("source-volume-not-bound", f"{VOLUME}/{name}", text, remedy)])
