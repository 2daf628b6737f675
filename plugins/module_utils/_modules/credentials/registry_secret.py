# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_secret: its options, and what it does for each purpose and state."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.judged_objects import (
    require_planned_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import PLAN_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LEASE_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import registries
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog

from .options import CredentialsOptions
from .secret_removal import remove_secrets
from .storage_secret import manage_storage_secret
from .user_secrets import restore_user_secrets, write_user_secrets

PURPOSES = ("credentials", *(name for name, backend in catalog.NAMED.items() if backend.secret_keys))
SPEC = (
    Spec(
        {
            "state": {"type": "str", "choices": ["present", "confirmed", "restored", "absent"], "default": "present"},
            "purpose": {"type": "str", "choices": list(PURPOSES), "default": "credentials"},
            "name": {"type": "str", "default": constants.CR_NAME},
            "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
            "create_namespace": {"type": "bool", "default": False},
            "mode": {"type": "str", "choices": ["direct", "operator"], "default": "direct"},
            "registry_username": {"type": "str"},
            "registry_password": {"type": "str", "no_log": True},
            "pull_secret_namespaces": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "secret_name": {"type": "str", "no_log": False},
            "driver_parameters": {"type": "dict", "default": {}},
            "failed_with": {"type": "list", "elements": "str"},
        },
    )
    .merged(SOURCES)
    .merged(LEASE_SPEC)
    .merged(PLAN_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_secrets(context: Context[CredentialsOptions]) -> None:
    """Writes or deletes Secrets (see the module's documentation)."""
    require_planned_state(context)
    options = context.options
    if options.state == "absent":
        registries.check_removal(context, options.name, options.namespace)
    if options.purpose != "credentials":
        manage_storage_secret(context)
    elif options.state == "absent":
        remove_secrets(context)
    elif options.state == "restored":
        restore_user_secrets(context)
    elif options.state == "present":
        write_user_secrets(context)
