# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.yml of CNCF Distribution 3.1 as a dictionary; names and values as Kyma's operator sets them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants

# Where the image of Distribution reads it.
CONFIG_FILE = "/etc/distribution/config.yml"
HTPASSWD_PATH = "/etc/registry-auth/htpasswd"
REALM = "Registry Realm"
# Seconds between checks of the store, and the number of consecutive failures until the registry answers 503.
HEALTH_SECONDS = 10
HEALTH_THRESHOLD = 3

# The section `storage.maintenance` of a registry that rejects pushes and deletions, and the variable that sets this section. A bare
# `readonly: true` panics: Distribution requires a mapping.
READ_ONLY = {"readonly": {"enabled": True}}
READ_ONLY_VARIABLE = "REGISTRY_STORAGE_MAINTENANCE"

# Values of the DockerRegistry to names of Distribution, which does not know `console` and does not start with it.
_FORMATTERS = {name: "text" if name == "console" else name for name in constants.LOG_FORMATS}


def registry_config(
    *,
    storage: Mapping[str, Mapping[str, Any]],
    delete_enabled: bool,
    redirect: bool | None = None,
    readonly: bool = False,
    log_level: str = "info",
    log_format: str = "json",
    access_log: bool = False,
) -> dict[str, Any]:
    """The configuration, without any credential (http.secret comes from the environment).

    storage: one driver name with its parameters, without credentials. redirect: whether clients are sent to the store,
    None for Distribution's default. log_level, log_format: as in the CR. Raises ValueError for what Distribution would
    stop at or take for something else: not exactly one driver, a parameter of value None (read as `<nil>`), an unknown
    level or format.
    """
    if log_level not in constants.LOG_LEVELS or log_format not in _FORMATTERS:
        raise ValueError(f"log level {log_level!r} or format {log_format!r} is not known")
    return {
        "version": 0.1,
        "log": {
            "level": log_level,
            "formatter": _FORMATTERS[log_format],
            "fields": {"service": "registry"},
            "accesslog": {"disabled": not access_log},
        },
        "storage": _storage(storage, delete_enabled=delete_enabled, redirect=redirect, readonly=readonly),
        "http": {
            "addr": f":{constants.API_PORT}",
            "draintimeout": f"{constants.DRAIN_SECONDS}s",
            "headers": {"X-Content-Type-Options": ["nosniff"]},
            "debug": {"addr": f":{constants.DEBUG_PORT}", "prometheus": {"enabled": True, "path": "/metrics"}},
        },
        "auth": {"htpasswd": {"realm": REALM, "path": HTPASSWD_PATH}},
        "health": {
            "storagedriver": {"enabled": True, "interval": f"{HEALTH_SECONDS}s", "threshold": HEALTH_THRESHOLD},
        },
    }


def _storage(
    drivers: Mapping[str, Mapping[str, Any]], *, delete_enabled: bool, redirect: bool | None, readonly: bool
) -> dict[str, Any]:
    if len(drivers) != 1:
        raise ValueError(f"{len(drivers)} storage drivers; a registry has one")
    (name, parameters) = next(iter(drivers.items()))
    absent = sorted(key for key, value in parameters.items() if value is None)
    if absent:
        raise ValueError(f"driver parameters without a value: {', '.join(absent)}")
    section: dict[str, Any] = {
        name: _copied(parameters),
        "cache": {"blobdescriptor": "inmemory"},
        # Only a real boolean counts here; the text "true" means false to Distribution.
        "delete": {"enabled": bool(delete_enabled)},
    }
    if redirect is not None:
        section["redirect"] = {"disable": not redirect}
    if readonly:
        section["maintenance"] = _copied(READ_ONLY)
    return section


def _copied(value: Any) -> Any:
    """A copy of nested parameters. Not copy.deepcopy, which fails with values from templates of ansible-core 2.19."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, (list, tuple)) else value
