# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend filesystem: the default volume, a PVC that the collection makes. It has no field in the CR: it is what is left when none is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import parameters as driver_parameters
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    Backend,
    Field,
    Store,
    StoreAndFindings,
    StoreRequest,
    claim_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    Driver,
    DriverMapping,
    Parameter,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping

# Where the operator's Deployment keeps the images in the volume: the same, so that a volume can change its owner.
ROOT_DIRECTORY = "/var/lib/registry"

_OPERATOR = DriverMapping(mandatory="rootdirectory", fixed={"rootdirectory": ROOT_DIRECTORY})

DRIVER = Driver(
    "filesystem",
    (
        Parameter("rootdirectory", "string", "Folder that contains the images.", ROOT_DIRECTORY),
        Parameter("maxthreads", "integer", "Maximum number of concurrent operations on the volume.", 100, floor=25),
    ),
    operator=_OPERATOR,
)
TAKEN_PARAMETERS = {"rootdirectory": f"Leave it out: the volume is mounted at {ROOT_DIRECTORY}."}


def volume_store(storage_type: str, claim: str, request: StoreRequest) -> StoreAndFindings:
    """The store on a mounted volume."""
    values, found = driver_parameters.check_parameters(
        DRIVER, request.parameters, request.parameters_path, TAKEN_PARAMETERS
    )
    if errors(found):
        return None, found
    section = {"rootdirectory": ROOT_DIRECTORY, **values}
    return Store(storage_type, DRIVER.name, section, claim_storage_id(claim), claim=claim), found


@dataclass(frozen=True)
class Filesystem(Backend):
    """The default volume."""

    name: str = "filesystem"
    fields: tuple[Field, ...] = ()
    drivers: tuple[Driver, ...] = (DRIVER,)
    operator: tuple[OperatorMapping, ...] = (OperatorMapping("filesystem", DRIVER),)
    taken_parameters: Mapping[str, str] = field(default_factory=lambda: TAKEN_PARAMETERS)

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """There is nothing to be wrong."""
        return ()

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver filesystem on the default claim."""
        return volume_store(self.name, constants.DEFAULT_CLAIM, request)

    def claim(self, values: Mapping[str, Any]) -> str | None:
        """The default claim."""
        return constants.DEFAULT_CLAIM


FILESYSTEM = Filesystem()
