# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the DockerRegistry: spec.storage exclusively, guarded by the resourceVersion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import stored_spec

from . import cr_document, desired_state
from .options import StorageOptions

_ATTEMPTS = 6


def apply_cr(
    context: Context[StorageOptions], desired: desired_state.DesiredState, live: dict[str, Any] | None
) -> dict[str, Any]:
    """Writes the CR that was checked. Returns the CR as the API server answered."""
    return _write_checked(context, cr_document.keep_external_access(desired, live), live, _write_cr)


def record_accepted_loss(
    context: Context[StorageOptions], desired: desired_state.DesiredState, live: dict[str, Any]
) -> None:
    """Records the annotations of `desired` in the DockerRegistry that was checked."""
    _write_checked(context, desired, live, _record_annotations)


def _write_checked(
    context: Context[StorageOptions],
    desired: desired_state.DesiredState,
    live: dict[str, Any] | None,
    write: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """Repeats a write guarded by the resourceVersion: an operator writes its status at any time, so only a changed spec ends the attempts.

    live: the DockerRegistry that was checked. write: called with context, desired, live.
    """
    checked_spec, attempt = spec_of(live), 1
    while True:
        try:
            return write(context, desired, live)
        except ClusterError as problem:
            if problem.code not in ("cluster-precondition", "cluster-invalid") or attempt == _ATTEMPTS:
                raise
            attempt += 1
            fresh = context.cluster.get("DockerRegistry", desired.name, desired.namespace)
            spec = spec_of(fresh)
            expected = (checked_spec, desired.document()["spec"])
            if fresh is None or stored_spec.normalize_spec(spec) not in [
                stored_spec.normalize_spec(item) for item in expected
            ]:
                raise
            # A failed precondition and a rejected value have the same code. If the CR is unchanged, the value was rejected.
            if live is not None and fresh["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]:
                raise
            live = fresh


def _write_cr(
    context: Context[StorageOptions], desired: desired_state.DesiredState, live: dict[str, Any] | None
) -> dict[str, Any]:
    """Sets spec.storage exclusively: one request, guarded by the resourceVersion, removes other fields of it, regardless of their owner."""
    before = cr_document.visible_cr(live)
    title = f"DockerRegistry/{desired.name}"
    corrections = cr_document.build_corrections(desired, live) if live is not None else []
    if live is not None and corrections:
        live = _patch_storage(context, desired, _record_annotations(context, desired, live), corrections)
        if context.check_mode:
            context.change(title, before, cr_document.visible_cr(live))
            return live
    document = desired.document()
    if live is not None:
        document["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    applied = context.cluster.apply(document, dry_run=context.check_mode, live=live, force=True)
    after = cr_document.visible_cr(applied.after)
    if applied.changed or after != before:
        context.change(title, before, after)
    return applied.after


def _record_annotations(
    context: Context[StorageOptions], desired: desired_state.DesiredState, live: dict[str, Any]
) -> dict[str, Any]:
    """Records what the next run needs to understand what an interrupted one left: where the images will be, and an accepted loss.

    The spec does not change. Returns the DockerRegistry.
    """
    if context.check_mode or not desired.annotations:
        return live
    document = {**desired.document(), "spec": spec_of(live)}
    document["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    return context.cluster.apply(document, live=live, force=True).after


def _patch_storage(
    context: Context[StorageOptions],
    desired: desired_state.DesiredState,
    live: dict[str, Any],
    corrections: list[dict[str, Any]],
) -> dict[str, Any]:
    version = {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
    dry = context.check_mode
    return context.cluster.patch(
        "DockerRegistry", desired.name, desired.namespace, [version, *corrections], dry_run=dry
    )
