# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects as the version of the cluster supports them."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict

from .apply import sleep_action
from .client import Cluster
from .errors import Forbidden


def supported_object(cluster: Cluster, obj: ObjectDict) -> ObjectDict:
    """The object for this cluster (see apply/sleep_action.py). Sends a request only if the form depends on the version."""
    if not sleep_action.has_sleep_action(obj):
        return obj
    try:
        version = sleep_action.parse_version(cluster.version())
    except Forbidden:
        version = None
    return obj if version is not None and version >= sleep_action.SINCE else sleep_action.with_sleep_command(obj)
