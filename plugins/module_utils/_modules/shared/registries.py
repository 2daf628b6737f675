# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DockerRegistries of a namespace. The names of a registry's objects are fixed, so a namespace can have only one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import SecretOptions


def other_registries(known: Iterable[dict[str, Any]] | None, name: str) -> tuple[str, ...]:
    """Names of the DockerRegistries beside this one. known: those of the namespace, None if the cluster does not know the kind."""
    return tuple(str(item["metadata"]["name"]) for item in known or () if item["metadata"]["name"] != name)


def check_removal(context: Context[SecretOptions], name: str, namespace: str) -> None:
    """Rejects the removal of `name` if the namespace has another DockerRegistry: the removal would take the objects of that one.

    A namespace without any DockerRegistry passes: an interrupted removal leaves objects behind, and the next run removes them.
    """
    known = context.cluster.list_if_served("DockerRegistry", namespace)
    beside = other_registries(known, name)
    if not beside:
        return
    names = ", ".join(beside)
    if len(beside) == len(known or ()):
        text = f"is {name}, but namespace {namespace} has no DockerRegistry {name}. It has {names}."
        remedy = f"To remove {beside[0]}, use that name. To keep it, do not run the removal."
    else:
        text = f"is {name}, but namespace {namespace} also has the DockerRegistry {names}."
        remedy = "Delete the DockerRegistry that is not in use with kubectl, then run again."
    text += f" The objects of all registries have the same names, so the removal could remove those of {beside[0]}."
    path = "registry_manifest" if context.options.manifest else "registry_name"
    context.require([error("cr-name-mismatch", path, f"{text} Nothing was changed.", remedy)])
