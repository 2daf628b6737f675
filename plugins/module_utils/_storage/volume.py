# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default volume of the filesystem storage type: problems with the requested size, class and access modes. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.quantity import parse_quantity

ACCESS_MODES = ("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany")
DEFAULT_CLASS_ANNOTATION = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True)
class VolumeRequest:
    """What the user asks for: size as a Kubernetes quantity, class None for the cluster's default."""

    size: str
    storage_class: str | None
    access_modes: tuple[str, ...]

    def claim_spec(self) -> dict[str, Any]:
        """Spec of a new claim for it."""
        body: dict[str, Any] = {
            "accessModes": list(self.access_modes),
            "resources": {"requests": {"storage": self.size}},
        }
        if self.storage_class:
            body["storageClassName"] = self.storage_class
        return body


def _amount(size: str) -> Decimal | None:
    """Bytes of a quantity, None for what is not a quantity."""
    parsed = parse_quantity(size)
    return parsed[0] if parsed else None


def check_volume_input(requested: VolumeRequest) -> list[Finding]:
    """Problems that show without a cluster."""
    found = []
    amount = _amount(requested.size)
    if amount is None or amount <= 0:
        found.append(
            error(
                "volume-size",
                "registry_volume_size",
                f"{requested.size!r} is not a quantity above zero.",
                "Write for example 20Gi.",
            )
        )
    for mode in requested.access_modes:
        if mode not in ACCESS_MODES:
            remedy = f"Use one of {', '.join(ACCESS_MODES)}."
            found.append(
                error("volume-access-mode", "registry_volume_access_modes", f"{mode!r} is not an access mode.", remedy)
            )
    if not requested.access_modes:
        found.append(
            error("volume-access-mode", "registry_volume_access_modes", "has no access mode.", "Name ReadWriteOnce.")
        )
    return found


def find_storage_class(
    requested: VolumeRequest, claim: dict[str, Any] | None, classes: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The storage class that the claim has or would get, None if there is none."""
    name = objects.spec_of(claim).get("storageClassName") or requested.storage_class
    if name:
        return next((item for item in classes if item["metadata"]["name"] == name), None)
    return next(
        (item for item in classes if objects.annotations_of(item).get(DEFAULT_CLASS_ANNOTATION) == "true"),
        None,
    )


def check_volume(
    requested: VolumeRequest, claim: dict[str, Any] | None, classes: Callable[[], list[dict[str, Any]]]
) -> list[Finding]:
    """Problems with the requested volume. claim: the live PVC or None. classes: returns all StorageClasses, asked for only if they decide."""
    if claim is None:
        return _new_claim(requested, classes())
    return _existing_claim(requested, claim, classes)


def _new_claim(requested: VolumeRequest, classes: list[dict[str, Any]]) -> list[Finding]:
    known = ", ".join(sorted(item["metadata"]["name"] for item in classes)) or "none"
    if find_storage_class(requested, None, classes) is not None:
        return []
    if requested.storage_class:
        return [
            error(
                "volume-storage-class-missing",
                "registry_volume_storage_class",
                f"StorageClass {requested.storage_class} does not exist. The cluster has: {known}.",
                "Specify one that exists, or leave the variable out to use the cluster's default.",
            )
        ]
    return [
        error(
            "volume-no-default-class",
            "registry_volume_storage_class",
            f"is not set, and the cluster has no default StorageClass. It has: {known}.",
            "Specify a storage class.",
        )
    ]


def _existing_claim(
    requested: VolumeRequest, claim: dict[str, Any], classes: Callable[[], list[dict[str, Any]]]
) -> list[Finding]:
    found = []
    spec = claim["spec"]
    path = f"PersistentVolumeClaim/{claim['metadata']['name']}"
    has = str(((spec.get("resources") or {}).get("requests") or {}).get("storage", "0"))
    now, then = _amount(has), _amount(requested.size)
    if claim["metadata"].get("deletionTimestamp"):
        found.append(
            error(
                "volume-being-deleted",
                path,
                "is being deleted.",
                "Wait until it is deleted, or retain its volume and bind a new claim to it.",
            )
        )
    if now is not None and then is not None and then < now:
        found.append(
            error(
                "volume-shrink",
                "registry_volume_size",
                f"{requested.size} is less than the current size of the volume, {has}. A volume cannot shrink.",
                f"Set it to {has} or more.",
            )
        )
    if now is not None and then is not None and then > now:
        provider = find_storage_class(requested, claim, classes())
        if provider is None or not provider.get("allowVolumeExpansion"):
            name = spec.get("storageClassName") or "of the volume"
            found.append(
                error(
                    "volume-not-expandable",
                    "registry_volume_size",
                    f"the volume has {has}, and StorageClass {name} does not allow expansion.",
                    f"Set it to {has}, or allow expansion in the class (allowVolumeExpansion: true).",
                )
            )
    if requested.storage_class and spec.get("storageClassName") and requested.storage_class != spec["storageClassName"]:
        found.append(
            error(
                "volume-class-change",
                "registry_volume_storage_class",
                f"the volume is of class {spec['storageClassName']}; the class of a claim cannot change.",
                f"Set it to {spec['storageClassName']} or leave it out.",
            )
        )
    if list(requested.access_modes) != list(spec.get("accessModes") or []):
        found.append(
            warning(
                "volume-access-modes-kept",
                "registry_volume_access_modes",
                f"the volume keeps its access modes {', '.join(spec.get('accessModes') or [])}; the access modes of a claim cannot change.",
            )
        )
    return found
