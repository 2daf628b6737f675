# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A verified migration as evidence for the data guard: the images are in the new storage already."""

from __future__ import annotations

from contextlib import suppress

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.migration_record import (
    SWITCH,
    read_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options

from .window_document import is_open, read_only_since


def check_migrated(
    context: Context[Options], namespace: str, deployment: Object | None, current: str, new_storage_id: str
) -> list[Finding]:
    """An info if all images of the current storage were copied to the new one, and no push was accepted since; [] otherwise.

    The evidence holds as long as the maintenance window is open in which the copy was verified. Without an open window no request is sent.
    """
    if not is_open(deployment):
        return []
    with suppress(Forbidden):
        record = read_record(context.cluster.get("ConfigMap", constants.DAY2_RECORD, namespace))
        if (
            record is not None
            and record.phase == SWITCH
            and record.is_between(current, new_storage_id)
            and record.window_opened_at == read_only_since(deployment)
        ):
            text = f"the images in {current} were copied to {new_storage_id} and compared at {record.changed_at}."
            return [Finding("images-migrated", "info", f"ConfigMap/{constants.DAY2_RECORD}", text)]
    return []
