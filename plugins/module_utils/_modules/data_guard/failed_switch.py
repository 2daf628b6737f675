# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The return to the former storage after a switch whose rollout has never completed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    condition,
    managed_entries,
    metadata_of,
    spec_of,
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
# Field manager of Kubernetes' own controllers.
_CONTROLLERS = "kube-controller-manager"
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
    newest = max(bases, key=lambda item: item.number)
    later = [revisions.current, *(item for item in revisions.former if item.number > newest.number)]
    if any(_has_served(deployment, item) for item in later):
        return True
    # One replica: the Deployment is available as soon as a later revision is ready. The last change of the older ReplicaSet is its end, which with
    # Recreate comes before the later revision starts.
    recreates = (spec_of(deployment).get("strategy") or {}).get("type") == "Recreate"
    if (
        recreates
        and number_of_replicas(deployment) == 1
        and _is_unavailable_since(deployment, _last_change(newest.replica_set))
    ):
        return False
    return any(_may_have_served(deployment, revisions, item) for item in later)


def _has_served(deployment: Mapping[str, Any], revision: RevisionPods) -> bool:
    """True if a Pod of the revision is or was ready, or if the Deployment's last complete rollout was that of the revision."""
    progress, name = condition(deployment, "Progressing"), metadata_of(revision.replica_set).get("name")
    if progress.get("reason") == _COMPLETE and f'"{name}"' in str(progress.get("message")):
        return True
    return not all(map(_was_never_ready, revision.pods))


def _may_have_served(deployment: Mapping[str, Any], revisions: Revisions, revision: RevisionPods) -> bool:
    """False only with evidence: a Pod that served may be gone. Its successor, or a revision without a Pod, shows nothing."""
    if _has_served(deployment, revision):
        return True
    if revision.pods and all(_is_created_at(pod, _created(revision.replica_set)) for pod in revision.pods):
        return False
    if number_of_replicas(deployment) != 1:
        return True
    # One replica: as soon as a revision is ready, the Pods of older ones are deleted.
    older = [item for item in revisions.former if item.number < revision.number]
    if any(is_ready(pod) for item in older for pod in item.pods):
        return False
    # A ReplicaSet that is used again is older than its Pods.
    started = _last_change(revision.replica_set) if _REVISION_HISTORY in annotations_of(revision.replica_set) else None
    return not revision.pods or not all(_is_created_at(pod, started) for pod in revision.pods)


def _last_change(replica_set: Object) -> datetime | None:
    """When Kubernetes' controllers last changed the ReplicaSet, for example its number of Pods. None if that is not recorded."""
    entries = managed_entries(replica_set, _CONTROLLERS, operation="Update")
    return time_of(entries[0].get("time")) if len(entries) == 1 else None


def _is_unavailable_since(deployment: Mapping[str, Any], time: datetime | None) -> bool:
    """True if the Deployment has not been available since this time, but for some seconds. False for times that cannot be read."""
    available = condition(deployment, "Available")
    since = time_of(available.get("lastTransitionTime"))
    if since is None or time is None or available.get("status") != "False":
        return False
    return since - time <= _FIRST_PODS


def _is_created_at(item: Object, time: datetime | None) -> bool:
    """True if the object was created at this time. False for times that cannot be read."""
    created = _created(item)
    return created is not None and time is not None and abs(created - time) <= _FIRST_PODS


def _created(item: Object) -> datetime | None:
    return time_of(metadata_of(item).get("creationTimestamp"))


def _was_never_ready(pod: Object) -> bool:
    """True if the condition Ready has been False since the Pod's start. False for times that cannot be read."""
    ready, started = condition(pod, "Ready"), status_of(pod).get("startTime")
    if not ready or not started:
        return True
    if ready.get("status") == "True":
        return False
    changed, start = time_of(ready.get("lastTransitionTime")), time_of(started)
    return changed is not None and start is not None and changed - start <= _FIRST_REPORT
