# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend filesystem: the default volume, a PVC that the collection makes. It has no field in the CR: it is what is left when none is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.base import Backend, Field, claim_holder

# Where the operator's Deployment keeps the images in the volume: the same, so that a volume can change hands.
ROOT_DIRECTORY = "/var/lib/registry"


@dataclass(frozen=True)
class Filesystem(Backend):
    """The default volume."""

    name: str = "filesystem"
    fields: tuple[Field, ...] = ()

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """There is nothing to be wrong."""
        return ()

    def holder(self, values: Mapping[str, Any]) -> str:
        """The default claim."""
        return claim_holder(names.DEFAULT_CLAIM)

    def driver(self, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Driver filesystem on the mounted volume."""
        return "filesystem", {"rootdirectory": ROOT_DIRECTORY}

    def claim(self, values: Mapping[str, Any]) -> str | None:
        """The default claim."""
        return names.DEFAULT_CLAIM


FILESYSTEM = Filesystem()
