# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The claim of the default volume as Kyma's operator makes it. Pure.

The operator applies its claim by name, with `force`, and keeps the size of one that exists. So it adopts a claim that is made before the
DockerRegistry asks for the default volume. It deletes only what it has rendered before: not a claim that it has not adopted.
"""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, ObjectDict, spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.quantity import parse_quantity

MANAGER = "dockerregistry-operator"
SIZE = "20Gi"
# The operator applies these, and the access modes of a claim cannot be changed.
ACCESS_MODES = ("ReadWriteOnce",)
# Those of the chart that do not change with its version.
_LABELS = {
    "app": "docker-registry",
    "kyma-project.io/module": "docker-registry",
    "heritage": "Helm",
    "app.kubernetes.io/name": "docker-registry",
    "app.kubernetes.io/part-of": "docker-registry",
    "app.kubernetes.io/instance": f"{constants.DEFAULT_CLAIM}-pvc",
    "app.kubernetes.io/component": constants.DEFAULT_CLAIM,
    constants.MANAGED_BY_LABEL: MANAGER,
}


def build_claim(namespace: str, *, size: str = SIZE, storage_class: str | None = None, volume: str = "") -> ObjectDict:
    """The claim. storage_class: None for the cluster's default class, '' for none. volume: name of the PersistentVolume to bind, '' for a new one."""
    spec: ObjectDict = {"accessModes": list(ACCESS_MODES), "resources": {"requests": {"storage": size}}}
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    if volume:
        spec["volumeName"] = volume
    metadata = {"name": constants.DEFAULT_CLAIM, "namespace": namespace, "labels": dict(_LABELS)}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def adopted_size(size: str) -> str:
    """The size for which the operator changes nothing: this one, or the chart's if that is larger."""
    return SIZE if _is_smaller(size) else size


def check_adoptable(claim: Object) -> list[Finding]:
    """An error if the operator may not be able to adopt this claim, which exists: a switch to it would then fail."""
    spec = spec_of(claim)
    size = str(((spec.get("resources") or {}).get("requests") or {}).get("storage") or "0")
    modes = ", ".join(spec.get("accessModes") or [])
    if claim["metadata"].get("deletionTimestamp"):
        reason = "is being deleted"
    elif modes != ", ".join(ACCESS_MODES):
        reason = (
            f"has the access modes {modes}, and the operator applies {', '.join(ACCESS_MODES)}, which cannot be changed"
        )
    elif _is_smaller(size):
        reason = f"has the size {size}, and the operator applies {SIZE}, which its storage class may reject"
    else:
        return []
    path = f"PersistentVolumeClaim/{constants.DEFAULT_CLAIM}"
    remedy = "Use a volume of your own (pvc), or an object store."
    return [
        error("migration-unsupported", path, f"{reason}. So it is not certain that the operator adopts it.", remedy)
    ]


def _is_smaller(size: str) -> bool:
    given, chart = parse_quantity(size), parse_quantity(SIZE)
    return given is not None and chart is not None and given[0] < chart[0]
