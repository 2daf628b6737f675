# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets as objects: made from texts, read back, and shown in a diff without a value. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants

# In a diff, for a value that is not shown.
HIDDEN = "(hidden)"


def encoded(data: Mapping[str, str]) -> dict[str, str]:
    """The `data` of a Secret that holds these texts."""
    return {key: base64.b64encode(value.encode("utf-8")).decode("ascii") for key, value in data.items()}


def secret_object(
    name: str, namespace: str, data: Mapping[str, str], kind: str = "Opaque", labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A Secret of ours with these texts."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {**constants.MANAGED_BY, **(labels or {})}},
        "type": kind,
        "data": encoded(data),
    }


def decoded(secret: dict[str, Any] | None, key: str) -> str | None:
    """The text under the key of a Secret's data; None where the key is absent or holds no base64 of UTF-8 text."""
    value = ((secret or {}).get("data") or {}).get(key)
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def contents(secret: Mapping[str, Any] | None) -> dict[str, bytes]:
    """The decoded data of a Secret."""
    found = {}
    for key, value in ((secret or {}).get("data") or {}).items():
        try:
            found[str(key)] = base64.b64decode(value or "", validate=True)
        except (binascii.Error, TypeError):
            found[str(key)] = b""
    return found


def shown(secret: dict[str, Any] | None, before: dict[str, Any] | None) -> dict[str, Any]:
    """A Secret for a diff: names, labels and, for each key, only whether it changes."""
    if secret is None:
        return {}
    old = (before or {}).get("data") or {}
    data = secret.get("data") or {}
    metadata = secret["metadata"]
    values = {
        key: "(new value)" if before is not None and old.get(key) != data[key] else HIDDEN for key in sorted(data)
    }
    return {
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": metadata.get("labels") or {},
        },
        "type": secret.get("type"),
        "data": values,
    }
