# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: our Secret that the DockerRegistry names if the operator could not read the user's own."""

from __future__ import annotations

from collections.abc import Container, Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    ObjectDict,
    is_managed,
    secret_data,
    secret_object,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object

from .ownership import check_ownership
from .secret_in_use import secret_of_storage


def write_operator_secret(context: Context[Options], namespace: str, data: Mapping[str, bytes] | None) -> bool:
    """Writes the Secret. data: None if the DockerRegistry does not name it. Returns whether the Secret is new.

    The former values are kept until the new ones are verified. What is kept already was verified, so it stays.
    """
    if data is None:
        return False
    live = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    context.require(check_ownership(live))
    if (
        live is not None
        and secret_data(live) != data
        and not context.check_mode
        and not read_former_values(context, namespace)
    ):
        former = secret_object(
            constants.PREVIOUS_OPERATOR_SECRET, namespace, secret_data(live), labels=constants.STORAGE_LABEL
        )
        context.cluster.apply(former, live=None, force=True)
    apply_object(context, secret_object(constants.OPERATOR_SECRET, namespace, data), live, force=True)
    return live is None


def read_former_values(context: Context[Options], namespace: str) -> ObjectDict | None:
    """The Secret that keeps the last verified values, None if the present ones are verified."""
    former = context.cluster.get("Secret", constants.PREVIOUS_OPERATOR_SECRET, namespace)
    return former if is_managed(former) else None


def restore_operator_secret(context: Context[Options], namespace: str, former: ObjectDict) -> None:
    """Writes the former values again."""
    live = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    document = secret_object(constants.OPERATOR_SECRET, namespace, secret_data(former))
    apply_object(context, document, live, force=True)


def delete_former_values(context: Context[Options], namespace: str) -> None:
    """Deletes the former values. That is not a change of what the user requested."""
    former = read_former_values(context, namespace)
    if former is not None:
        context.cluster.delete("Secret", former["metadata"]["name"], namespace, uid=former["metadata"]["uid"])


def delete_unused_secret(
    context: Context[Options], namespace: str, cr: Object | None, used: Container[tuple[str, str]]
) -> None:
    """Deletes the Secret if neither the DockerRegistry nor the Deployment names it any more: it holds former credentials.

    used: (kind, name) of what the Deployment names.
    """
    if ("Secret", constants.OPERATOR_SECRET) in used:
        return
    if secret_of_storage(spec_of(cr).get("storage")) == constants.OPERATOR_SECRET:
        return
    live = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    if live is not None and is_managed(live):
        context.cluster.delete("Secret", constants.OPERATOR_SECRET, namespace, uid=live["metadata"]["uid"])
