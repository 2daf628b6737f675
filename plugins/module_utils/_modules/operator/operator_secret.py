# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: the Secret of ours that the DockerRegistry names if the operator could not read the user's own."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object

from .ownership import check_ownership


def write_operator_secret(context: Context, namespace: str, data: Mapping[str, bytes] | None) -> bool:
    """Writes the Secret. data: None if the DockerRegistry does not name it. Returns whether the Secret is new."""
    if data is None:
        return False
    live = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    context.report(check_ownership(live))
    apply_object(context, secret_object(constants.OPERATOR_SECRET, namespace, data), live, force=True)
    return live is None
