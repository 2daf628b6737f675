# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of registry_info."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    RegistryOptions,
)


@dataclass(frozen=True)
class InfoOptions(RegistryOptions):
    """The options of registry_info, as its documentation describes them."""

    count_images: bool
    query: str | None
