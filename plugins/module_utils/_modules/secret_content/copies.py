# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the pull Secret in other namespaces: which namespaces get one, and which copies are no longer wanted.

The Secrets of all registries have the same name, so a Secret of this name may be another registry's own, or a copy of that. Our label identifies them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    is_managed,
    label_selector,
    labels_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options

_OPTION = "registry_pull_secret_namespaces"
_ALL = "all"


@dataclass(frozen=True)
class Copies:
    """targets: the namespaces that get a copy, each with the copy that it has. surplus: copies that are no longer wanted."""

    targets: dict[str, ObjectDict | None]
    surplus: list[ObjectDict]


def copy_source(secret: ObjectDict | None) -> str | None:
    """The namespace whose credentials this Secret is a copy of; None if it is not a copy."""
    return labels_of(secret).get(constants.COPY_OF) if is_managed(secret) else None


def read_copies(context: Context[Options], namespace: str, namespaces: Iterable[str]) -> Copies:
    """The copies that are wanted in these namespaces, and those that exist. Reports a namespace that cannot have one, and what `all` leaves out."""
    requested = list(dict.fromkeys(namespaces))
    wanted = _target_namespaces(context, requested, namespace)
    surplus = {item["metadata"]["namespace"]: item for item in list_copies(context, namespace)}
    targets: dict[str, ObjectDict | None] = {}
    taken = []
    for target in wanted:
        live = surplus.pop(target, None) or context.cluster.get("Secret", constants.CREDENTIALS_SECRET, target)
        if live is None or copy_source(live) == namespace:
            targets[target] = live
        else:
            taken.append(target)
    context.require(_check_taken(namespace, requested, taken))
    return Copies(targets, [item for _target, item in sorted(surplus.items())])


def list_copies(context: Context[Options], namespace: str) -> list[ObjectDict]:
    """All copies of the namespace's credentials; none if Secrets of all namespaces cannot be listed.

    That is the right to read every Secret of the cluster, which an account that makes no copies does not need.
    """
    labels = {**constants.MANAGED_BY, constants.COPY_OF: namespace}
    try:
        return context.cluster.list(
            "Secret",
            label_selector=label_selector(labels),
            field_selector=f"metadata.name={constants.CREDENTIALS_SECRET}",
        )
    except Forbidden:
        text = "cannot be listed in all namespaces, so copies that are no longer wanted are not deleted."
        remedy = "Delete them manually, or grant the right to list secrets in all namespaces."
        context.report([Finding("copies-unseen", "info", _OPTION, text, remedy)])
        return []


def _target_namespaces(context: Context[Options], requested: list[str], namespace: str) -> list[str]:
    """The namespaces that get a copy. Reports a named one that does not exist."""
    if not requested:
        return []
    existing = {
        str(item["metadata"]["name"])
        for item in context.cluster.list("Namespace")
        if status_of(item).get("phase") != "Terminating"
    }
    if requested == [_ALL]:
        return sorted(existing - constants.SYSTEM_NAMESPACES - {namespace})
    context.require(
        error(
            "namespace-missing",
            f"{_OPTION}[{index}]",
            f"namespace {name} does not exist or is being deleted.",
            "Create it first, or remove it from the list.",
        )
        for index, name in enumerate(requested)
        if name not in existing
    )
    return sorted(set(requested) - {namespace})


def _check_taken(namespace: str, requested: list[str], taken: list[str]) -> list[Finding]:
    """Findings for namespaces that have another Secret of this name: a warning if `all` were asked for, errors if they were named."""
    what = f"Secret {constants.CREDENTIALS_SECRET} that is not a copy of the credentials in namespace {namespace}"
    if taken and requested == [_ALL]:
        text = f"skips namespaces that have a {what}: {', '.join(taken)}."
        return [warning("copies-left-out", _OPTION, text, "Specify the namespaces that need a copy instead.")]
    return [
        error(
            "copy-not-ours",
            f"{_OPTION}[{requested.index(target)}]",
            f"namespace {target} has a {what}. It is not changed.",
            "Remove the namespace from the list, or delete that Secret if no registry and no Pod needs it.",
        )
        for target in taken
    ]
