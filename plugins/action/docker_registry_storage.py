# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs kyma.docker_registry.docker_registry_storage in process."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.options import StorageOptions
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction[StorageOptions]):
    """Runs the module's body in the task's worker."""

    SPEC = docker_registry_storage.SPEC
    OPTIONS = StorageOptions
    BODY = staticmethod(docker_registry_storage.manage_docker_registry)
