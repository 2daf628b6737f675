# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage ID of a running registry, read from its Deployment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    is_managed,
    secret_data,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import claim_name
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import live
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import Driver

UNKNOWN = f"unknown/{constants.REGISTRY}"


def running_storage_id(context: Context[Options], namespace: str, deployment: Object | None) -> str | None:
    """storage_id_of(); if the variables read the place from the operator's Secret (Azure), that Secret counts, and not what a run has recorded.

    The operator applies changes of the user's Secret at once, so the record can be outdated.
    """
    found = storage_id_of(deployment)
    if found is None or deployment is None or is_managed(deployment):
        # In direct mode the record is written with the Deployment, and other parameters are in config.yml.
        return found
    variables = live.registry_variables(deployment)
    for driver in catalog.drivers().values():
        ref = (variables.get(driver.mandatory_variable) or {}).get("valueFrom") or {}
        if "secretKeyRef" in ref:
            secret = secret_data(context.cluster.get("Secret", constants.STORAGE_SECRET, namespace))
            parameters = {**_variable_values(driver, variables), **_credentials(driver, secret)}
            return driver.operator.storage_id(parameters) or found
    return found


def _credentials(driver: Driver, secret: Mapping[str, bytes]) -> dict[str, str]:
    """Driver parameters in the operator's Secret."""
    texts = {item.name.lower(): secret.get(item.generated_key, b"") for item in driver.operator.credentials}
    return {name: _variable_text(value.decode("utf-8", "replace")) for name, value in texts.items()}


def storage_id_of(deployment: Object | None) -> str | None:
    """The storage ID of a Deployment, None without one.

    It is that of its volume, else of the bucket in an operator's variables, else the one that a run of the collection recorded. If there is none, it is
    `unknown/...`.
    """
    if deployment is None:
        return None
    for volume in deployment["spec"]["template"]["spec"].get("volumes") or []:
        if volume["name"] == constants.DATA_VOLUME:
            claim = claim_name(volume)
            kind = next((key for key in volume if key != "name"), "volume")
            return claim_storage_id(claim) if claim else f"{kind}/{constants.REGISTRY}"
    return _bucket_in_variables(deployment) or recorded_storage_id(deployment) or UNKNOWN


def recorded_storage_id(deployment: Object | None) -> str | None:
    """The storage ID that the last run of the collection recorded, None if none did."""
    annotations = annotations_of(deployment)
    found = annotations.get(constants.STORAGE_ID)
    return str(found) if found else None


def is_switch_interrupted(cr: Object | None, deployment: Object | None) -> bool:
    """True if an earlier run has sent the operator to another storage and ended before it completed the Deployment."""
    requested = annotations_of(cr).get(constants.STORAGE_ID)
    return bool(requested) and requested != recorded_storage_id(deployment)


def _bucket_in_variables(deployment: Object) -> str | None:
    """The bucket that the variables of an operator's Deployment name; direct mode's has none of them."""
    variables = live.registry_variables(deployment)
    places = (driver.operator.storage_id(_variable_values(driver, variables)) for driver in catalog.drivers().values())
    return next((place for place in places if place is not None), None)


def _variable_values(driver: Driver, variables: Mapping[str, Any]) -> dict[str, str]:
    """Driver parameters whose variables have a value of their own."""
    given = {item.name: variables.get(driver.variable(item.name)) or {} for item in driver.parameters}
    return {name: _variable_text(item["value"]) for name, item in given.items() if item.get("value")}


def _variable_text(value: str) -> str:
    """The variable's text as the registry reads it, if it is quoted."""
    try:
        return str(json.loads(value)) if value.startswith('"') else value
    except ValueError:
        return value
