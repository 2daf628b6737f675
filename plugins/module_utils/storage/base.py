# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a storage backend is: its fields in the CR, its checks, and what follows for the registry. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Finding

FieldType = Literal["string", "boolean", "integer"]


@dataclass(frozen=True)
class Field:
    """One field of a backend in the CR's spec.storage (source: the CRD of operator 0.15.0)."""

    name: str
    type: FieldType
    description: str
    required: bool = False


@dataclass(frozen=True)
class Backend(ABC):
    """One storage kind of the CR. Subclasses live in a file each and know nothing of each other."""

    name: str
    fields: tuple[Field, ...]

    @abstractmethod
    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """Findings about values whose names and types are right already."""

    def route(self, values: Mapping[str, Any]) -> str:
        """Name of the route as in the CR's status.storage."""
        return self.name

    @abstractmethod
    def holder(self, values: Mapping[str, Any]) -> str:
        """What holds the images; the guard compares it, and the user accepts a loss by it."""

    @abstractmethod
    def driver(self, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Distribution's storage driver and its parameters, without credentials."""

    def claim(self, values: Mapping[str, Any]) -> str | None:
        """The PersistentVolumeClaim that the registry mounts, None for object stores."""
        return None


def claim_holder(claim: str) -> str:
    """Name of a claim as a holder of images: the same for the default volume and a volume of the user's own."""
    return f"persistentvolumeclaim/{claim}"
