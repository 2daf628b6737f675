# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key files among the values of a storage Secret that Ansible has turned into mappings: what of them may be shown. Pure.

Before ansible-core 2.19, a template that renders JSON, for example `lookup('file', 'key.json')`, becomes a mapping. Ansible then masks each of
its values, also the project's name, which may be part of the bucket's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import texts_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import service_account

from . import catalog


def document_keys() -> frozenset[str]:
    """Keys of storage Secrets whose value is a document."""
    return frozenset(key.name for backend in catalog.NAMED.values() for key in backend.secret_keys if key.multiline)


def as_text(document: Mapping[str, Any]) -> str:
    """The text that goes into the Secret."""
    return json.dumps(document)


@dataclass(frozen=True)
class Values:
    """Values of a storage Secret with documents as text, and of these documents what may be shown and what must not."""

    values: dict[str, Any] = field(repr=False)
    shown: frozenset[str]
    hidden: frozenset[str] = field(repr=False)


def read_documents(values: Mapping[str, Any]) -> Values:
    """The values as they go into the Secret. A text that must not be shown in one document is not shown because of another."""
    known = document_keys()
    documents = {key: value for key, value in values.items() if key in known and isinstance(value, Mapping)}
    texts = {key: as_text(document) for key, document in documents.items()}
    shown: set[str] = set()
    hidden: set[str] = set(texts.values())
    for document in documents.values():
        for name, value in document.items():
            (shown if name in service_account.NAMES else hidden).update(texts_of(value))
        hidden.update(service_account.key_lines(document.get("private_key")))
    return Values({**values, **texts}, frozenset(shown - hidden), frozenset(hidden))
