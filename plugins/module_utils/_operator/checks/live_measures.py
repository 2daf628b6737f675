# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done about the operator's risks in a registry that runs: by a run of the collection, by another client, or by none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import managed_entries
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import live, storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import SECRET_FIELD, Store

from .facts import Measures


def live_measures(
    storage: Mapping[str, Any] | None, deployment: Mapping[str, Any] | None, store: Store | None
) -> Measures:
    """Derives the measures from the objects. storage: spec.storage as it is. store: what the user requested, None if it is not known.

    No object shows the copies of the pull Secret in the other namespaces, or that a client waits.
    """
    sections = [values for values in (storage or {}).values() if isinstance(values, Mapping)]
    return Measures(
        spec=False,
        overlay=False,
        variables=_completed(deployment) if deployment is not None else frozenset(),
        secret=any(values.get(SECRET_FIELD) == constants.OPERATOR_SECRET for values in sections),
        storage_lock=deployment is not None and store is not None and storage_lock.is_locked(deployment, store),
        copies=False,
        wait=False,
    )


def _completed(deployment: Mapping[str, Any]) -> frozenset[str]:
    """The variables of the Deployment. What an overlay of the collection leaves out is left out on purpose, except how to authenticate."""
    variables = frozenset(live.registry_variables(deployment))
    if not managed_entries(dict(deployment)):
        return variables
    chosen = {
        driver.variable(item.name)
        for driver in catalog.drivers().values()
        for item in driver.parameters
        if item.name != driver.operator.login_parameter
    }
    return variables | chosen
