# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module returned, held against what its documentation says that it returns."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.support.documented import NAMESPACE
from ansible_collections.kyma.docker_registry.tests.support.documented import module as module_of

# What Ansible itself puts into the result of any module.
ANSIBLES = frozenset(
    {
        "changed",
        "failed",
        "msg",
        "diff",
        "warnings",
        "deprecations",
        "invocation",
        "exception",
        "attempts",
        "failed_when_suppressed_exception",
    }
    | {"ansible_job_id", "results_file", "started", "finished", "changed_when_result", "failed_when_result"}
)
_TYPES = {"str": str, "bool": bool, "int": int, "float": float, "list": list, "dict": dict, "raw": object}


@functools.cache
def documented(module: str) -> dict[str, Any]:
    """RETURN of a module by its short name."""
    found: dict[str, Any] = yaml.safe_load(module_of(module).RETURN)
    return found


def problems(action: str, result: Mapping[str, Any], failed: bool) -> list[str]:
    """Values that are not documented, of another type, null without being documented as such, or missing although they come always."""
    if not action.startswith(f"{NAMESPACE}."):
        return []
    described = documented(action.rpartition(".")[2])
    reported = {key: value for key, value in result.items() if key not in ANSIBLES and not key.startswith("_ansible_")}
    found = list(_differences(reported, described, ""))
    # A rejected option ends the task before it has results.
    if not failed:
        always = [key for key, value in described.items() if value["returned"] == "always"]
        found += [f"{key}: is not returned" for key in always if key not in reported]
    return [f"{action}: {text}" for text in found]


def _differences(values: Mapping[str, Any], described: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in values.items():
        place, entry = f"{path}{key}", described.get(key)
        if entry is None:
            yield f"{place}: is not documented"
        elif value is None:
            if entry["type"] != "raw" and "null" not in str(entry["description"]).lower():
                yield f"{place}: is null, which is not documented"
        elif not isinstance(value, _TYPES[entry["type"]]) or (entry["type"] == "int" and isinstance(value, bool)):
            yield f"{place}: is {type(value).__name__}, documented as {entry['type']}"
        elif entry.get("contains"):
            for item in value if isinstance(value, list) else [value]:
                yield from _differences(item, entry["contains"], f"{place}.")
