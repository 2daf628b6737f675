# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes Secrets, each reported as a change whose diff has no value."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import NotFound
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .options import CredentialsOptions


def namespaced_title(secret: ObjectDict) -> str:
    """`Secret/name in namespace`, for Secrets that several namespaces have."""
    return f"Secret/{secret['metadata']['name']} in {secret['metadata']['namespace']}"


def apply_secret(context: Context[CredentialsOptions], secret: ObjectDict, live: ObjectDict | None, title: str) -> bool:
    """Applies the Secret; True if that changes it. live: as read. title: of the change."""
    try:
        applied = context.cluster.apply(secret, dry_run=context.check_mode, live=live, force=True)
    except NotFound:
        if not context.check_mode or live is not None:
            raise
        # The API server cannot answer a dry run in a namespace that an earlier task would create.
        context.change(title, {}, visible_secret(secret, None))
        return True
    if applied.changed:
        context.change(title, visible_secret(live, None), visible_secret(applied.after, live))
    return bool(applied.changed)


def delete_secret(context: Context[CredentialsOptions], secret: ObjectDict, title: str) -> None:
    """Deletes exactly this Secret: its UID is the precondition."""
    metadata = secret["metadata"]
    deleted = context.check_mode or context.cluster.delete(
        "Secret", metadata["name"], metadata["namespace"], uid=metadata["uid"]
    )
    if deleted:
        context.change(title, visible_secret(secret, None), {})
