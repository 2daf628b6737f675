# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The immutable objects of direct mode that one revision of the registry's Deployment names, as they are in the cluster.

The ConfigMap has config.yml; the runtime Secret has everything secret. They are named by their content, so a Pod that restarts finds what it
was started with, and a former revision can be used again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_managed,
    label_selector,
    metadata_of,
    secret_text,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster

Object = Mapping[str, Any]

_KINDS = ("ConfigMap", "Secret")
_SELECTOR = label_selector({**constants.MANAGED_BY, **constants.REVISION_LABEL})


def list_revision_objects(cluster: Cluster, namespace: str) -> Iterator[dict[str, Any]]:
    """The immutable objects of all revisions that this collection created."""
    for kind in _KINDS:
        yield from cluster.list(kind, namespace, label_selector=_SELECTOR)


def is_revision_object(kind: str, name: str) -> bool:
    """Whether this is the name of such an object, and not of one that the user gives."""
    return name.startswith({"ConfigMap": f"{constants.CONFIG_MAP}-", "Secret": f"{constants.RUNTIME_SECRET}-"}[kind])


def runtime_secret_name(deployment: Object | None) -> str | None:
    """Name of the runtime Secret in the Deployment's Pod template, None if it has none (an operator's Deployment, for example)."""
    for volume in spec_of(spec_of(deployment).get("template")).get("volumes") or []:
        name = str((volume.get("secret") or {}).get("secretName", ""))
        if name.startswith(f"{constants.RUNTIME_SECRET}-"):
            return name
    return None


def read_runtime_secret(cluster: Cluster, deployment: Object | None) -> dict[str, Any] | None:
    """The runtime Secret that the Deployment names, None if there is none that this collection created."""
    name = runtime_secret_name(deployment)
    if name is None:
        return None
    found = cluster.get("Secret", name, metadata_of(deployment)["namespace"])
    return found if is_managed(found) else None


def accepts_user(secret: Object | None, username: str, password: str) -> bool:
    """Whether the revision of this runtime Secret accepts the user with this password."""
    return (secret_text(secret, constants.USERNAME_KEY), secret_text(secret, constants.PASSWORD_KEY)) == (
        username,
        password,
    )
