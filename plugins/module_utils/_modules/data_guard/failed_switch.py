# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The return to the former storage after a switch whose rollout has never completed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    condition,
    metadata_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_ready
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import number_of_replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.times import time_of

from .revisions import RevisionPods, Revisions, read_revisions
from .storage_ids import storage_id_of
from .window_document import is_open

# Between a Pod's start and the first time that the kubelet reports its conditions.
_FIRST_REPORT = timedelta(seconds=1)
# Between the creation of a ReplicaSet and that of its first Pods.
_FIRST_PODS = timedelta(seconds=10)
# Reason of the Deployment's condition Progressing. It stays until the next change of the template; the message names the ReplicaSet.
_COMPLETE = "NewReplicaSetAvailable"
# On a ReplicaSet that the Deployment uses again: its former revisions.
_REVISION_HISTORY = "deployment.kubernetes.io/revision-history"


def has_never_served(cluster: Cluster, namespace: str) -> bool:
    """True if no Pod of the current revision has ever been ready: nothing can have been pushed to its storage. False if that is not certain."""
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    if deployment is None:
        return False
    revisions = _read(cluster, namespace, deployment)
    return revisions is not None and not _may_have_served(deployment, revisions, revisions.current)


def nothing_served_since_window(cluster: Cluster, namespace: str, deployment: Mapping[str, Any]) -> bool:
    """has_never_served() for each revision after the newest one that was read-only for a maintenance window. False without that one."""
    revisions = _read(cluster, namespace, deployment)
    if revisions is None:
        return False
    windows = [item for item in revisions.former if is_open(item.replica_set)]
    return bool(windows) and not _may_have_served_since(deployment, revisions, windows)


def still_serves(cluster: Cluster, namespace: str, deployment: Mapping[str, Any], storage_id: str) -> bool:
    """True if a ready Pod of a former revision uses `storage_id`, and has_never_served() for each later revision.

    The Deployment's controller copies the annotations of a revision to its ReplicaSet, so a former one still has its storage ID.
    """
    revisions = _read(cluster, namespace, deployment)
    serving = [] if revisions is None else [item for item in revisions.former if any(map(is_ready, item.pods))]
    if revisions is None or not serving or any(storage_id_of(item.replica_set) != storage_id for item in serving):
        return False
    return not _may_have_served_since(deployment, revisions, serving)


def _read(cluster: Cluster, namespace: str, deployment: Mapping[str, Any]) -> Revisions | None:
    """The revisions, None if the cluster does not allow to read them, or has none of the current template yet."""
    try:
        return read_revisions(cluster, namespace, deployment)
    except Forbidden:
        return None


def _may_have_served_since(deployment: Mapping[str, Any], revisions: Revisions, bases: Iterable[RevisionPods]) -> bool:
    """_may_have_served() for any revision that is newer than these."""
    newest = max(item.number for item in bases)
    later = [revisions.current, *(item for item in revisions.former if item.number > newest)]
    return any(_may_have_served(deployment, revisions, item) for item in later)


def _may_have_served(deployment: Mapping[str, Any], revisions: Revisions, revision: RevisionPods) -> bool:
    """False only with evidence: a Pod that served may be gone. Its successor, or a revision without a Pod, shows nothing."""
    if not all(map(_was_never_ready, revision.pods)):
        return True
    progress, name = condition(deployment, "Progressing"), metadata_of(revision.replica_set).get("name")
    is_named, is_complete = f'"{name}"' in str(progress.get("message")), progress.get("reason") == _COMPLETE
    if is_named and is_complete:
        return True
    if revision.pods and all(_is_of_first_pods(pod, revision.replica_set) for pod in revision.pods):
        return False
    if number_of_replicas(deployment) != 1:
        return True
    # One replica: the Pod of an older revision is deleted, and the condition changes, as soon as a newer one is ready.
    older = [item for item in revisions.former if item.number < revision.number]
    if any(is_ready(pod) for item in older for pod in item.pods):
        return False
    # A ReplicaSet that is used again is older than its Pods.
    used_again = _REVISION_HISTORY in annotations_of(revision.replica_set)
    return not (used_again and revision.pods and is_named)


def _is_of_first_pods(pod: Object, replica_set: Object) -> bool:
    """True if the Pod is one that the ReplicaSet had from the beginning."""
    created, beginning = (time_of(metadata_of(item).get("creationTimestamp")) for item in (pod, replica_set))
    return created is not None and beginning is not None and created - beginning <= _FIRST_PODS


def _was_never_ready(pod: Object) -> bool:
    """True if the condition Ready has been False since the Pod's start. False for times that cannot be read."""
    ready, started = condition(pod, "Ready"), status_of(pod).get("startTime")
    if not ready or not started:
        return True
    if ready.get("status") == "True":
        return False
    changed, start = time_of(ready.get("lastTransitionTime")), time_of(started)
    return changed is not None and start is not None and changed - start <= _FIRST_REPORT
