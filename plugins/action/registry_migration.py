# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs kyma.docker_registry.registry_migration in process."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration import registry_migration
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.options import MigrationOptions
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction[MigrationOptions]):
    """Runs the module's body in the task's worker."""

    SPEC = registry_migration.SPEC
    OPTIONS = MigrationOptions
    BODY = staticmethod(registry_migration.migrate_registry)
