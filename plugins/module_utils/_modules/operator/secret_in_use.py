# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: a storage Secret that the operator reads for the present storage is not written for another one."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, secret_data, spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import SECRET_FIELD


def secret_of_storage(storage: Mapping[str, object] | None) -> str | None:
    """Name of the Secret that spec.storage names, None if it names none."""
    fields = [value for value in (storage or {}).values() if isinstance(value, Mapping)]
    return next((str(item[SECRET_FIELD]) for item in fields if item.get(SECRET_FIELD)), None)


def check_shared_secret(
    context: Context[Options], cr: Object | None, name: str | None, values: Mapping[str, bytes], switched: bool
) -> list[Finding]:
    """An error if a switch of the storage writes other values into the Secret of the present storage: the operator uses them at once.

    cr: in its current state. name: of the Secret of the new storage. values: what the user gives for it.
    """
    if not switched or not values or name is None or name != secret_of_storage(spec_of(cr).get("storage")):
        return []
    live = secret_data(context.cluster.get("Secret", name, context.options.namespace))
    if values.items() <= live.items():
        return []
    text = "has the values of the current storage, which the operator reads, but the input has other values for the new storage."
    remedy = "Specify a Secret with another name (secretName) for the new storage, so that the registry works until the switch, and after a switch that fails."
    return [error("storage-secret-in-use", f"Secret/{name}", text, remedy)]
