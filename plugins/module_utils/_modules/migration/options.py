# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of registry_migration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    BundleOptions,
    LeaseOptions,
    NamingOptions,
    StorageInput,
    VolumeOptions,
)


@dataclass(frozen=True)
class MigrationOptions(StorageInput, BundleOptions, VolumeOptions, NamingOptions, LeaseOptions):
    """The options of registry_migration, as its documentation describes them."""

    state: str
    copy_mode: str
    copy_image: str
    verify: str
    drop: Sequence[str]
    accept_source_deletion: bool
