# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of registry_secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    PlannedOptions,
    RegistryOptions,
    SecretOptions,
)


@dataclass(frozen=True)
class CredentialsOptions(SecretOptions, PlannedOptions, RegistryOptions):
    """The options of registry_secret, as its documentation describes them."""

    state: str
    purpose: str
    create_namespace: bool
    mode: str
    registry_username: str | None
    registry_password: str | None
    pull_secret_namespaces: Sequence[str]
    secret_name: str | None
    driver_parameters: Mapping[str, Any]
    failed_with: Sequence[str] | None
