# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secret that a storage names, as it is applied. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    is_managed,
    managed_entries,
    owned_fields,
    secret_data,
    secret_object,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference


def owned_data(live: ObjectDict | None) -> dict[str, bytes]:
    """Keys that an earlier run wrote, with their values. An apply without them would remove them."""
    owned: set[str] = set()
    for entry in managed_entries(live):
        owned.update(owned_fields(entry, "data"))
    return {key: value for key, value in secret_data(live).items() if f"f:{key}" in owned}


def build_storage_secret(
    name: str, namespace: str, data: Mapping[str, bytes], live: ObjectDict | None, *, managed: bool
) -> ObjectDict:
    """The Secret with these values. live: as read. managed: whether it gets the labels of the collection."""
    return secret_object(
        name,
        namespace,
        data,
        of_type=(live or {}).get("type") or "Opaque",
        labels=constants.STORAGE_LABEL if managed else None,
        managed=managed,
    )


def with_values(name: str, namespace: str, values: Mapping[str, bytes], live: ObjectDict | None) -> ObjectDict:
    """The Secret with the given values and with those that an earlier run wrote. Keys, labels and annotations of others stay."""
    data = {**owned_data(live), **values}
    return build_storage_secret(name, namespace, data, live, managed=live is None or is_managed(live))


def is_written(name: str, namespace: str, values: Mapping[str, bytes], live: ObjectDict | None) -> bool:
    """Whether the live Secret has the given values, so that nothing would be written."""
    return find_difference(with_values(name, namespace, values, live), live, constants.FIELD_MANAGER) is None
