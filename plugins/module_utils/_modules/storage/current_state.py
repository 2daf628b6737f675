# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cluster has before the CR is written, and what prevents the desired state: volumes, definitions, other registries."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_being_deleted,
    is_managed,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import (
    Mode,
    has_finalizer,
    is_operator_owned,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import namespace, registries
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import volume
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.pvc import check_claim
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.external_access import FIELD

from . import definition, desired_state
from .options import StorageOptions


@dataclass(frozen=True)
class CurrentState:
    """What is in the cluster before the run. defined: whether it knows the DockerRegistry. others: names of those beside ours."""

    namespace: dict[str, Any] | None
    defined: bool
    cr: dict[str, Any] | None
    others: tuple[str, ...]
    deployment: dict[str, Any] | None
    default_claim: dict[str, Any] | None
    claim: dict[str, Any] | None


def read_current_state(context: Context[StorageOptions], desired: desired_state.DesiredState) -> CurrentState:
    """Reads the objects that later steps need; writes nothing."""
    get = context.cluster.get
    default_claim = get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, desired.namespace)
    other = desired.claim is not None and desired.claim != constants.DEFAULT_CLAIM
    known = context.cluster.list_if_served("DockerRegistry", desired.namespace)
    return CurrentState(
        namespace=get("Namespace", desired.namespace),
        defined=known is not None,
        cr=_read_registry(context, desired, known or []),
        others=registries.other_registries(known, desired.name),
        deployment=get("Deployment", constants.REGISTRY, desired.namespace),
        default_claim=default_claim,
        claim=get("PersistentVolumeClaim", desired.claim, desired.namespace)
        if desired.claim is not None and other
        else default_claim,
    )


def _read_registry(
    context: Context[StorageOptions], desired: desired_state.DesiredState, known: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The DockerRegistry. If the list does not have it, it is asked for: who may not get it learns so before anything is written."""
    listed = next((item for item in known if item["metadata"]["name"] == desired.name), None)
    return listed or context.cluster.get("DockerRegistry", desired.name, desired.namespace)


def check_current_state(
    context: Context[StorageOptions], desired: desired_state.DesiredState, current: CurrentState
) -> list[Finding]:
    """Everything that prevents the desired state, missing rights included."""
    found = namespace.check_namespace(desired.namespace, current.namespace, context.options.create_namespace)
    if not current.defined:
        found.extend(definition.check_definition(context))
    if is_being_deleted(current.cr):
        found.append(
            error(
                "cr-being-deleted", f"DockerRegistry/{desired.name}", "is being deleted.", "Wait until it is deleted."
            )
        )
    if desired.replicas is not None and desired.replicas < 1:
        found.append(
            error("replicas-below-one", "registry_replicas", f"is {desired.replicas}.", "Set it to 1 or more.")
        )
    found.extend(_check_other_registries(desired, current))
    try:
        found.extend(_check_volume(context, desired, current))
    except Forbidden as problem:
        found.extend(problem.findings)
    return found


def check_unsupported_access(desired: desired_state.DesiredState, current: CurrentState, mode: Mode) -> list[Finding]:
    """Warnings about external access without an operator, which makes it: what is wanted, and what an operator leaves at a hand-over."""
    if mode.is_operator:
        return []
    found = []
    if (desired.external_access or {}).get("enabled"):
        remedy = "Expose the Service dockerregistry yourself, or use operator mode."
        text = "has no effect in direct mode."
        found.append(warning("external-access-unsupported", f"registry_manifest.spec.{FIELD}", text, remedy))
    taken_over = has_finalizer(current.cr) or is_operator_owned(current.deployment)
    if taken_over and (status_of(current.cr).get(FIELD) or {}).get("enabled") == "True":
        text = (
            f"stays as the operator has left it, as does the Secret {constants.EXTERNAL_SECRET} with the registry's password: "
            "the registry can still be reached from outside, and nothing updates that Secret."
        )
        remedy = "Delete both, or keep the VirtualService and give your clients the Secret dockerregistry-config."
        found.append(warning("external-access-left", f"VirtualService/{constants.REGISTRY}", text, remedy))
    return found


def _check_other_registries(desired: desired_state.DesiredState, current: CurrentState) -> list[Finding]:
    """The objects' names are fixed, so a namespace has room for one registry (the operator serves one a cluster)."""
    return [
        error(
            "cr-duplicate",
            "registry_name",
            f"namespace {desired.namespace} already has the DockerRegistry {other}. A namespace can have only one.",
            f"Use name {other}, or another namespace.",
        )
        for other in current.others
    ]


def _check_volume(
    context: Context[StorageOptions], desired: desired_state.DesiredState, current: CurrentState
) -> list[Finding]:
    if desired.claim is None:
        return []
    found: list[Finding] = []
    if desired.claim_is_ours:
        classes = functools.partial(context.cluster.list, "StorageClass")
        found.extend(volume.check_volume(desired.volume, current.claim, classes))
    else:
        class_name = spec_of(current.claim).get("storageClassName")
        provider = context.cluster.get("StorageClass", class_name) if class_name else None
        found.extend(
            check_claim(current.claim, provider, desired.claim_path, name=desired.claim, namespace=desired.namespace)
        )
    modes = desired.access_modes(current.claim)
    if modes and desired_state.SHARED_MODE not in modes:
        found.extend(_check_one_pod(desired, current, ", ".join(modes)))
    return found


def _check_one_pod(desired: desired_state.DesiredState, current: CurrentState, modes: str) -> list[Finding]:
    """An error if several Pods would use a volume that one node can mount. modes: access modes of the volume."""
    if desired.replicas is not None:
        number, text = desired.replicas, f"is {desired.replicas}"
    else:
        ours = current.deployment if is_managed(current.deployment) else None
        number, scalers = replicas.number_of_replicas(ours), replicas.describe_scalers(ours)
        text = f"is not set, so the Deployment keeps its {number} replicas{f', which {scalers} set' if scalers else ''}"
    if number <= 1:
        return []
    return [
        error(
            "replicas-need-shared-volume",
            "registry_replicas",
            f"{text}, but the volume can be mounted for writing by only one node at a time ({modes}).",
            "Set it to 1, or use a volume with ReadWriteMany, or an object store.",
        )
    ]
