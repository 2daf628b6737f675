# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the values of a storage Secret come from: the play, files, environment variables or a pasted manifest."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    errors,
    shown_key,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import SecretOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog, pasted_manifest

from .secret_masking import check_length
from .secret_values import READERS, VARIABLES

# What every module that reads storage credentials takes.
SOURCES = Spec(
    {
        "secret_source": {
            "type": "dict",
            "default": {},
            "no_log": False,
            "options": {
                "values": {"type": "dict", "no_log": True},
                "files": {"type": "dict"},
                "environment": {"type": "dict"},
            },
        },
        "manifest": {"type": "str", "no_log": True},
    }
)


def _names() -> frozenset[str]:
    """Keys of storage Secrets that hold names, which may be short."""
    return frozenset(key for backend in catalog.NAMED.values() for key in backend.shown_keys)


def read_given_values(context: Context[SecretOptions], pasted: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The values that the user gives, by key; {} if the user gives none. pasted: the Secret of a manifest.

    Raises Refusal: a value that is not text, a file that cannot be read, a variable that is not set, one key from two sources, a credential that is too short.
    """
    found: dict[str, bytes] = {}
    problems: list[Finding] = []
    source = context.options.secret_source
    for option, read in READERS.items():
        for key, origin in (source.get(option) or {}).items():
            path = f"{VARIABLES[option]}.{shown_key(key)}"
            value = read(origin, path, problems)
            if str(key) in found:
                problems.append(
                    error("secret-doubled-key", path, "is set by two sources.", "Remove it from one of them.")
                )
            elif value is not None:
                found[str(key)] = value
                if str(key) not in _names():
                    problems += check_length(path, value.decode("utf-8", "replace"))
    if pasted:
        if found:
            problems.append(
                error(
                    "secret-two-sources",
                    "registry_manifest",
                    "contains a Secret, and another option also sets values.",
                    "Remove one of them.",
                )
            )
        found = dict(pasted)
    context.require(problems)
    return found


def read_pasted_secret(context: Context[SecretOptions]) -> dict[str, bytes] | None:
    """Data of the Secret in the pasted manifest, None without one. Raises Refusal if the manifest is wrong."""
    if not context.options.manifest:
        return None
    manifest, found = pasted_manifest.read_manifest(context.options.manifest, context.options.namespace)
    if manifest is None:
        raise Refusal(errors(found))
    return dict(manifest.secret) if manifest.secret else None


def merge_values(live: Mapping[str, bytes] | None, values: Mapping[str, bytes]) -> dict[str, bytes]:
    """The Secret's data as it will be: foreign keys stay, given ones win."""
    return {**(live or {}), **values}


def check_values_used(values: Mapping[str, bytes], name: str | None) -> list[Finding]:
    """Values without a Secret that they belong to are a mistake."""
    if name is not None or not values:
        return []
    return [
        error(
            "secret-values-unused",
            "registry_storage_secret",
            "sets values, but the storage does not specify a Secret.",
            "Set secretName in the storage, or remove the values.",
        )
    ]
