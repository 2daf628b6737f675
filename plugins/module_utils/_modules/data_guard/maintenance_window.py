# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The maintenance window: the registry is read-only for users while its images are counted and its storage is switched.

Without it, a push that is accepted after the count is left behind in the former storage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    metadata_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    Options,
    WaitOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LeaseTaken
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import empty_overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import accepts_uploads

from .registry_access import connect_registry
from .revisions import has_former_pods
from .storage_ids import recorded_storage_id, running_storage_id
from .window_document import closed_document, is_open, keep_record, open_document, read_only_since

_PATH = f"Deployment/{constants.REGISTRY}"
# Seconds that the Deployment's controller may need to observe a change.
_OBSERVATION = 10.0
_PAUSE = 1.0
_CLOSED = "maintenance-window-closed"


@contextmanager
def maintenance_window(
    context: Context[WaitOptions], namespace: str, deployment: ObjectDict, judge: Callable[[], Iterable[Finding]]
) -> Iterator[ObjectDict]:
    """Runs the body while the registry rejects pushes. Yields the Deployment in its state at that time.

    judge: asks the data guard again; it raises Refusal if images would be left behind. The body switches the storage, and keeps the record of
    the Deployment (see keep_record()). After a failure the registry accepts pushes again, unless the storage was switched.
    The body runs without a window, with the Deployment as it was, if the registry accepts no push, or if it cannot be asked and has no ready Pod or
    its unknown content is left behind with consent.
    """
    try:
        accepts = _accepts_pushes(context, namespace)
        if accepts is None:
            found = list(judge())
            context.report(found)
            if not found:
                # No image is left behind at this moment: a registry that can be asked now must not accept one.
                accepts = _ask_again(context, namespace)
        opens = accepts is not None and (accepts or is_open(deployment))
        if opens:
            _make_read_only(context, namespace, deployment)
            context.report(judge())
        yield _read_open(context, namespace) if opens else deployment
    except LeaseTaken:
        raise
    except Exception:
        # Also after an internal error: no other run would make the registry writable.
        close_window(context, namespace)
        raise


def was_closed(findings: Iterable[Finding]) -> bool:
    """True if maintenance_window() has made the registry writable again after a switch that did not take place."""
    return any(finding.code == _CLOSED for finding in findings)


def clear_record(context: Context[Options], deployment: ObjectDict | None) -> None:
    """Removes the record of a window that is closed. deployment: as it was when its rollout was complete, None if it is deleted."""
    if deployment is None or read_only_since(deployment) is None or is_open(deployment):
        return
    named = metadata_of(deployment)
    metadata = {"uid": named["uid"], "annotations": dict.fromkeys(constants.WINDOW_RECORD)}
    patch = {"metadata": metadata}
    context.cluster.patch("Deployment", constants.REGISTRY, named["namespace"], patch, content_type=MERGE_PATCH)


def _accepts_pushes(context: Context[WaitOptions], namespace: str) -> bool | None:
    """Whether the registry accepts a push, None if it cannot be asked."""
    try:
        # An annotation that this run has just written makes another generation, of which no Pod is known at first.
        with connect_registry(context, namespace, min(_OBSERVATION, context.options.wait_timeout)) as registry:
            return accepts_uploads(registry.api)
    except Refusal:
        return None


def _ask_again(context: Context[WaitOptions], namespace: str) -> bool | None:
    """Whether the registry accepts a push, None if no Pod is ready to accept one. Raises Refusal if a ready Pod cannot be asked."""
    accepts = _accepts_pushes(context, namespace)
    if accepts is None and status_of(context.cluster.get("Deployment", constants.REGISTRY, namespace)).get(
        "readyReplicas"
    ):
        raise _failed("cannot be asked whether it accepts a push.", "Run again. The log of its Pod may name the cause.")
    return accepts


def _make_read_only(context: Context[WaitOptions], namespace: str, deployment: ObjectDict) -> None:
    """Opens the window, or continues one that an interrupted run has opened, until no Pod can accept a push."""
    deadline = time.monotonic() + context.options.wait_timeout
    if not is_open(deployment):
        # The Deployment of an operator alone has no field of this collection.
        owned = owned_part(deployment, constants.FIELD_MANAGER) or empty_overlay(namespace)
        storage_id = recorded_storage_id(deployment) or running_storage_id(context, namespace, deployment)
        document = open_document(owned, datetime.now(timezone.utc), storage_id)
        apply_object(context, document, deployment, force=True, title=f"{_PATH} (read-only)")
    _wait_for_pods(context, namespace, deadline)
    _await_end_of_former_pods(context, namespace, deadline)
    with connect_registry(context, namespace) as registry:
        if accepts_uploads(registry.api):
            raise _failed(
                "accepts a push although it was made read-only for the switch.",
                "Check that registry_image is an image of CNCF Distribution.",
            )


def _read_open(context: Context[Options], namespace: str) -> ObjectDict:
    """The Deployment with the window. Pushes may have been accepted after the count if another has closed it."""
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if deployment is None or not is_open(deployment):
        raise _failed("was modified concurrently, which ended its maintenance window.", "Run again.")
    return deployment


def close_window(context: Context[WaitOptions], namespace: str) -> None:
    """Makes the registry writable again if the window is open. A failure of this does not hide the one that is being reported."""
    try:
        deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
        owned = owned_part(deployment, constants.FIELD_MANAGER) if deployment is not None else None
        if deployment is None or owned is None or not is_open(deployment):
            return
        since = read_only_since(deployment)
        document = keep_record(closed_document(owned), deployment)
        apply_object(context, document, deployment, force=True, title=f"{_PATH} (writable)")
        deadline = time.monotonic() + context.options.wait_timeout
        clear_record(context, _wait_for_pods(context, namespace, deadline))
    except Refusal as refusal:
        text = f"is still read-only, because its maintenance window could not be closed: {refusal.findings[0].message}"
        context.report([warning("maintenance-window-open", _PATH, text, "Run the role with the former storage.")])
        return
    text = f"rejected pushes since {since} for a switch or removal that did not take place. It accepts pushes again."
    context.report([warning(_CLOSED, _PATH, text)])


def _wait_for_pods(context: Context[WaitOptions], namespace: str, deadline: float) -> ObjectDict:
    left = max(1.0, deadline - time.monotonic())
    return wait_rollout(
        context.cluster,
        namespace,
        constants.REGISTRY,
        left,
        explain_log=find_cause,
        awaiting=context.awaiting,
    )


def _await_end_of_former_pods(context: Context[WaitOptions], namespace: str, deadline: float) -> None:
    """Until no Pod of a former revision is left: one that is being deleted can still accept a push."""
    seconds = max(0.0, deadline - time.monotonic())
    progress = context.awaiting(f"the end of the registry's former Pods in namespace {namespace}", seconds)
    while has_former_pods(context.cluster, namespace):
        if time.monotonic() >= deadline:
            raise _failed(
                f"has Pods of a former revision after {context.options.wait_timeout} s, which may accept pushes.",
                "Check why they do not end, or increase registry_wait_timeout.",
            )
        progress("some former Pods still exist")
        time.sleep(_PAUSE)


def _failed(text: str, remedy: str) -> Refusal:
    return Refusal([error("maintenance-window-failed", _PATH, text, remedy)])
