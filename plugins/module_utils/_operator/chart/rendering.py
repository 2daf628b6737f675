# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's chart renders from the values that it is given: variables, and the generated Secret. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.names import PARSE_FAILURE, OperatorNames
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import Driver

from . import strvals, yaml_scalars
from .inputs import ChartInputs


@dataclass(frozen=True)
class SecretRef:
    """The value of a variable whose value is in a Secret."""

    name: str
    key: str


EnvValue: TypeAlias = "str | SecretRef"


@dataclass(frozen=True)
class Chart:
    """The rendered chart. stopped: why nothing does. refused: why the API server rejects the Deployment. None of them holds a value."""

    env: Mapping[str, EnvValue] = field(default_factory=dict)
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    key_file: bool = False
    stopped: str = ""
    refused: str = ""


class _StoppedError(Exception):
    pass


class _RefusedError(Exception):
    pass


def render(inputs: ChartInputs, names: OperatorNames, *, strvals_grammar: bool) -> Chart:
    """The chart's part about storage. strvals_grammar: values pass --set unescaped."""
    try:
        secret = _secret(inputs, names, strvals_grammar=strvals_grammar)
        texts = _texts(inputs, names, strvals_grammar=strvals_grammar)
    except _StoppedError as problem:
        return Chart(stopped=str(problem))
    driver = inputs.driver
    try:
        env = {driver.variable(name): _scalar(text, name) for name, text in texts.items()}
    except _RefusedError as problem:
        return Chart(secret=secret, refused=str(problem))
    if driver.operator.fixed:
        return Chart({driver.variable(name): text for name, text in driver.operator.fixed.items()})
    found: dict[str, EnvValue] = dict(env)
    if secret or driver.operator.refers_always:
        for variable, key in driver.secret_variables.items():
            found[variable] = SecretRef(constants.STORAGE_SECRET, key)
    files = _key_files(driver, names) if secret else {}
    return Chart({**found, **files}, secret, bool(files))


def _key_files(driver: Driver, names: OperatorNames) -> dict[str, str]:
    """Variable to path, of the credentials that are mounted as files."""
    return {
        driver.variable(item.file_parameter): f"{names.key_file_folder}/{item.generated_key}"
        for item in driver.operator.credentials
        if item.file_parameter
    }


def _passed(text: str | bool, name: str, *, strvals_grammar: bool) -> strvals.Value:
    """The chart value behind --set."""
    if isinstance(text, bool) or not strvals_grammar:
        return text
    parsed = strvals.parse(text)
    if parsed.error:
        raise _StoppedError(f"{PARSE_FAILURE} {name}: {parsed.error}")
    return parsed.value


def _secret(inputs: ChartInputs, names: OperatorNames, *, strvals_grammar: bool) -> dict[str, bytes] | None:
    """Data of the Secret that the chart renders: all credentials of a driver or none, None for a driver without any."""
    driver = inputs.driver
    keys = {names.chart_value(driver.name, item.name): item.generated_key for item in driver.operator.credentials}
    if not keys:
        return None
    values = {name: _passed(inputs.secrets[name], name, strvals_grammar=strvals_grammar) for name in keys}
    if not all(values.values()):
        return {}
    found = {}
    for name, value in values.items():
        if not isinstance(value, str):
            raise _StoppedError(f"{name}: wrong type for value; expected string")
        found[keys[name]] = value.encode("utf-8", "replace")
    return found


def _texts(inputs: ChartInputs, names: OperatorNames, *, strvals_grammar: bool) -> dict[str, str]:
    """The values as the template pastes them, without quotes but for the booleans."""
    found = {}
    driver = inputs.driver
    required = {names.chart_value(driver.name, name) for name in driver.operator.required}
    left_out = required.difference(inputs.values)
    for name, given in {**inputs.values, **dict.fromkeys(sorted(left_out), "")}.items():
        value = _passed(given, name, strvals_grammar=strvals_grammar)
        if not value:
            if name in required:
                raise _StoppedError(f".Values.{name} is required")
            continue
        if isinstance(value, tuple):
            raise _StoppedError(f"{name}: a list where text belongs")
        quoted = isinstance(given, bool)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found[name.partition(".")[2]] = f'"{text}"' if quoted else text
    return found


def _scalar(text: str, name: str) -> str:
    """The value as the API server gets it. A value that YAML does not read as text is rejected in a variable."""
    if text.startswith('"'):
        return _quoted(text, name)
    if yaml_scalars.kind(text) in ("text", "word"):
        return text
    raise _RefusedError(f"{name}: expected string")


def _quoted(text: str, name: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise _RefusedError(f"{name}: expected string") from None
    if not isinstance(value, str):
        raise _RefusedError(f"{name}: expected string")
    return value


def reads_as(written: EnvValue, value: object) -> bool:
    """True if the registry, for which variables are YAML, reads the intended value. A value in a Secret is not checked."""
    if not isinstance(written, str):
        return True
    if not isinstance(value, str):
        return written == env_value(value)
    if is_plain_value(written):
        return written == value
    return written.startswith('"') and bool(json.loads(written) == value)


def is_plain_value(text: str) -> bool:
    """True if the text as the value of a variable is read as itself: for Kubernetes a dollar sign is not text either."""
    return yaml_scalars.is_plain(text) and "$" not in text
