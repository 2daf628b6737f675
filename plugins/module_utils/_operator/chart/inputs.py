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
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.btp_object_store import (
    AWS_MARK,
    AWS_STORAGE_TYPE,
    AZURE_MARK,
    GCP_MARK,
    GCP_STORAGE_TYPE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import DELETE_ENABLED

Data = Mapping[str, bytes]

# The storage type that the operator's status names for a binding that it refuses.
AZURE_STORAGE_TYPE = "btp-objectstore-azure"
# Key of the user's Secret to value of the chart.
SECRET_KEYS: dict[str, dict[str, str]] = {
    "azure": {"accountName": "azure.accountName", "accountKey": "azure.accountKey", "container": "azure.container"},
    "s3": {"accessKey": "s3.accessKey", "secretKey": "s3.secretKey"},
    "gcs": {"accountkey": "gcs.accountkey"},
}
AWS_KEYS = {"access_key_id": "s3.accessKey", "secret_access_key": "s3.secretKey"}
TWO_BACKENDS = "only one storage option can be used"
NO_NAME = "resource name may not be empty"


@dataclass(frozen=True)
class ChartInputs:
    """What the operator asks its chart for.

    driver: '' where it names none after an error. storage type: as in status.storage, None where the status cannot be written.
    claim: the PersistentVolumeClaim, None for emptyDir or none. values, secrets: chart values as text (flags as booleans), before
    the grammar of --set. failed: the error that becomes Configured=False, '' for none.
    """

    driver: str = "filesystem"
    storage_type: str | None = "filesystem"
    claim: str | None = None
    values: Mapping[str, str | bool] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    failed: str = ""


def pruned(storage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """spec.storage as the API server keeps it: without what the CRD does not know, silently."""
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


def backends(storage: Mapping[str, Any]) -> list[str]:
    """The backends that a pruned spec.storage names, in the operator's order."""
    return [name for name in catalog.NAMED if name in storage]


def plan(storage: Mapping[str, Any] | None, secret: Data | None, claims: Collection[str]) -> ChartInputs:
    """What the operator makes of a spec.storage that was pruned. secret: the data of the Secret that it names, None where there is none.

    claims: names of the PersistentVolumeClaims that exist in the namespace.
    """
    if storage is None:
        return ChartInputs(claim=constants.DEFAULT_CLAIM)
    named = backends(storage)
    if not named:
        return ChartInputs()
    storage_type = _check_storage_type(named[0], secret)
    if len(named) > 1:
        # The only error that is met before the default volume is switched off.
        return ChartInputs(storage_type=storage_type, claim=constants.DEFAULT_CLAIM, failed=TWO_BACKENDS)
    values = storage[named[0]]
    if named == ["pvc"]:
        return _volume(str(values.get("name", "")), claims)
    name = str(values.get("secretName", ""))
    if not name or secret is None:
        why = f'secrets "{name}" not found' if name else NO_NAME
        return ChartInputs("", storage_type, failed=why)
    if named == ["btpObjectStore"]:
        return _binding(secret, storage_type)
    return ChartInputs(named[0], storage_type, None, _values(named[0], values), _texts(secret, SECRET_KEYS[named[0]]))


def _check_storage_type(name: str, secret: Data | None) -> str | None:
    if name != "btpObjectStore":
        return name
    if secret is None:
        return None
    marks = ((AWS_MARK, AWS_STORAGE_TYPE), (AZURE_MARK, AZURE_STORAGE_TYPE), (GCP_MARK, GCP_STORAGE_TYPE))
    return next((storage_type for mark, storage_type in marks if mark in secret), None)


def _volume(name: str, claims: Collection[str]) -> ChartInputs:
    missing = "" if name in claims else f'PersistentVolumeClaim "{name}" not found'
    return ChartInputs(storage_type="pvc", claim=name, values={"persistence.existingClaim": name}, failed=missing)


def _values(driver: str, fields: Mapping[str, Any]) -> dict[str, str | bool]:
    """The fields under the chart's names; numbers become the text that --set is given."""
    given = {name: value for name, value in fields.items() if name != "secretName"}
    if driver == "s3":
        given = {"encrypt": False, "secure": False, **given}
    return {
        f"{driver}.{name}": value if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value not in ("", 0) or isinstance(value, bool)
    }


def _texts(secret: Data, keys: Mapping[str, str]) -> dict[str, str]:
    """The Secret's values under the chart's names; a key that is not there is an empty text."""
    return {value: _text(secret.get(key, b"")) for key, value in keys.items()}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _binding(secret: Data, storage_type: str | None) -> ChartInputs:
    if storage_type == AWS_STORAGE_TYPE:
        place = {name: _text(secret.get(name, b"")) for name in ("bucket", "region")}
        values = _values("s3", {**place, "secure": True})
        return ChartInputs("s3", storage_type, None, values, _texts(secret, AWS_KEYS))
    if storage_type == GCP_STORAGE_TYPE:
        try:
            # Go's decoder leaves out line ends and nothing else.
            lines = secret[GCP_MARK].replace(b"\r", b"").replace(b"\n", b"")
            key_file = base64.b64decode(lines, validate=True)
        except binascii.Error:
            return ChartInputs("", storage_type, failed="illegal base64 data")
        bucket = _text(secret.get("bucket", b""))
        return ChartInputs(
            "gcs", storage_type, None, _values("gcs", {"bucket": bucket}), {"gcs.accountkey": _text(key_file)}
        )
    if storage_type == AZURE_STORAGE_TYPE:
        return ChartInputs("", storage_type, failed="Azure storage is not supported for BTPObjectStore")
    return ChartInputs("", storage_type, failed="unknown storage type")
