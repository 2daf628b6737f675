# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role: what the templates print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.distribution.config import registry_config
from ansible_collections.kyma.docker_registry.plugins.module_utils.distribution.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.credentials import HTTP_SECRET


def config(storage: dict[str, Any], readonly: bool = False) -> dict[str, Any]:
    """config.yml of the registry as a dictionary, from the result of docker_registry_storage."""
    logging = storage.get("logging") or {}
    return registry_config(
        storage=storage["driver"],
        delete_enabled=bool(storage["delete_enabled"]),
        redirect=None,
        readonly=readonly,
        log_level=logging.get("level", "info"),
        log_format=logging.get("format", "json"),
        access_log=bool(logging.get("accessLogEnabled", False)),
    )


def environment(storage: dict[str, Any], extra: dict[str, Any]) -> list[dict[str, Any]]:
    """Environment of the registry's container: the random http.secret from its Secret, then the user's own variables."""
    secret = {"secretKeyRef": {"name": names.PRIVATE_SECRET, "key": HTTP_SECRET}}
    fixed: list[dict[str, Any]] = [
        {"name": "REGISTRY_HTTP_SECRET", "valueFrom": secret},
        # The image's default exporter would look for a collector on this host.
        {"name": "OTEL_TRACES_EXPORTER", "value": "none"},
    ]
    taken = {item["name"] for item in fixed}
    return fixed + [
        {"name": name, "value": _text(value)} for name, value in sorted((extra or {}).items()) if name not in taken
    ]


def _text(value: Any) -> str:
    """A value for an environment: AWX turns an empty text into null; structures are written as the registry reads them."""
    if value is None:
        return ""
    return env_value(value) if isinstance(value, (bool, Mapping, list)) else str(value)


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Any]:
        """Name to function."""
        return {"registry_config": config, "registry_environment": environment}
