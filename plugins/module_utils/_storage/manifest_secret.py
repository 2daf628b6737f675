# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that users paste beside the DockerRegistry: data or stringData to bytes, as the API server reads them. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    error,
    shown_key,
    warning,
)

from .texts import kind_of

KIND = "Secret"
API_VERSION = "v1"


def is_secret(document: Mapping[Any, Any]) -> bool:
    """True for a core Secret."""
    return document.get("kind") == KIND and document.get("apiVersion") == API_VERSION


def secret_names(storage: object) -> list[object]:
    """Every secretName in an unchecked spec.storage."""
    backends = storage.values() if isinstance(storage, Mapping) else ()
    return [item.get("secretName") for item in backends if isinstance(item, Mapping)]


def metadata_text(document: Mapping[Any, Any], key: str) -> str | None:
    """Text in the Secret's metadata, None if there is none."""
    metadata = document.get("metadata")
    value = metadata.get(key) if isinstance(metadata, Mapping) else None
    return value if isinstance(value, str) and value else None


def read_secret(document: Mapping[Any, Any], path: str) -> tuple[dict[str, bytes], list[Finding]]:
    """The Secret's data, and findings (an error leaves its key out). stringData wins over data, as in Kubernetes."""
    found: list[Finding] = []
    encoded = _section(document, "data", path, found)
    plain = _section(document, "stringData", path, found)
    values: dict[str, bytes] = {}
    for key, value in encoded.items():
        place = f"{path}.data.{shown_key(key)}"
        if key in plain:
            message = "is also in stringData, which takes precedence."
            found.append(warning("manifest-secret-twice", place, message, "Remove one of them."))
            continue
        raw = _decoded(value)
        if raw is None:
            message = "is not valid base64. Values under data must be base64-encoded."
            found.append(
                error("manifest-secret-base64", place, message, "Encode it, or move it unchanged to stringData.")
            )
        else:
            values[key] = raw
    for key, value in plain.items():
        try:
            values[key] = value.encode("utf-8")
        except UnicodeEncodeError:
            message = "contains half of a surrogate pair, which is not valid Unicode."
            found.append(
                error(
                    "manifest-secret-text",
                    f"{path}.stringData.{shown_key(key)}",
                    message,
                    "Write the character itself.",
                )
            )
    return values, found


def _section(document: Mapping[Any, Any], name: str, path: str, found: list[Finding]) -> dict[str, str]:
    """Data or stringData with text in it; YAML makes numbers and booleans of values without quotes."""
    section = document.get(name)
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        message = f"is {kind_of(section)}, not a mapping."
        found.append(error("manifest-secret-text", f"{path}.{name}", message, "Write key: value pairs."))
        return {}
    texts: dict[str, str] = {}
    for key, value in section.items():
        if isinstance(value, str):
            texts[str(key)] = value
        else:
            message = f"is {kind_of(value)}, not text."
            found.append(error("manifest-secret-text", f"{path}.{name}.{shown_key(key)}", message, "Put it in quotes."))
    return texts


def _decoded(text: str) -> bytes | None:
    """Standard base64 as Go reads it: line ends in it are ignored."""
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", "").encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
