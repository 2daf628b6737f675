# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator reads out of spec.storage and the Secret: the chart values that it asks for, or the error that it meets. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.names import OperatorNames
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import SECRET_FIELD, Backend
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import Driver
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import DELETE_ENABLED

Data = Mapping[str, bytes]


@dataclass(frozen=True)
class ChartInputs:
    """What the operator asks its chart for.

    driver: after an error the default. storage_type: as in status.storage, None if the operator cannot determine it. mapping: how the
    operator reads the Secret, None without one. claim: the PersistentVolumeClaim, None for emptyDir or none. claim_is_named: the spec
    names it. values, secrets: chart values as text (flags as booleans), before the grammar of --set. failed: the error that becomes
    Configured=False, '' for none.
    """

    driver: Driver = catalog.DEFAULT.drivers[0]
    storage_type: str | None = catalog.DEFAULT.name
    mapping: OperatorMapping | None = None
    claim: str | None = None
    claim_is_named: bool = False
    values: Mapping[str, str | bool] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    failed: str = ""


def prune_storage(storage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """spec.storage as the API server stores it, which silently drops fields that the CRD does not have."""
    if storage is None:
        return None
    kept: dict[str, Any] = {}
    if storage.get(DELETE_ENABLED) is not None:
        kept[DELETE_ENABLED] = storage[DELETE_ENABLED]
    for name, backend in catalog.NAMED.items():
        values = storage.get(name)
        if isinstance(values, Mapping):
            known = [item.name for item in backend.fields]
            kept[name] = {key: values[key] for key in known if values.get(key) is not None}
    return kept


def named_backends(storage: Mapping[str, Any]) -> list[str]:
    """The backends that a pruned spec.storage names, in the operator's order."""
    return [name for name in catalog.NAMED if name in storage]


def read_chart_inputs(
    storage: Mapping[str, Any] | None, secret: Data | None, claims: Collection[str], names: OperatorNames
) -> ChartInputs:
    """What the operator renders from a spec.storage that was pruned. secret: the data of the Secret that it names, None if there is none.

    claims: names of the PersistentVolumeClaims that exist in the namespace.
    """
    if storage is None:
        return ChartInputs(claim=constants.DEFAULT_CLAIM)
    named = named_backends(storage)
    if not named:
        return ChartInputs()
    backend = catalog.NAMED[named[0]]
    mapping = backend.operator_mapping(secret)
    storage_type = mapping.storage_type if mapping is not None else None
    if len(named) > 1:
        # The only error that is met before the default volume is switched off.
        return ChartInputs(storage_type=storage_type, claim=constants.DEFAULT_CLAIM, failed=names.two_backends)
    values = storage[named[0]]
    claim = backend.claim(values)
    if claim is not None:
        return ChartInputs(
            storage_type=storage_type,
            claim=claim,
            claim_is_named=True,
            values={names.existing_claim: claim},
            failed="" if claim in claims else names.claim_missing.format(name=claim),
        )
    failed = _secret_failure(backend, values, secret, names)
    if not failed and mapping is None:
        failed = names.binding_unknown
    if not failed and mapping is not None and mapping.rejected:
        failed = names.binding_rejected
    if failed or mapping is None or secret is None:
        return ChartInputs(storage_type=storage_type, failed=failed)
    return _object_store(mapping, values, secret, names)


def _secret_failure(backend: Backend, values: Mapping[str, Any], secret: Data | None, names: OperatorNames) -> str:
    name = backend.secret_name(values)
    if name is None:
        return names.no_secret_name
    return names.secret_missing.format(name=name) if secret is None else ""


def _object_store(
    mapping: OperatorMapping, fields: Mapping[str, Any], secret: Data, names: OperatorNames
) -> ChartInputs:
    driver = mapping.driver
    settings = {
        **dict.fromkeys(driver.operator.flags, False),
        **{name: value for name, value in fields.items() if name != SECRET_FIELD},
        **{name: _text(secret.get(name, b"")) for name in mapping.parameters},
        **mapping.flags,
    }
    try:
        secrets = {
            names.chart_value(driver.name, credential.name): _text(_decoded(secret.get(key, b""), key, mapping))
            for key, credential in mapping.credentials.items()
        }
    except binascii.Error:
        return ChartInputs(storage_type=mapping.storage_type, failed=names.bad_base64)
    return ChartInputs(driver, mapping.storage_type, mapping, values=_values(settings, driver, names), secrets=secrets)


def _values(settings: Mapping[str, Any], driver: Driver, names: OperatorNames) -> dict[str, str | bool]:
    """The fields under the chart's names; numbers become the text that --set is given."""
    return {
        names.chart_value(driver.name, name): value if isinstance(value, bool) else str(value)
        for name, value in settings.items()
        if value not in ("", 0) or isinstance(value, bool)
    }


def _decoded(value: bytes, key: str, mapping: OperatorMapping) -> bytes:
    if key not in mapping.encoded:
        return value
    # Go's decoder leaves out line ends and nothing else.
    return base64.b64decode(value.replace(b"\r", b"").replace(b"\n", b""), validate=True)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
