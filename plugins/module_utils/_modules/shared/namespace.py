# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's namespace, which is created if it is absent and the user allows it."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Conflict
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options


def check_namespace(name: str, live: dict[str, Any] | None, may_create: bool) -> list[Finding]:
    """What prevents using the namespace. live: as read, None if it is absent."""
    if live is None and not may_create:
        text = f"namespace {name} does not exist."
        return [
            error(
                "namespace-missing", "registry_namespace", text, "Create it, or set registry_create_namespace to true."
            )
        ]
    if live is not None and live["metadata"].get("deletionTimestamp"):
        text = f"namespace {name} is being deleted."
        return [error("namespace-being-deleted", "registry_namespace", text, "Wait until it is deleted.")]
    return []


def create_namespace(context: Context[Options], name: str) -> None:
    """Makes the namespace; in check mode it only reports that. One that a concurrent run has created is accepted."""
    document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    try:
        context.cluster.create(document, dry_run=context.check_mode)
    except Conflict:
        return
    context.change(f"Namespace/{name}", {}, document)
