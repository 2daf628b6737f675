# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The return to the former storage after a switch whose rollout has never completed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import condition, status_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_ready
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.times import time_of

from .revisions import Revisions, read_revisions
from .storage_ids import storage_id_of

# Between a Pod's start and the first time that the kubelet reports its conditions.
_FIRST_REPORT = timedelta(seconds=1)


def has_never_served(cluster: Cluster, namespace: str) -> bool:
    """True if the current revision has no ready Pod and none of its Pods has been ready: nothing can have been pushed to its storage."""
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    if deployment is None:
        return False
    return _read_unserved(cluster, namespace, deployment) is not None


def still_serves(cluster: Cluster, namespace: str, deployment: Mapping[str, Any], storage_id: str) -> bool:
    """True if has_never_served(), and a ready Pod of a former revision uses `storage_id`.

    The Deployment's controller copies the annotations of a revision to its ReplicaSet, so a former one still has its storage ID.
    """
    revisions = _read_unserved(cluster, namespace, deployment)
    if revisions is None:
        return False
    serving = [replica_set for replica_set, pods in revisions.former if any(map(is_ready, pods))]
    return bool(serving) and all(storage_id_of(item) == storage_id for item in serving)


def _read_unserved(cluster: Cluster, namespace: str, deployment: Mapping[str, Any]) -> Revisions | None:
    """The revisions if the current one has never served; None if it has, or if the cluster does not allow to look."""
    try:
        revisions = read_revisions(cluster, namespace, deployment)
    except Forbidden:
        return None
    if revisions is None or not all(map(_was_never_ready, revisions.current)):
        return None
    return revisions


def _was_never_ready(pod: Mapping[str, Any]) -> bool:
    """True if the condition Ready has been False since the Pod's start. False for times that cannot be read.

    The Deployment's condition Progressing does not show it: it does not change if a former ReplicaSet is used again.
    """
    ready, started = condition(pod, "Ready"), status_of(pod).get("startTime")
    if not ready or not started:
        return True
    if ready.get("status") == "True":
        return False
    changed, start = time_of(ready.get("lastTransitionTime")), time_of(started)
    return changed is not None and start is not None and changed - start <= _FIRST_REPORT
