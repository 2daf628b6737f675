# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of further authorities that the registry trusts: a ConfigMap or a Secret of the user."""

from __future__ import annotations

import hashlib
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import BundleOptions

CA_BUNDLE: dict[str, Any] = {
    "type": "dict",
    "options": {
        "config_map": {"type": "str"},
        "secret": {"type": "str", "no_log": False},
        "key": {"type": "str", "default": "ca.crt", "no_log": False},
    },
}
_PATH = "registry_ca_bundle"
_BEGIN = b"-----BEGIN CERTIFICATE-----"


def read_ca_bundle(context: Context[BundleOptions], namespace: str) -> dict[str, str]:
    """`config_map` or `secret`, `key`, and `checksum` of the certificates (they are public); {} if none is requested.

    Raises Refusal: both or neither named, the object or its key missing, no certificate in it.
    """
    requested = context.options.ca_bundle or {}
    named = {name: requested[name] for name in ("config_map", "secret") if requested.get(name)}
    if not requested:
        return {}
    if len(named) != 1:
        raise _refusal(
            "ca-bundle-source", _PATH, "must specify exactly one of config_map and secret.", "Specify one of them."
        )
    ((field, name),) = named.items()
    kind = "ConfigMap" if field == "config_map" else "Secret"
    live = context.cluster.get(kind, name, namespace)
    if live is None:
        text = f"{kind} {name} does not exist in namespace {namespace}."
        raise _refusal("ca-bundle-missing", f"{_PATH}.{field}", text, "Create it, or specify another one.")
    key = requested["key"]
    data = secret_data(live) if kind == "Secret" else {k: v.encode() for k, v in (live.get("data") or {}).items()}
    if key not in data:
        keys = ", ".join(sorted(data)) or "none"
        text = f"{kind} {name} has no key {key}. It has the keys: {keys}."
        raise _refusal("ca-bundle-key-missing", f"{_PATH}.key", text, "Specify the key that contains the certificates.")
    if _BEGIN not in data[key]:
        text = f"key {key} of {kind} {name} contains no PEM certificate."
        raise _refusal("ca-bundle-no-certificate", f"{_PATH}.key", text, "Store the CA certificate in this key.")
    return {field: name, "key": key, "checksum": hashlib.sha256(data[key]).hexdigest()[:16]}


def parse_ca_bundle(value: Any) -> dict[str, str]:
    """The result of read_ca_bundle(), passed as an option; {} for nothing. Raises Refusal for anything else."""
    if not value:
        return {}
    texts = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if not texts or not value.get("key") or bool(value.get("config_map")) == bool(value.get("secret")):
        text = "is not what docker_registry_storage returns: key, and one of config_map and secret."
        raise _refusal("ca-bundle-source", "ca_bundle", text, "Pass the returned value unchanged.")
    return dict(value)


def _refusal(code: str, path: str, message: str, remedy: str) -> Refusal:
    return Refusal([error(code, path, message, remedy)])
