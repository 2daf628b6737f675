# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage drivers of Distribution: their parameters, their variables, and what Kyma's operator does with each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import Variables

# A release of Distribution.
Version = tuple[int, int, int]
OLDEST: Version = (3, 0, 0)

ParameterType = Literal["string", "boolean", "integer", "duration", "mapping"]

LARGEST_INTEGER = 2**63 - 1

# Variables that configure the storage of a registry.
VARIABLE_PREFIX = "REGISTRY_STORAGE_"


def variable_name(driver: str, parameter: str = "") -> str:
    """The variable from which Distribution reads a driver's parameter; without a parameter what these variables begin with."""
    return f"{VARIABLE_PREFIX}{driver}_{parameter}".upper()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a Distribution storage driver (source: the driver's FromParameters in 3.0.0 to 3.1.2).

    default: Distribution's, None for none. floor: lower numbers are raised to it silently. since: the first release that has it; earlier
    ones ignore it. newer_choices: choices that later releases have added, with the first one; earlier ones end at their start.
    """

    name: str
    type: ParameterType
    description: str
    default: str | int | bool | None = None
    minimum: int | None = None
    maximum: int = LARGEST_INTEGER
    multiple_of: int | None = None
    floor: int | None = None
    choices: tuple[str, ...] = ()
    choices_ignore_case: bool = False
    since: Version = OLDEST
    newer_choices: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True)
class RejectedParameter:
    """A driver parameter that is known and never accepted. code, message and remedy: of its finding."""

    code: str
    name: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Fault:
    """A fault of Distribution that a release has corrected. text: its effect. since: the first release with it; fixed: without it."""

    fixed: Version
    text: str
    since: Version = OLDEST


@dataclass(frozen=True)
class ChartCredential:
    """One credential of a driver in the operator's chart.

    name: the chart value in the driver's section, and the parameter in lower case. generated_key: key of the Secret that the chart
    renders, the same as in Store.secret. file_parameter: the parameter that names the file in which it is mounted; '' for a credential
    that a variable holds.
    """

    name: str
    generated_key: str
    file_parameter: str = ""


def _no_findings(values: Mapping[str, str | bool], path: str) -> Iterable[tuple[str, Finding]]:
    return ()


def _no_storage_id(parameters: Mapping[str, str]) -> str | None:
    return None


@dataclass(frozen=True)
class DriverMapping:
    """What Kyma's operator does with one driver.

    mandatory: the parameter without which Distribution does not configure the driver; the operator always sets its variable.
    credentials: the chart renders all of them or none. missing_credential: what happens if the Secret lacks one. required: chart values
    without which the rendering stops. flags: booleans that the chart always gets, false by default. fixed: parameters of a mounted
    volume, the only ones that the chart sets for it. refers_always: the Pod refers to the credentials even if none is rendered.
    login_parameter: the mapping that says how to authenticate, '' if the driver needs none; the operator leaves it out, and login_missing
    makes the finding about that at a place. check: findings about chart values (in the driver's section) that do not reach the registry,
    each with the parameter that corrects it. storage_id: the storage ID that the parameters of a running registry name, None if they name none.
    """

    mandatory: str
    credentials: tuple[ChartCredential, ...] = ()
    missing_credential: str = ""
    required: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    refers_always: bool = False
    login_parameter: str = ""
    login_missing: Callable[[str], Finding] | None = None
    check: Callable[[Mapping[str, str | bool], str], Iterable[tuple[str, Finding]]] = _no_findings
    storage_id: Callable[[Mapping[str, str]], str | None] = _no_storage_id


@dataclass(frozen=True)
class Driver:
    """One storage driver of Distribution.

    rejected: parameters that are known and never accepted. signs_with_key_file: it sends clients to the store only if it can sign
    addresses with a key file. signs_https_only: it signs no address of plain HTTP. library: the variables that the store's library reads.
    faults: what is wrong with it in releases from OLDEST on. upload_parts: how many times the memory of its `chunksize` an upload needs,
    0 if the driver collects no parts. hides_tags: in some releases a list of tags lacks those that begin with another tag.
    """

    name: str
    parameters: tuple[Parameter, ...]
    rejected: tuple[RejectedParameter, ...] = ()
    operator: DriverMapping = field(kw_only=True)
    signs_with_key_file: bool = False
    signs_https_only: bool = False
    library: Variables = field(default_factory=Variables)
    faults: tuple[Fault, ...] = ()
    upload_parts: int = 0
    hides_tags: bool = False

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        return next(item for item in self.parameters if item.name == name)

    def variable(self, parameter: str) -> str:
        """The variable from which Distribution reads the parameter."""
        return variable_name(self.name, parameter)

    @property
    def mandatory_variable(self) -> str:
        """The variable that shows that a registry uses this driver."""
        return self.variable(self.operator.mandatory)

    @property
    def secret_variables(self) -> dict[str, str]:
        """Variable to key of the Secret, of the credentials that variables hold."""
        return {
            self.variable(item.name): item.generated_key
            for item in self.operator.credentials
            if not item.file_parameter
        }
