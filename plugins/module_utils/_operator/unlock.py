# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The overlay as it is in a live Deployment, without its storage lock: applied, it lifts the storage lock and the registry serves as before. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict

from . import overlay, storage_lock


def build_unlocked_overlay(owned: Mapping[str, Any], namespace: str) -> ObjectDict:
    """The object to apply before an intended switch. owned: what our field manager owns of the live Deployment, {} for nothing."""
    document = overlay.empty_overlay(namespace)
    annotations = dict(objects.annotations_of(owned))
    annotations.pop(storage_lock.ANNOTATION, None)
    if annotations:
        document["metadata"]["annotations"] = annotations
    template = objects.spec_of(owned).get("template") or {}
    pod = dict(objects.spec_of(template))
    pod["volumes"] = [item for item in pod.get("volumes") or [] if item["name"] != constants.DATA_VOLUME]
    pod["containers"] = [item for item in map(_without_storage_lock, pod.get("containers") or []) if len(item) > 1]
    kept = {"metadata": template.get("metadata"), "spec": {key: value for key, value in pod.items() if value}}
    if any(kept.values()):
        document["spec"] = {"template": {key: value for key, value in kept.items() if value}}
    return document


def _without_storage_lock(container: Mapping[str, Any]) -> ObjectDict:
    env = [
        item for item in container.get("env") or [] if storage_lock.CONFIG_MAP not in json.dumps(item.get("valueFrom"))
    ]
    return {key: value for key, value in {**container, "env": env}.items() if value}
