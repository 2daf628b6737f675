# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backend that does not exist, registered as a real one is: tape libraries. Nothing else in the collection knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import Variables
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import parameters, secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    Backend,
    Field,
    SecretKey,
    Store,
    StoreAndFindings,
    StoreRequest,
    bucket_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    ChartCredential,
    Driver,
    DriverMapping,
    Parameter,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping

NAME = "tapeLibrary"


def _storage_id(parameters: Mapping[str, str]) -> str | None:
    return bucket_storage_id("tape", parameters["library"]) if "library" in parameters else None


DRIVER = Driver(
    "tape",
    (Parameter("library", "string", "Name of the library."), Parameter("rewind", "boolean", "Rewinds first.", False)),
    operator=DriverMapping(
        mandatory="library",
        credentials=(ChartCredential("robotKey", "tapeRobotKey"),),
        missing_credential="is missing or empty: the robot does not move.",
        required=("library",),
        storage_id=_storage_id,
    ),
    library=Variables(
        prefixes=("TAPE_",), known={"TAPE_SPEED": "integer"}, credentials={"TAPE_KEY": "Set robotKey in the Secret."}
    ),
)


@dataclass(frozen=True)
class TapeLibrary(Backend):
    """A library of tapes, named in the CR."""

    name: str = NAME
    fields: tuple[Field, ...] = (
        Field("library", "string", "Name of the library.", required=True),
        Field("secretName", "string", "Secret with robotKey.", required=True),
    )
    drivers: tuple[Driver, ...] = (DRIVER,)
    secret_keys: tuple[SecretKey, ...] = (SecretKey("robotKey", "the key of the robot."),)
    operator: tuple[OperatorMapping, ...] = (OperatorMapping("tape-library", DRIVER, keys={"robotKey": "robotKey"}),)

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """A library has a name of letters."""
        if values["library"].isalpha():
            return ()
        return (error("tape-library-name", f"{path}.library", "is not a word.", "Use letters."),)

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver tape with the key of the robot."""
        given, problems = parameters.check_parameters(DRIVER, request.parameters, request.parameters_path)
        texts, more = secret_data.read_values(request.secret or {}, self.secret_keys, request.secret_path)
        found = (*problems, *more)
        if errors(found):
            return None, found
        section = {"library": request.values["library"], **given}
        store = Store(
            "tape-library",
            DRIVER.name,
            section,
            bucket_storage_id("tape", section["library"]),
            environment=DRIVER.secret_variables,
            secret={"tapeRobotKey": env_value(texts["robotKey"])},
            credentials=(texts["robotKey"],),
        )
        return store, found
