# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readers of Deployments, ReplicaSets and Pods. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from . import constants
from .log_redaction import redacted
from .objects import (
    Object,
    annotations_of,
    has_condition,
    is_being_deleted,
    is_owned_by,
    metadata_of,
    spec_of,
    status_of,
)

REVISION = "deployment.kubernetes.io/revision"
# Looks like the place of a secret value and is not one: the name of a volume, and what happened to a token.
_NO_VALUE = re.compile(r'(volume "[^"]*" : |\btoken: (?=unexpected status |Get "|Post "|failed ))')


def is_rolled_out(deployment: Object) -> bool:
    """True if every replica has the current template, is ready and available, and no other Pod is left."""
    if not is_observed(deployment):
        return False
    wanted = spec_of(deployment).get("replicas", 1)
    counts = ("updatedReplicas", "replicas", "readyReplicas", "availableReplicas")
    return all(status_of(deployment).get(name, 0) == wanted for name in counts)


def is_verified(deployment: Object | None) -> bool:
    """Whether a run has verified the Deployment's current revision. False until the controller has observed the last change, which can make another one."""
    annotations = annotations_of(deployment)
    verified = annotations.get(constants.VERIFIED_REVISION)
    if deployment is None or verified is None:
        return False
    return verified == annotations.get(REVISION) and is_observed(deployment)


def is_observed(deployment: Object) -> bool:
    """True if the status is about the current generation."""
    return bool(status_of(deployment).get("observedGeneration", 0) >= metadata_of(deployment).get("generation", 0))


def current_replica_set(deployment: Object, replica_sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet of the current template, None if the controller has not created it yet."""
    revision = annotations_of(deployment).get(REVISION)
    if not revision or not is_observed(deployment):
        return None
    for replica_set in replica_sets:
        owned = is_owned_by(replica_set, metadata_of(deployment).get("uid"))
        if owned and annotations_of(replica_set).get(REVISION) == revision:
            return replica_set
    return None


def current_pods(replica_set: Object, pods: Iterable[Object]) -> list[Object]:
    """The Pods that the ReplicaSet keeps: neither being deleted nor failed (an evicted Pod is replaced)."""
    uid = metadata_of(replica_set).get("uid")
    return [
        pod
        for pod in pods
        if is_owned_by(pod, uid) and not is_being_deleted(pod) and status_of(pod).get("phase") != "Failed"
    ]


def is_ready(pod: Object) -> bool:
    """True if the Pod has the condition Ready, so that a Service sends requests to it."""
    return has_condition(pod, "Ready")


def claim_name(volume: Mapping[str, Any]) -> str | None:
    """Name of the PersistentVolumeClaim that a Pod's volume uses, None for a volume of another kind."""
    name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
    return str(name) if name else None


def claim_names(pod: Object) -> list[str]:
    """Names of the PersistentVolumeClaims that the Pod mounts."""
    return [name for name in map(claim_name, spec_of(pod).get("volumes") or []) if name]


def describe_pod(pod: Object) -> str:
    """The Pod's phase and the states of its containers in one line."""
    states = [
        f"{entry.get('name')} {'ready' if entry.get('ready') else 'not ready'}"
        f" ({', '.join(str(detail.get('reason') or how) for how, detail in (entry.get('state') or {}).items())})"
        for entry in status_of(pod).get("containerStatuses") or []
    ]
    phase = status_of(pod).get("phase", "Unknown")
    return f"Pod {pod['metadata']['name']} {phase}: {', '.join(states) or 'no container yet'}"


def redact_message(message: object) -> str:
    """A message of the cluster without what may be a credential: messages quote commands, mounts and policies."""
    parts = _NO_VALUE.split(str(message))
    # Every second part is a separator.
    return "".join(part if index % 2 else redacted(part) for index, part in enumerate(parts))


def container_image(deployment: Object | None) -> str:
    """The image of the registry's container, '' without a Deployment."""
    return str(_registry_container(deployment).get("image") or "")


def memory_limit(deployment: Object | None) -> str | None:
    """The memory limit of the registry's container, None if it has none."""
    limits = (_registry_container(deployment).get("resources") or {}).get("limits") or {}
    return limits.get("memory")


def _registry_container(deployment: Object | None) -> Mapping[str, Any]:
    containers = spec_of(spec_of(deployment).get("template")).get("containers") or []
    return next((item for item in containers if item["name"] == constants.CONTAINER), {})
