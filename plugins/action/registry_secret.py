# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs kyma.docker_registry.registry_secret in process."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials import registry_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials.options import (
    CredentialsOptions,
)
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction[CredentialsOptions]):
    """Runs the module's body in the task's worker."""

    SPEC = registry_secret.SPEC
    OPTIONS = CredentialsOptions
    BODY = staticmethod(registry_secret.manage_secrets)
