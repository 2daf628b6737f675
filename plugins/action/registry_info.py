# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs kyma.docker_registry.registry_info in process."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import registry_info
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.options import InfoOptions
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction[InfoOptions]):
    """Runs the module's body in the task's worker."""

    SPEC = registry_info.SPEC
    OPTIONS = InfoOptions
    BODY = staticmethod(registry_info.read_registry_info)
