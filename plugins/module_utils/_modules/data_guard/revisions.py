# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The revisions of the registry's Deployment and their Pods, by the chain of owners."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    ObjectDict,
    annotations_of,
    is_owned_by,
    label_selector,
    metadata_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import (
    REVISION,
    current_pods,
    current_replica_set,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster

_SELECTOR = label_selector(constants.SELECTOR)


@dataclass(frozen=True)
class RevisionPods:
    """A ReplicaSet of the Deployment with its Pods."""

    replica_set: Object
    pods: list[Object]

    @property
    def number(self) -> int:
        """The revision's number, 0 if it cannot be read."""
        text = annotations_of(self.replica_set).get(REVISION, "")
        return int(text) if text.isdecimal() else 0


@dataclass(frozen=True)
class Revisions:
    """The current revision and the former ones."""

    current: RevisionPods
    former: list[RevisionPods]


def list_replica_sets(cluster: Cluster, namespace: str, deployment: Object) -> list[ObjectDict]:
    """The Deployment's ReplicaSets."""
    uid = metadata_of(deployment).get("uid")
    found = cluster.list("ReplicaSet", namespace, label_selector=_SELECTOR)
    return [item for item in found if is_owned_by(item, uid)]


def read_revisions(cluster: Cluster, namespace: str, deployment: Object) -> Revisions | None:
    """The revisions, None if the controller has not created the current one yet. Two requests."""
    replica_sets = list_replica_sets(cluster, namespace, deployment)
    current = current_replica_set(deployment, replica_sets)
    if current is None:
        return None
    pods = cluster.list("Pod", namespace, label_selector=_SELECTOR)
    found = {id(item): RevisionPods(item, current_pods(item, pods)) for item in replica_sets}
    return Revisions(found.pop(id(current)), list(found.values()))


def has_former_pods(cluster: Cluster, namespace: str) -> bool:
    """Whether a Pod of another revision than the current one runs, also if it is being deleted, or if its ReplicaSet is deleted.

    True if the controller has not created the current revision yet.
    """
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    if deployment is None:
        return False
    current = current_replica_set(deployment, list_replica_sets(cluster, namespace, deployment))
    if current is None:
        return True
    pods = cluster.list("Pod", namespace, label_selector=_SELECTOR)
    return any(_is_of_other_revision(pod, metadata_of(current).get("uid")) for pod in pods)


def _is_of_other_revision(pod: Object, uid: object) -> bool:
    if status_of(pod).get("phase") in ("Succeeded", "Failed"):
        return False
    owners = [item for item in metadata_of(pod).get("ownerReferences") or [] if item.get("kind") == "ReplicaSet"]
    names = [str(item.get("name")) for item in owners if item.get("uid") != uid]
    return any(name.startswith(f"{constants.REGISTRY}-") for name in names)
