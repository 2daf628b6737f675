# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters: what a Deployment of the registry needs, for the role and for plays with objects of their own; and the private ones of the role."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import pod_template
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import failure_text, summary
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import registry_config
from ansible_collections.kyma.docker_registry.plugins.plugin_utils import mappings, rendered


def config(storage: dict[str, Any], readonly: bool = False) -> dict[str, Any]:
    """config.yml of the registry as a dictionary, from the result of docker_registry_storage."""
    logging = storage.get("logging") or {}
    return registry_config(
        storage=storage["driver"],
        delete_enabled=bool(storage["delete_enabled"]),
        redirect=storage["redirect"],
        readonly=readonly,
        log_level=logging.get("level", "info"),
        log_format=logging.get("format", "json"),
        access_log=bool(logging.get("accessLogEnabled", False)),
    )


def mapping(value: Any) -> dict[str, Any]:
    """Converts text to a mapping, and returns a mapping unchanged. The role has checked before that it is one."""
    return mappings.read_mapping(value, "value")


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Any]:
        """Name to function. Names that begin with _ are private: the role alone uses them, and they may change at any time."""
        return {
            "registry_config": config,
            "registry_environment": pod_template.environment,
            "registry_operator_environment": pod_template.operator_environment,
            "registry_volume_mounts": pod_template.volume_mounts,
            "registry_volumes": pod_template.volumes,
            "_failure": failure_text.describe_failure,
            "_mapping": mapping,
            "_mapping_problems": mappings.find_problems,
            "_objects": rendered.objects,
            "_removal_summary": summary.summarize_removal,
            "_summary": summary.summarize_deployment,
        }
