# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend pvc: a PersistentVolumeClaim of the user's own, mounted and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    Backend,
    Field,
    StoreAndFindings,
    StoreRequest,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.kubernetes_names import (
    subdomain_problem,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    Driver,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping

from .filesystem import DRIVER, TAKEN_PARAMETERS, volume_store

# A registry has to write: these access modes let it.
WRITING_MODES = frozenset({"ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"})
WAITING_MODE = "WaitForFirstConsumer"


@dataclass(frozen=True)
class Pvc(Backend):
    """A claim of the user's own, in the namespace of the CR."""

    name: str = "pvc"
    fields: tuple[Field, ...] = (
        Field(
            "name",
            "string",
            "Name of an existing PersistentVolumeClaim in the namespace of the DockerRegistry.",
            required=True,
        ),
    )
    drivers: tuple[Driver, ...] = (DRIVER,)
    claim_field: str = "name"
    operator: tuple[OperatorMapping, ...] = (OperatorMapping("pvc", DRIVER),)
    taken_parameters: Mapping[str, str] = field(default_factory=lambda: TAKEN_PARAMETERS)

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """The name must be one that Kubernetes allows."""
        problem = subdomain_problem(values["name"])
        return (
            (error("storage-bad-name", f"{path}.name", problem, "Copy the name from kubectl get pvc."),)
            if problem
            else ()
        )

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver filesystem on the user's claim."""
        return volume_store(self.name, str(request.values["name"]), request)


PVC = Pvc()


def check_claim(
    claim: Mapping[str, Any] | None, storage_class: Mapping[str, Any] | None, path: str, *, name: str, namespace: str
) -> list[Finding]:
    """Whether the registry can run on the claim.

    claim: the live PVC, None if it is absent. storage_class: the class that it names, None if that is absent or none is named.
    """
    if claim is None:
        return [
            error(
                "pvc-missing",
                path,
                f"there is no PersistentVolumeClaim {name} in namespace {namespace}.",
                "Create it first, or specify a claim that exists.",
            )
        ]
    found = _state_findings(claim, storage_class, path, name)
    spec = objects.spec_of(claim)
    modes = spec.get("accessModes") or []
    if modes and not WRITING_MODES.intersection(modes):
        found.append(
            error(
                "pvc-read-only",
                path,
                f"claim {name} has the access mode {', '.join(modes)}, but a registry must write.",
                "Use a ReadWriteOnce claim.",
            )
        )
    if spec.get("volumeMode") == "Block":
        found.append(
            error(
                "pvc-block-mode",
                path,
                f"claim {name} is a block device, but a registry needs a file system.",
                "Use volumeMode: Filesystem.",
            )
        )
    return found


def _state_findings(
    claim: Mapping[str, Any], storage_class: Mapping[str, Any] | None, path: str, name: str
) -> list[Finding]:
    if objects.is_being_deleted(claim):
        return [
            error(
                "pvc-being-deleted",
                path,
                f"claim {name} is being deleted.",
                "Specify another claim, or retain its volume and bind a new claim to it.",
            )
        ]
    phase = objects.status_of(claim).get("phase")
    if phase == "Lost":
        return [
            error(
                "pvc-lost", path, f"claim {name} has lost its volume.", "Restore the volume, or specify another claim."
            )
        ]
    if phase == "Bound":
        return []
    return _pending_findings(claim, storage_class, path, name)


def _pending_findings(
    claim: Mapping[str, Any], storage_class: Mapping[str, Any] | None, path: str, name: str
) -> list[Finding]:
    spec = objects.spec_of(claim)
    class_name = spec.get("storageClassName")
    volume = spec.get("volumeName")
    if class_name and storage_class is None and not volume:
        return [
            error(
                "pvc-storage-class-missing",
                path,
                f"claim {name} is Pending and its StorageClass {class_name} does not exist.",
                "Create the StorageClass, or use a claim of another class.",
            )
        ]
    if not class_name and not volume:
        return [
            error(
                "pvc-not-bindable",
                path,
                f"claim {name} is Pending: it specifies neither a storage class nor a volume, and the cluster has no default class.",
                "Set storageClassName or volumeName in the claim.",
            )
        ]
    if storage_class is not None and storage_class.get("volumeBindingMode") != WAITING_MODE:
        return [
            warning(
                "pvc-pending",
                path,
                f"claim {name} is not bound yet. The Pod of the registry starts when it is bound.",
                "Check the output of kubectl describe pvc.",
            )
        ]
    return []
