# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's storage Secret, which the DockerRegistry names if the operator could not read the user's own. Pure.

The operator passes values through --set unescaped, and Distribution reads its variables as YAML. So each value is
JSON-encoded for Distribution, as in direct mode, and escaped for --set. A key file is passed on unchanged, but escaped.
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
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import Expected, predict
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import (
    is_plain_value,
    reads_as,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import KEY_FILE, SECRET_FIELD, Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import variable_name
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping

from .versions import release

# The operator renders no credential if one is empty.
_UNUSED = env_value("unused")


@dataclass(frozen=True)
class Choice:
    """Which Secret the DockerRegistry names.

    derived: data of the collection's Secret (names.OPERATOR_SECRET), None if the user's own serves or none is needed.
    intended: what the operator's `dockerregistry-secret` must hold afterwards, to the byte.
    """

    derived: Mapping[str, bytes] | None = field(repr=False)
    intended: Mapping[str, bytes] = field(repr=False)


def derived_secret(store: Store, version: str | None = None) -> dict[str, bytes]:
    """Data of our Secret, in the form of the backend that the DockerRegistry names; {} for volumes and cloud identity."""
    escaped = release(version).strvals
    mapping = catalog.operator_mapping(store.storage_type)
    contents = _contents(store, mapping)
    sources = mapping.credentials
    texts = {key: contents[item.generated_key] for key, item in sources.items() if item.generated_key in contents}
    texts.update({name: _quoted_twice(str(store.parameters[name])) for name in mapping.parameters})
    data = {key: (strvals.escape(text) if escaped else text).encode() for key, text in texts.items()}
    data.update({key: base64.b64encode(data[key]) for key in mapping.encoded & data.keys()})
    if mapping.mark_value is not None:
        data[mapping.mark] = mapping.mark_value(store.parameters).encode()
    # What the overlay refers to, for the registry alone: not escaped.
    used = {item.generated_key for item in sources.values()}
    return {**data, **{key: text.encode() for key, text in contents.items() if key not in used}}


def intended_secret(store: Store) -> dict[str, bytes]:
    """What the operator's Secret `dockerregistry-secret` must hold once it has read derived_secret(), to the byte."""
    mapping = catalog.operator_mapping(store.storage_type)
    contents = _contents(store, mapping)
    return {key: text.encode() for key, text in contents.items() if key in mapping.generated_keys}


def choose_secret(
    store: Store, storage: Mapping[str, Any] | None, secret: Mapping[str, bytes] | None, version: str | None = None
) -> Choice:
    """Which Secret the DockerRegistry has to name.

    storage: the spec.storage that would be sent. secret: data of the user's Secret that it names, None if it names none.
    """
    if store.claim is not None:
        return Choice(None, {})
    expected = predict(storage, secret, version)
    if secret is not None and expected.secret is not None and _serves(store, expected):
        return Choice(None, expected.secret)
    return Choice(derived_secret(store, version), intended_secret(store))


def _serves(store: Store, expected: Expected) -> bool:
    """True if the registry reads from the operator's Secret, and of a binding from its variables, the intended value."""
    intended, generated = intended_secret(store), expected.secret or {}
    for name in catalog.operator_mapping(store.storage_type).parameters:
        variable = variable_name(store.driver, name)
        if variable not in expected.env or not reads_as(expected.env[variable], store.parameters[name]):
            return False
    if set(store.environment.values()) - intended.keys() or generated.keys() != intended.keys():
        return False
    return all(_reads(generated[key], key) == _intended_text(text, key) for key, text in store.secret.items())


def _contents(store: Store, mapping: OperatorMapping) -> dict[str, str]:
    """The store's Secret. If it holds some credentials of the chart, those that the authentication type does not need are filled up."""
    if not mapping.generated_keys & store.secret.keys():
        return dict(store.secret)
    return {**dict.fromkeys(sorted(mapping.generated_keys), _UNUSED), **store.secret}


def _quoted_twice(text: str) -> str:
    """A value that is pasted into the chart and then read from a variable: quoted for both if it is not plain."""
    return text if is_plain_value(text) else env_value(env_value(text))


def _reads(value: bytes, key: str) -> str | None:
    """The text that the registry takes the bytes for, None if that is another."""
    text = value.decode("utf-8", "replace")
    return text if key == KEY_FILE or yaml_scalars.is_plain(text) else None


def _intended_text(text: str, key: str) -> str:
    """The text that the registry has to read: all but a key file is JSON-encoded in the store's Secret."""
    return text if key == KEY_FILE else str(json.loads(text))


def with_secret_name(storage: Mapping[str, Any]) -> dict[str, Any]:
    """The spec.storage with our Secret instead of the user's."""
    return {
        key: {**values, SECRET_FIELD: constants.OPERATOR_SECRET}
        if isinstance(values, Mapping) and catalog.NAMED[key].names_secret
        else values
        for key, values in storage.items()
    }
