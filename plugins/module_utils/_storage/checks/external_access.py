# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""spec.externalAccess of a pasted DockerRegistry: names, types, and what Kyma's operator needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, shown_key
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import nearest

from .kubernetes_names import subdomain_problem

FIELD = "externalAccess"
_FIELDS = ("enabled", "gateway", "host")


def check_external_access(section: object, path: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The section with right names and types, and findings (an error leaves its field out)."""
    if section is None:
        return {}, ()
    if not isinstance(section, Mapping):
        return {}, (_wrong_type(path, "a mapping", "Write for example enabled: true."),)
    found: list[Finding] = []
    values: dict[str, Any] = {}
    for key, value in section.items():
        problem = _check_field(str(key), value, f"{path}.{shown_key(key)}")
        if problem is not None:
            found.append(problem)
        elif value is not None:
            values[str(key)] = value
    if section.get("enabled") is True and section.get("gateway") is not None and section.get("host") is None:
        message = "is missing: the operator accepts a gateway other than Kyma's only together with a host."
        remedy = "Specify the host name with which clients reach the registry, or leave gateway out."
        found.append(error("external-access-no-host", f"{path}.host", message, remedy))
    return values, tuple(found)


def _check_field(key: str, value: object, path: str) -> Finding | None:
    if key not in _FIELDS:
        suggestion = nearest(key, _FIELDS)
        remedy = f"Did you mean {suggestion}?" if suggestion else f"Known: {', '.join(_FIELDS)}."
        return error("external-access-unknown-field", path, f"is not a field of spec.{FIELD}.", remedy)
    if value is None:
        return None
    if key == "enabled":
        return None if isinstance(value, bool) else _wrong_type(path, "a boolean", "Write true or false.")
    if not isinstance(value, str):
        return _wrong_type(path, "text", "Put it in quotes.")
    if key == "gateway":
        parts = value.split("/")
        if len(parts) != 2 or any(map(subdomain_problem, parts)):
            remedy = "Write namespace/name, for example kyma-system/kyma-gateway."
            return error("external-access-bad-value", path, "does not name a Gateway.", remedy)
        return None
    if subdomain_problem(value):
        remedy = "Specify only the host name, in lower case, without a scheme, port or path."
        return error("external-access-bad-value", path, "is not a host name.", remedy)
    return None


def _wrong_type(path: str, wanted: str, remedy: str) -> Finding:
    return error("external-access-wrong-type", path, f"is not {wanted}.", remedy)
