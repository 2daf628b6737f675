# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of registry_env against the variables that the registry's process reads. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.credentials.detection import holds_credential
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    error,
    shown_key,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import (
    Form,
    RejectedVariable,
    Variables,
)

from .environment_table import CHOICES, COLLECTORS, EXPORTER, MIDDLEWARES, PROXIES, REGISTRY
from .forms.go_pattern import is_go_pattern

_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*|0")
# Go accepts no other unit for GOMEMLIMIT; Kubernetes' 400Mi ends the program.
_MEMORY = re.compile(r"off|\d+(B|KiB|MiB|GiB|TiB)?")
_ADDRESS = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?(/([^\s%?#]|%[0-9a-f]{2})*)?", re.IGNORECASE)
_LARGEST = 2**63 - 1
_PLAIN_TEXT = "The Pod's specification, --diff and job events would show its value in plain text."
_FORMS: dict[Form, str] = {
    "boolean": "true or false",
    "integer": "a whole number",
    "count": "a whole number that is not negative",
    "duration": "a Go duration, for example 30s or 1h30m",
    "text": "a text or a number",
    "address": "an address with its scheme, for example https://registry.example.com",
    "memory": "a size with a unit, for example 400MiB",
    "list": 'a list, for example ["a", "b"]',
    "patterns": "a list of regular expressions that Go accepts (RE2: no lookaround, no backreference)",
    "mapping": 'a mapping, for example {"a": "b"}',
    "mappings": 'a list of mappings, for example [{"a": "b"}]',
    "headers": 'a mapping to lists, for example {"X-Content-Type-Options": ["nosniff"]}',
    "middlewares": f"a mapping of storage to a list of middlewares with a name of {', '.join(sorted(MIDDLEWARES['storage']))}",
}


def check_environment(
    environment: Mapping[str, Any], libraries: Iterable[Variables], path: str = "registry_env"
) -> list[Finding]:
    """Findings about variables for the registry's container, in the order of their names. No value occurs in a finding.

    environment: name to value as the user gave it (text, number, boolean, list or mapping). libraries: what the libraries of the
    storage drivers read. path: the variable or option.
    """
    table = _merged((REGISTRY, *libraries))
    found: list[Finding] = []
    for name in sorted(map(str, environment)):
        found += _check(name, environment.get(name), table, f"{path}.{shown_key(name)}")
    return [*found, *_check_tracing(environment, f"{path}.{EXPORTER}")]


def _check_tracing(environment: Mapping[str, Any], place: str) -> list[Finding]:
    """A warning about traces that no collector receives."""
    exporter = str(environment.get(EXPORTER) or "").strip().lower()
    if exporter != "otlp" or any(environment.get(name) for name in COLLECTORS):
        return []
    text = "sends traces to a collector in the registry's own Pod, because no address is set; the registry logs an error for each attempt if there is none."
    return [warning("env-no-collector", place, text, f"Set {COLLECTORS[0]} to the address of a collector.")]


def _merged(tables: Iterable[Variables]) -> Variables:
    every = tuple(tables)
    return Variables(
        prefixes=tuple(prefix for table in every for prefix in table.prefixes),
        names=frozenset(name for table in every for name in table.names),
        known={name: form for table in every for name, form in table.known.items()},
        credentials={name: remedy for table in every for name, remedy in table.credentials.items()},
        rejected=tuple(item for table in every for item in table.rejected),
    )


def _check(name: str, value: Any, table: Variables, place: str) -> list[Finding]:
    rejected = _rejected(name, table)
    if rejected is not None:
        return [error(rejected.code, place, rejected.message, rejected.remedy)]
    if name in table.credentials:
        text = f"is a credential. {_PLAIN_TEXT}"
        return [error("env-credential", place, text, table.credentials[name])]
    if name not in table.known:
        return [_unknown(name, value, table, place)]
    form = table.known[name]
    if not _fits(value, form):
        return [error("env-form", place, f"is not {_FORMS[form]}.", "Correct the value.")]
    choices = CHOICES.get(name)
    if choices and str(value).strip().lower() not in choices:
        return [error("env-form", place, f"is not one of {', '.join(choices)}.", "Correct the value.")]
    # The name is known, so it is not the name of a credential.
    return (
        [_holds_credential(name, place)] if holds_credential("proxy" if name.upper() in PROXIES else "", value) else []
    )


def _rejected(name: str, table: Variables) -> RejectedVariable | None:
    """The entry with the longest name that is this variable or its section.

    Distribution compares the first part (REGISTRY) as it is written; the names of drivers it compares without regard to case.
    """
    upper = name.upper()
    fitting = [item for item in table.rejected if upper == item.name or upper.startswith(f"{item.name}_")]
    return max(fitting, key=lambda item: len(item.name), default=None)


def _holds_credential(name: str, place: str) -> Finding:
    if name.upper() in PROXIES:
        text = "holds a credential of the proxy. Everyone who can read the Pod's specification can read it. Output hides the value."
        return warning("env-proxy-credential", place, text, "Use a proxy that accepts the Pod without a credential.")
    text = f"holds a credential. {_PLAIN_TEXT}"
    remedy = "Use a receiver in the cluster that a network policy protects, and that needs or adds no credential."
    return error("env-credential", place, text, remedy)


def _unknown(name: str, value: Any, table: Variables, place: str) -> Finding:
    upper = name.upper()
    if upper in table.names or upper.startswith(table.prefixes):
        near = difflib.get_close_matches(upper, table.known, n=1, cutoff=0.75)
        remedy = f"Did you mean {near[0]}?" if near else "Remove it, or use the corresponding variable of the role."
        text = "is not a variable that the collection supports. The registry would ignore it, fail to start or behave differently."
        return error("env-unknown", place, text, remedy)
    if holds_credential("", {name: value}):
        text = f"is not a variable of the registry, and its name or value is that of a credential. {_PLAIN_TEXT}"
        return error("env-credential", place, text, "Remove it.")
    text = "is not a known variable of the registry. The role passes it to the registry without a check."
    return warning("env-unchecked", place, text, "If the name is misspelt, correct it.")


def _fits(value: Any, form: Form) -> bool:
    """Whether Distribution can read the value: it parses each value as YAML."""
    if form == "text":
        return not isinstance(value, (Mapping, list))
    if form in _ITEMS:
        items = _decoded(value)
        return _enclosed(items, "[", "]") or (isinstance(items, list) and all(map(_ITEMS[form], items)))
    if form in _ENTRIES:
        fields = _decoded(value)
        return _enclosed(fields, "{", "}") or (
            isinstance(fields, Mapping) and all(_ENTRIES[form](str(name), item) for name, item in fields.items())
        )
    return _fits_scalar(value, form)


def _is_pattern(value: Any) -> bool:
    return not isinstance(value, (Mapping, list)) and is_go_pattern(str(value))


def _are_middlewares(target: str, value: Any) -> bool:
    """Whether Distribution has each middleware of the list, for what it wraps (`target`)."""
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and item.get("name") in MIDDLEWARES[target] for item in value
    )


# What an item of a list, and a name with its value of a mapping, have to be.
_ITEMS: dict[Form, Callable[[Any], bool]] = {
    "list": lambda _item: True,
    "mappings": lambda item: isinstance(item, Mapping),
    "patterns": _is_pattern,
}
_ENTRIES: dict[Form, Callable[[str, Any], bool]] = {
    "mapping": lambda _name, _item: True,
    "headers": lambda _name, item: isinstance(item, list),
    "middlewares": lambda target, item: target in MIDDLEWARES and _are_middlewares(target, item),
}


def _fits_scalar(value: Any, form: Form) -> bool:
    text = str(value).strip()
    if form == "boolean":
        return text.lower() in ("true", "false")
    if isinstance(value, bool):
        return False
    if form in ("integer", "count"):
        sign = "[-+]?" if form == "integer" else ""
        return bool(re.fullmatch(rf"{sign}\d{{1,19}}", text)) and abs(int(text)) <= _LARGEST
    if form == "address":
        return value == "" or bool(_ADDRESS.fullmatch(text))
    return bool((_MEMORY if form == "memory" else _DURATION).fullmatch(text))


def _decoded(value: Any) -> Any:
    """What a text in JSON means. Any other text stays: it may be YAML, or too deep."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _enclosed(value: Any, opening: str, closing: str) -> bool:
    text = value.strip() if isinstance(value, str) else ""
    return text.startswith(opening) and text.endswith(closing)
