# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver parameters beyond the CR's fields: names, types, bounds. Distribution silently ignores unknown parameters. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    error,
    shown_key,
    warning,
)

from .driver import Driver, Parameter
from .texts import DIGITS, has_control, kind_of, suggest_name

# Go's time.ParseDuration, unsigned; it knows no days.
_DURATION = re.compile(r"([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+")


def check_parameters(
    driver: Driver, parameters: object, path: str, taken_parameters: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The parameters with right names and types, and findings (an error leaves its parameter out).

    taken_parameters: parameters that the CR or the Secret sets, each with the remedy.
    """
    if parameters is None or parameters == "":
        return {}, ()
    if not isinstance(parameters, Mapping):
        message = f"is {kind_of(parameters)}, not a mapping."
        return {}, (error("parameter-not-a-mapping", path, message, "Write name: value pairs."),)
    found: list[Finding] = []
    values: dict[str, Any] = {}
    known = {item.name: item for item in driver.parameters}
    for key, value in parameters.items():
        name, place = str(key), f"{path}.{shown_key(key)}"
        refusal = _refusal(driver, name, place, taken_parameters or {})
        if refusal is not None:
            found.append(refusal)
        elif name not in known:
            usable = [item for item in known if item not in (taken_parameters or {})]
            message = f"is not a parameter of Distribution's driver {driver.name}. The driver would ignore it."
            found.append(error("parameter-unknown", place, message, suggest_name(name, usable)))
        else:
            fitting, problems = _value(known[name], value, place)
            found.extend(problems)
            if fitting is not None:
                values[name] = fitting
    return values, tuple(found)


def _refusal(driver: Driver, name: str, place: str, taken_parameters: Mapping[str, str]) -> Finding | None:
    for item in driver.rejected:
        if item.name == name:
            return error(item.code, place, item.message, item.remedy)
    if name in taken_parameters:
        return error("parameter-taken", place, "is already set in another place.", taken_parameters[name])
    return None


def _value(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    """The value in the driver's type, None if an error forbids it."""
    if value is None or value == "":
        message = "is empty. Distribution would use the empty value instead of its default."
        return None, [error("parameter-empty", place, message, "Set a value, or leave it out to use the default.")]
    readers = {"boolean": _boolean, "integer": _integer, "string": _string, "duration": _duration, "mapping": _mapping}
    return readers[item.type](item, value, place)


def _wrong_type(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    remedy = "Put it in quotes." if item.type in ("string", "duration") else f"Write it as a {item.type}."
    return None, [error("parameter-wrong-type", place, f"is {kind_of(value)}, not a {item.type}.", remedy)]


def _boolean(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    if isinstance(value, bool):
        return value, []
    if isinstance(value, str) and value.lower() in ("true", "false"):
        message = "is text. It is interpreted as a boolean."
        return value.lower() == "true", [warning("parameter-boolean-text", place, message, "Write it without quotes.")]
    return _wrong_type(item, value, place)


def _integer(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    found: list[Finding] = []
    if isinstance(value, str) and DIGITS.fullmatch(value):
        message = "is text. It is interpreted as a number."
        found.append(warning("parameter-number-text", place, message, "Write it without quotes."))
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return _wrong_type(item, value, place)
    outside = check_bounds(item, value, place)
    if outside:
        return None, [*found, *outside]
    if item.floor is not None and value < item.floor:
        message = f"is below {item.floor}. The driver raises it to {item.floor} silently."
        found.append(warning("parameter-raised", place, message, f"Write {item.floor} or more."))
    return value, found


def check_bounds(item: Parameter, value: int, place: str) -> list[Finding]:
    """Findings about a number beyond the driver's bounds: it stops the registry at its start."""
    message = "is outside the range that the driver accepts. The registry would not start."
    if item.minimum is not None and value < item.minimum:
        return [error("value-out-of-range", place, message, f"Use at least {item.minimum}.")]
    if value > item.maximum:
        return [error("value-out-of-range", place, message, f"Use at most {item.maximum}.")]
    if item.multiple_of and value % item.multiple_of:
        message = f"is not a multiple of {item.multiple_of}. The registry would not start."
        below = max(value - value % item.multiple_of, item.multiple_of)
        return [error("value-not-a-multiple", place, message, f"Use for example {below}.")]
    return []


def _string(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    if not isinstance(value, str):
        return _wrong_type(item, value, place)
    if has_control(value):
        message = "contains a control character or a line break."
        return None, [
            error(
                "parameter-control-character",
                place,
                message,
                "Write the value on one line, without control characters.",
            )
        ]
    if not item.choices:
        return value, []
    spelt = {choice.lower() if item.choices_ignore_case else choice: choice for choice in item.choices}
    fitting = spelt.get(value.lower() if item.choices_ignore_case else value)
    if fitting is None:
        message = "is not a value that the driver accepts."
        return None, [error("parameter-bad-choice", place, message, f"Use one of: {', '.join(item.choices)}.")]
    return fitting, []


def _duration(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    if not isinstance(value, str):
        return _wrong_type(item, value, place)
    if not _DURATION.fullmatch(value):
        message = "is not a valid Go duration."
        return None, [
            error(
                "parameter-bad-duration",
                place,
                message,
                "Write for example 100ms, 2s or 1m30s. Days are not supported.",
            )
        ]
    return value, []


def _mapping(item: Parameter, value: object, place: str) -> tuple[Any, list[Finding]]:
    if not isinstance(value, Mapping):
        return _wrong_type(item, value, place)
    return dict(value), []
