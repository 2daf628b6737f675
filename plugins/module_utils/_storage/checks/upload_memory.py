# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the parts that a driver collects in memory before it sends them fit into the memory limit of the registry's container. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.quantity import parse_quantity
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import Driver

PARAMETER = "chunksize"
# Layers that docker uploads at once for one push (its default of max-concurrent-uploads).
_UPLOADS = 5
_MIB = 2**20


def check_upload_memory(driver: Driver, parameters: Mapping[str, Any], limit: Any, path: str) -> list[Finding]:
    """A finding if uploads need more memory than there is. limit: a Kubernetes quantity, None for no limit. path: of the chunk size."""
    parsed = parse_quantity(limit)
    if parsed is None or not driver.upload_parts:
        return []
    memory = int(parsed[0])
    one = driver.upload_parts * int(parameters.get(PARAMETER) or driver.parameter(PARAMETER).default or 0)
    if _UPLOADS * one <= memory:
        return []
    each = f"each upload of a layer needs about {driver.upload_parts} x {PARAMETER} of memory, {_mebibytes(one)}"
    limited = f"the container's memory limit is {_mebibytes(memory)}"
    if one > memory:
        remedy = f"Lower it, or raise registry_resources.limits.memory to {_mebibytes(_UPLOADS * one)} or more."
        return [
            error(
                "chunksize-exceeds-memory",
                path,
                f"the first large layer ends the registry: {each}, and {limited}.",
                remedy,
            )
        ]
    text = f"a push can end the registry: {each}, docker uploads {_UPLOADS} layers at once, and {limited}."
    remedy = f"Lower it, or raise registry_resources.limits.memory to {_mebibytes(_UPLOADS * one)} or more for each push at once."
    return [warning("chunksize-memory", path, text, remedy)]


def _mebibytes(size: int) -> str:
    return f"{-(-size // _MIB)}Mi"
