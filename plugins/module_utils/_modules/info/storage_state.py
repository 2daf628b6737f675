# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage that the DockerRegistry asks for, beside the one that the registry uses."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store


def running_storage_type(store: Store | None, running: str | None) -> str | None:
    """The storage type that was requested if the images lie there, else what the storage ID shows."""
    if running is None:
        return None
    if store is not None and _is_within(running, store.storage_id):
        return store.storage_type
    return catalog.storage_type_of(running)


def _is_within(running: str, requested: str) -> bool:
    """Whether the images lie in what the user requested. The DockerRegistry does not show a root directory among the driver parameters."""
    return f"{running}/".startswith(f"{requested}/")


def count_replicas(deployment: dict[str, Any] | None) -> dict[str, Any]:
    """Replicas that are wanted, ready and updated, and whether the rollout has ended."""
    status = status_of(deployment)
    return {
        "requested": spec_of(deployment).get("replicas") or 0,
        "ready": status.get("readyReplicas") or 0,
        "updated": status.get("updatedReplicas") or 0,
        # While a new Pod starts the old one counts as ready: the numbers alone do not show that.
        "rolled_out": deployment is not None and is_rolled_out(deployment),
    }


def check_drift(
    store: Store | None, running: str | None, deployment: dict[str, Any] | None, exists: bool
) -> list[Finding]:
    """Warnings about a registry that is missing, not ready, or uses another storage than the DockerRegistry asks for."""
    found = []
    requested = store.storage_id if store is not None else None
    if requested is not None and running is not None and not _is_within(running, requested):
        found.append(
            warning(
                "storage-id-drift",
                f"Deployment/{constants.REGISTRY}",
                f"stores its images in {running}, but the DockerRegistry specifies {requested}.",
                "Run the role again, or find out which client changed the Deployment.",
            )
        )
    if exists and deployment is None:
        found.append(
            warning("registry-missing", f"Deployment/{constants.REGISTRY}", "does not exist.", "Run the role.")
        )
    if deployment is not None and not count_replicas(deployment)["ready"]:
        found.append(
            warning("registry-not-ready", f"Deployment/{constants.REGISTRY}", "has no ready Pod.", "Check its Pods.")
        )
    return found
