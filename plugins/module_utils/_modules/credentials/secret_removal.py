# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deletes the Secrets of a registry."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import label_selector
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import is_ours
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.copies import (
    copy_source,
    list_copies,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_checks import (
    check_user_options,
)

from .options import CredentialsOptions
from .secret_writes import delete_secret, namespaced_title

_NAMES = (
    constants.CREDENTIALS_SECRET,
    constants.PRIVATE_SECRET,
    constants.PREVIOUS_SECRET,
    constants.OPERATOR_SECRET,
    constants.PREFLIGHT,
)


def remove_secrets(context: Context[CredentialsOptions]) -> None:
    """Deletes the Secrets that this collection made, those of the storage among them, and all copies. Copies of another registry stay."""
    check_user_options(context, context.options.registry_username, context.options.registry_password)
    namespace = context.options.namespace
    for secret in list_copies(context, namespace):
        delete_secret(context, secret, namespaced_title(secret))
    labels = {**constants.MANAGED_BY, **constants.STORAGE_LABEL}
    named = [context.cluster.get("Secret", name, namespace) for name in _NAMES]
    for live in (*named, *context.cluster.list("Secret", namespace, label_selector=label_selector(labels))):
        if live is not None and is_ours(live) and not copy_source(live):
            delete_secret(context, live, namespaced_title(live))
