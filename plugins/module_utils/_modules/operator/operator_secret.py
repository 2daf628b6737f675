# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: the Secret of ours that the DockerRegistry names if the operator could not read the user's own."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .ownership import check_ownership


def write_operator_secret(context: Context, namespace: str, data: Mapping[str, bytes] | None) -> None:
    """The Secret of ours that the DockerRegistry names, where the operator could not read the user's own."""
    if data is None:
        return
    there = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    context.report(check_ownership(there))
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": constants.OPERATOR_SECRET, "namespace": namespace, "labels": dict(constants.MANAGED_BY)},
        "type": "Opaque",
        "data": {key: base64.b64encode(value).decode("ascii") for key, value in data.items()},
    }
    applied = context.cluster.apply(document, dry_run=context.check_mode, live=there, force=True)
    if applied.changed:
        context.change(
            f"Secret/{constants.OPERATOR_SECRET}", visible_secret(there, None), visible_secret(applied.after, there)
        )
