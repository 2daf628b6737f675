# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The former values of a storage Secret. A Secret of our own keeps them until the new values are verified.

A run that dies in between loses neither the former nor the new values.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    is_managed,
    secret_data,
    secret_object,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options

# On the Secret that keeps former values: the name of the Secret that they are from, and the keys that it did not have.
_SOURCE = f"{constants.PREFIX}/values-of"
_ADDED_KEYS = f"{constants.PREFIX}/keys-added"


def read_previous_values(context: Context[Options], name: str, namespace: str) -> ObjectDict | None:
    """The Secret that keeps former values of the Secret `name`."""
    previous = context.cluster.get("Secret", constants.PREVIOUS_SECRET, namespace)
    return previous if is_managed(previous) and annotations_of(previous).get(_SOURCE) == name else None


def keep_previous(
    context: Context[Options], name: str, live: ObjectDict | None, values: Mapping[str, bytes], storage_id: str | None
) -> None:
    """Keeps the values that `values` will replace. storage_id: of the registry that uses them, None if it is not known.

    What is kept already was verified, so values that are not verified never replace it.
    """
    previous = read_previous_values(context, name, context.options.namespace)
    if previous is None and live is None:
        return
    current, former, added = secret_data(live), secret_data(previous), added_keys(previous)
    # A key that is in neither was not written since: its value is still the verified one.
    unwritten = [key for key in values if key not in former and key not in added]
    former.update((key, current[key]) for key in unwritten if key in current)
    added |= {key for key in unwritten if key not in current}
    document = secret_object(constants.PREVIOUS_SECRET, context.options.namespace, former)
    storage_id = storage_id_of_values(previous) or storage_id
    used_by = {constants.STORAGE_ID: storage_id} if storage_id else {}
    document["metadata"]["annotations"] = {_SOURCE: name, _ADDED_KEYS: ",".join(sorted(added)), **used_by}
    context.cluster.apply(document, live=previous, force=True)


def storage_id_of_values(previous: ObjectDict | None) -> str | None:
    """The storage ID of the registry that used the kept values, None if it is not known."""
    return annotations_of(previous).get(constants.STORAGE_ID)


def added_keys(previous: ObjectDict | None) -> set[str]:
    """Keys that the storage Secret did not have when its values were verified."""
    return set(filter(None, str(annotations_of(previous).get(_ADDED_KEYS, "")).split(",")))
