# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readers of Kubernetes objects, and the maker of Secrets. Pure.

Every reader takes None for an object that does not exist, and an object from which the API server left out what is empty.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from .constants import FIELD_MANAGER, MANAGED_BY

# An object of Kubernetes: one that is only read, and one that the code builds or changes.
Object = Mapping[str, Any]
ObjectDict = dict[str, Any]

# Metadata that the API server writes; a change of these fields alone is not a change of the desired state.
SERVER_METADATA = frozenset({"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink"})


def metadata_of(obj: Object | None) -> Mapping[str, Any]:
    """The object's metadata."""
    return (obj or {}).get("metadata") or {}


def labels_of(obj: Object | None) -> Mapping[str, str]:
    """The object's labels; works for a Pod template too."""
    return metadata_of(obj).get("labels") or {}


def label_selector(labels: Mapping[str, str]) -> str:
    """The selector of a list request for objects that have all these labels."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def annotations_of(obj: Object | None) -> Mapping[str, str]:
    """The object's annotations; works for a Pod template too."""
    return metadata_of(obj).get("annotations") or {}


def spec_of(obj: Object | None) -> Mapping[str, Any]:
    """The object's spec; works for a Pod template too."""
    return (obj or {}).get("spec") or {}


def status_of(obj: Object | None) -> Mapping[str, Any]:
    """The object's status."""
    return (obj or {}).get("status") or {}


def is_managed(obj: Object | None) -> bool:
    """True if the object carries our managed-by label: this collection created it."""
    found = labels_of(obj)
    return all(found.get(key) == value for key, value in MANAGED_BY.items())


def is_owned_by(obj: Object | None, uid: object) -> bool:
    """True if the object's owner references name the object of this UID."""
    owners = metadata_of(obj).get("ownerReferences") or []
    return uid is not None and any(owner.get("uid") == uid for owner in owners)


def is_being_deleted(obj: Object | None) -> bool:
    """True if a deletion was requested and finalizers or a grace period delay it."""
    return bool(metadata_of(obj).get("deletionTimestamp"))


def condition(obj: Object | None, kind: str) -> Mapping[str, Any]:
    """The condition of this type, empty if the status has none."""
    for entry in status_of(obj).get("conditions") or []:
        if isinstance(entry, Mapping) and entry.get("type") == kind:
            return entry
    return {}


def has_condition(obj: Object | None, kind: str) -> bool:
    """True if the condition of this type has the status True."""
    return condition(obj, kind).get("status") == "True"


def managed_entries(
    obj: Object | None, manager: str = FIELD_MANAGER, *, operation: str = "Apply", subresource: str = ""
) -> list[Mapping[str, Any]]:
    """The manager's entries in `managedFields`: usually one; several if it wrote through several versions of the API.

    operation: `Apply`, `Update`, or empty for both.
    """
    return [
        entry
        for entry in metadata_of(obj).get("managedFields") or []
        if entry.get("manager") == manager
        and operation in ("", entry.get("operation"))
        and (entry.get("subresource") or "") == subresource
    ]


def foreign_entries(obj: Object | None) -> list[Mapping[str, Any]]:
    """The entries of all other managers in `managedFields`."""
    return [entry for entry in metadata_of(obj).get("managedFields") or [] if entry.get("manager") != FIELD_MANAGER]


def owned_fields(entry: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """What an entry of `managedFields` owns below a path of fields, in the form of `fieldsV1` (`f:name`, `k:{...}`, `v:...`)."""
    fields: Mapping[str, Any] = entry.get("fieldsV1") or {}
    for name in path:
        fields = fields.get(f"f:{name}") or {}
    return fields


def owns_field(entry: Mapping[str, Any], *path: str) -> bool:
    """True if an entry of `managedFields` owns the field at this path."""
    return f"f:{path[-1]}" in owned_fields(entry, *path[:-1])


def secret_object(
    name: str,
    namespace: str,
    data: Mapping[str, str | bytes],
    *,
    of_type: str = "Opaque",
    labels: Mapping[str, str] | None = None,
    managed: bool = True,
) -> dict[str, Any]:
    """A Secret with these values. managed: with our managed-by label beside the given labels."""
    found = {**(MANAGED_BY if managed else {}), **(labels or {})}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, **({"labels": found} if found else {})},
        "type": of_type,
        "data": encoded_data(data),
    }


def encoded_data(data: Mapping[str, str | bytes]) -> dict[str, str]:
    """The `data` of a Secret with these values; text is stored as UTF-8."""
    return {
        key: base64.b64encode(value.encode() if isinstance(value, str) else value).decode("ascii")
        for key, value in data.items()
    }


def secret_data(secret: Object | None) -> dict[str, bytes]:
    """The decoded data of a Secret; a value that is not base64 is empty."""
    found = {}
    for key, value in ((secret or {}).get("data") or {}).items():
        try:
            found[str(key)] = base64.b64decode(value or "", validate=True)
        except (binascii.Error, TypeError):
            found[str(key)] = b""
    return found


def secret_text(secret: Object | None, key: str) -> str | None:
    """The text under a key of a Secret; None if the key is absent or its value is not base64 of UTF-8 text."""
    value = ((secret or {}).get("data") or {}).get(key)
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
