# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who owns an object. Direct mode does not write objects that Kyma's operator or another tool reconciles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    annotations_of,
    foreign_entries,
    is_managed,
    labels_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.registry_user import (
    is_credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_state import UserState

from .mode import has_finalizer, is_operator_owned


def check_operator_ownership(deployment: Mapping[str, Any] | None, cr: Mapping[str, Any] | None) -> list[Finding]:
    """Errors if the registry's Deployment, or the DockerRegistry by its finalizer, belongs to Kyma's operator.

    For runs without the right to check whether an operator runs. Runs with this right take both over.
    """
    found = []
    if is_operator_owned(deployment):
        found.append(
            error(
                "operator-owns-registry",
                f"Deployment/{constants.REGISTRY}",
                "is reconciled by Kyma's Docker Registry operator, which would undo what direct mode writes.",
                "Use another namespace, or remove the operator's module from the cluster first.",
            )
        )
    if cr is not None and has_finalizer(cr):
        found.append(
            error(
                "operator-owns-registry",
                f"DockerRegistry/{cr['metadata']['name']}",
                "has the finalizer of Kyma's Docker Registry operator, which may run in a namespace that the run has no right to read.",
                "Grant the right to list deployments.apps in all namespaces. If no operator runs, the next run removes the finalizer.",
            )
        )
    return found


def is_ours(obj: Mapping[str, Any] | None) -> bool:
    """True if this collection created the object, or has handed it over to an operator that has not labelled it yet.

    The second is what a run that was killed during a hand-over leaves.
    """
    return is_managed(obj) or (constants.HANDED_OVER in annotations_of(obj) and not is_operator_owned(obj))


def check_ownership(obj: dict[str, Any] | None) -> list[Finding]:
    """An error if an object with one of our names exists and was not created by this collection.

    An object that this collection has handed over to an operator is its own again, for example after a run that was killed on the way.
    """
    if obj is None or is_managed(obj) or constants.HANDED_OVER in annotations_of(obj):
        return []
    metadata = obj["metadata"]
    remedy = "Remove or rename it, or use another namespace."
    if obj["kind"] == "PersistentVolumeClaim":
        label = f"{constants.MANAGED_BY_LABEL}={constants.FIELD_MANAGER}"
        remedy = f"If it contains the images of this registry, add the label {label} and run again. Otherwise, use another namespace."
    return [
        error(
            "object-not-ours",
            f"{obj['kind']}/{metadata['name']}",
            f"is in namespace {metadata.get('namespace')} already and was not made by this collection{_describe_owner(obj)}; it is left as it is.",
            remedy,
        )
    ]


def _describe_owner(obj: Mapping[str, Any]) -> str:
    """Whose the object is: its owner, its managed-by label, or who has written it; empty if nothing shows it."""
    metadata = obj["metadata"]
    owners = [f"{item.get('kind')}/{item.get('name')}" for item in metadata.get("ownerReferences") or []]
    if owners:
        return f" (it belongs to {', '.join(owners)})"
    label = labels_of(obj).get(constants.MANAGED_BY_LABEL)
    if label:
        return f" ({constants.MANAGED_BY_LABEL}: {label})"
    writers = sorted({str(item.get("manager")) for item in foreign_entries(obj) if item.get("manager")})
    return f" (written by {', '.join(writers)})" if writers else ""


def check_user_ownership(state: UserState) -> list[Finding]:
    """Errors if one of the Secrets of the registry's user belongs to another owner. Credentials are known by their labels."""
    public = [] if is_credentials(state.public) else check_ownership(state.public)
    return [*public, *check_ownership(state.private)]
