# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environment variables that would make the registry store its images in another place than its configuration says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error

_SECTION = ["REGISTRY", "STORAGE"]
# What that section contains beside the driver (configuration.go, Storage.Type()); any other name is a driver's.
_BESIDE = frozenset({"CACHE", "DELETE", "MAINTENANCE", "REDIRECT", "TAG"})
# Google's client reads the address of its store from this variable, before any configuration.
_EMULATOR = "STORAGE_EMULATOR_HOST"


def check_environment(environment: Mapping[str, Any]) -> list[Finding]:
    """An error for each variable of the user's registry_env that the guard could not see: it counts before config.yml."""
    message = "would have the registry keep its images elsewhere than the DockerRegistry says, unseen by the guard."
    remedy = "Say it with registry_storage or registry_driver_parameters."
    return [
        error("env-moves-images", f"registry_env.{name}", message, remedy)
        for name in sorted(map(str, environment))
        if _moves(name)
    ]


def _moves(name: str) -> bool:
    # Distribution lowers the name of a driver that it does not find as it is written (configuration/parser.go).
    path = name.upper().split("_")
    if path[:2] != _SECTION:
        return name == _EMULATOR
    return len(path) == 2 or path[2] not in _BESIDE
