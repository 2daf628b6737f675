# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage Secret of ours that the DockerRegistry names where the operator could not read the user's own. Pure.

The operator passes values through --set unescaped, and Distribution reads its variables as YAML. So each value is
JSON-encoded for Distribution, as in direct mode, and escaped for --set. A key file goes as it is, escaped.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart import strvals, yaml_scalars
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    expected_fields,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import (
    PREFIX,
    SECRET_KEYS,
    is_plain_value,
    reads_as,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.btp_object_store import (
    AWS_MARK,
    AWS_STORAGE_TYPE,
    GCP_MARK,
    GCP_STORAGE_TYPE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import KEY_FILE, Store

from .versions import quirks

# The operator renders none of Azure's keys where one is empty; other ways to log on have no account key.
_NO_KEY = env_value("unused")
_GENERATED_KEYS = {
    storage_type: SECRET_KEYS[driver]
    for storage_type, driver in (("azure", "azure"), ("s3", "s3"), (AWS_STORAGE_TYPE, "s3"))
}
# Key of the Secret that the operator reads to key of the store's Secret.
_KEYS: dict[str, dict[str, str]] = {
    "azure": {"accountName": "azureAccountName", "accountKey": "azureAccountKey", "container": "azureContainer"},
    "s3": {"accessKey": "s3AccessKey", "secretKey": "s3SecretKey"},
    AWS_STORAGE_TYPE: {"access_key_id": "s3AccessKey", "secret_access_key": "s3SecretKey"},
}


@dataclass(frozen=True)
class Choice:
    """Which Secret the DockerRegistry names.

    derived: data of the Secret of ours (names.OPERATOR_SECRET), None where the user's own serves or none is needed.
    intended: what the operator's `dockerregistry-secret` must hold afterwards, to the byte.
    """

    derived: Mapping[str, bytes] | None = field(repr=False)
    intended: Mapping[str, bytes] = field(repr=False)


def derived_secret(store: Store, version: str | None = None) -> dict[str, bytes]:
    """Data of the Secret of ours, in the form of the backend that the DockerRegistry names; {} for volumes and cloud identity."""
    escaped = quirks(version).strvals
    there = _contents(store)
    texts = {key: there[name] for key, name in _KEYS.get(store.storage_type, {}).items() if name in there}
    if KEY_FILE in there:
        texts[GCP_MARK if store.storage_type == GCP_STORAGE_TYPE else "accountkey"] = there[KEY_FILE]
    texts.update({name: _twice(str(store.parameters[name])) for name in _places(store)})
    data = {key: (strvals.escape(text) if escaped else text).encode() for key, text in texts.items()}
    if GCP_MARK in data:
        data[GCP_MARK] = base64.b64encode(data[GCP_MARK])
    if store.storage_type == AWS_STORAGE_TYPE:
        # Only tells the operator what kind of binding it is.
        endpoint = str(store.parameters.get("regionendpoint", f"s3.{store.parameters['region']}.amazonaws.com"))
        data[AWS_MARK] = endpoint.rpartition("://")[2].encode()
    # What the overlay refers to, for the registry alone: not escaped.
    used = {*_KEYS.get(store.storage_type, {}).values(), KEY_FILE}
    return {**data, **{key: text.encode() for key, text in there.items() if key not in used}}


def intended_secret(store: Store) -> dict[str, bytes]:
    """What the operator's Secret `dockerregistry-secret` must hold once it has read derived_secret(), to the byte."""
    there = _contents(store)
    keys = {*_GENERATED_KEYS.get(store.storage_type, {}).values(), KEY_FILE}
    return {key: text.encode() for key, text in there.items() if key in keys}


def choose(
    store: Store, storage: Mapping[str, Any] | None, secret: Mapping[str, bytes] | None, version: str | None = None
) -> Choice:
    """Which Secret the DockerRegistry has to name.

    storage: the spec.storage that would be sent. secret: data of the user's Secret that it names, None where it names none.
    """
    if store.claim is not None:
        return Choice(None, {})
    expected = expected_fields(storage, secret, version)
    if secret is not None and expected.secret is not None and _serves(store, expected):
        return Choice(None, expected.secret)
    return Choice(derived_secret(store, version), intended_secret(store))


def _serves(store: Store, expected: Expected) -> bool:
    """True where the registry reads from the operator's Secret, and of a binding from its variables, what was meant."""
    meant, generated = intended_secret(store), expected.secret or {}
    for name in _places(store):
        variable = f"{PREFIX}{store.driver}_{name}".upper()
        if variable not in expected.env or not reads_as(expected.env[variable], store.parameters[name]):
            return False
    if set(store.environment.values()) - meant.keys() or generated.keys() != meant.keys():
        return False
    return all(_reads(generated[key], key) == _meant(text, key) for key, text in store.secret.items())


def _contents(store: Store) -> dict[str, str]:
    there = dict(store.secret)
    if store.storage_type == "azure":
        there.setdefault("azureAccountKey", _NO_KEY)
    return there


def _places(store: Store) -> tuple[str, ...]:
    """Parameters that stand in the Secret of a binding."""
    return {AWS_STORAGE_TYPE: ("bucket", "region"), GCP_STORAGE_TYPE: ("bucket",)}.get(store.storage_type, ())


def _twice(text: str) -> str:
    """A value that is pasted into the chart and then read from a variable: quoted for both where it is not plain."""
    return text if is_plain_value(text) else env_value(env_value(text))


def _reads(value: bytes, key: str) -> str | None:
    """The text that the registry takes the bytes for, None where that is another."""
    text = value.decode("utf-8", "replace")
    return text if key == KEY_FILE or yaml_scalars.is_plain(text) else None


def _meant(text: str, key: str) -> str:
    return text if key == KEY_FILE else str(json.loads(text))


def named(storage: Mapping[str, Any], name: str = constants.OPERATOR_SECRET) -> dict[str, Any]:
    """The spec.storage with the Secret of ours instead of the user's."""
    return {
        key: {**values, "secretName": name} if isinstance(values, Mapping) and key != "pvc" else values
        for key, values in storage.items()
    }
