# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the registry's Pod mounts and finds in its environment, as the templates print it. Pure.

`storage` is always the result of docker_registry_storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import (
    HTPASSWD_PATH,
    READ_ONLY,
    READ_ONLY_VARIABLE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment_table import EXPORTER, TRACING
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.filesystem import ROOT_DIRECTORY
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import KEY_FILE_PATH

Item = dict[str, Any]


def environment(storage: Mapping[str, Any], extra: Mapping[str, Any] | None) -> list[Item]:
    """Environment of the registry's container: the random http.secret and the store's credentials from Secrets, then `extra`.

    extra: the user's registry_env; it does not replace what is set here.
    """
    fixed = [_from_secret("REGISTRY_HTTP_SECRET", constants.PRIVATE_SECRET, constants.HTTP_SECRET_KEY)]
    if not any((extra or {}).get(name) for name in TRACING):
        # The image's default exporter would look for a collector on this host.
        fixed.append({"name": EXPORTER, "value": "none"})
    keys = storage["secret_environment"]
    fixed += [_from_secret(variable, constants.STORAGE_SECRET, key) for variable, key in sorted(keys.items())]
    if storage["ca_bundle"]:
        fixed.append({"name": "SSL_CERT_DIR", "value": overlay.TRUSTED})
    taken = {item["name"] for item in fixed}
    own = [
        {"name": name, "value": _variable_text(value)}
        for name, value in sorted((extra or {}).items())
        if name not in taken
    ]
    return fixed + own


def operator_environment(
    storage: Mapping[str, Any], extra: Mapping[str, Any] | None, readonly: bool = False
) -> dict[str, str]:
    """What an operator's Deployment is given besides: the switches that its config.yml does not know, then the user's own.

    Whole sections, because Distribution requires mappings there (registry/handlers/app.go). The overlay covers the drain timeout.
    """
    drain = {constants.DRAIN_VARIABLE: f"{constants.DRAIN_SECONDS}s"}
    switches = {}
    if storage["redirect"] is not None:
        switches["REGISTRY_STORAGE_REDIRECT"] = env_value({"disable": not storage["redirect"]})
    if readonly:
        switches[READ_ONLY_VARIABLE] = env_value(READ_ONLY)
    return {**drain, **{str(name): _variable_text(value) for name, value in (extra or {}).items()}, **switches}


def _variable_text(value: Any) -> str:
    """A value for an environment: AWX turns an empty text into null; structures are written as the registry reads them."""
    if value is None:
        return ""
    return env_value(value) if isinstance(value, (bool, Mapping, list)) else str(value)


def _from_secret(variable: str, secret: str, key: str) -> Item:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def volumes(storage: Mapping[str, Any]) -> list[Item]:
    """Volumes of the Pod: the images if a claim holds them, configuration, htpasswd, key file, trusted authorities."""
    found: list[Item] = []
    if storage["claim"]:
        found.append({"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": storage["claim"]}})
    found.append({"name": "config", "configMap": {"name": constants.CONFIG_MAP}})
    found.append(
        {"name": "auth", "secret": _secret(constants.PRIVATE_SECRET, constants.HTPASSWD_KEY, _base(HTPASSWD_PATH))}
    )
    if storage["key_file"]:
        key = storage["key_file"]
        found.append({"name": "storage", "secret": _secret(constants.STORAGE_SECRET, key, _base(KEY_FILE_PATH))})
    if storage["ca_bundle"]:
        found.append(overlay.ca_volume(storage["ca_bundle"]))
    return found


def _secret(name: str, key: str, path: str) -> Item:
    return {"secretName": name, "items": [{"key": key, "path": path}]}


def volume_mounts(storage: Mapping[str, Any]) -> list[Item]:
    """Where the container finds what volumes() names."""
    found: list[Item] = []
    if storage["claim"]:
        found.append({"name": constants.DATA_VOLUME, "mountPath": ROOT_DIRECTORY})
    found.append({"name": "config", "mountPath": "/etc/distribution", "readOnly": True})
    found.append({"name": "auth", "mountPath": _folder(HTPASSWD_PATH), "readOnly": True})
    if storage["key_file"]:
        found.append({"name": "storage", "mountPath": _folder(KEY_FILE_PATH), "readOnly": True})
    if storage["ca_bundle"]:
        found.append({"name": overlay.CA_VOLUME, "mountPath": overlay.CA_FOLDER, "readOnly": True})
    return found


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _base(path: str) -> str:
    return path.rpartition("/")[2]
