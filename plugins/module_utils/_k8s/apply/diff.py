# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects as a diff shows them: Secrets without values, other objects without what others wrote into them. Pure.

A variable, a command or an annotation that another client or an earlier run wrote may hold a credential, so it is hidden. What our own object
says as well is shown: it comes from options that are not secret.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object

HIDDEN = "(hidden)"

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_WORDS = ("command", "args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe")


def visible_object(item: Object, ours: Object) -> dict[str, Any]:
    """The object, with `(hidden)` for what others wrote. ours: the object that is applied, {} if there is none."""
    shown = {**item, "metadata": visible_metadata(objects.metadata_of(item), objects.metadata_of(ours))}
    if item.get("kind") == "ConfigMap" and item.get("data"):
        kept = ours.get("data") or {}
        shown["data"] = {key: _lines(text, kept[key]) if key in kept else HIDDEN for key, text in item["data"].items()}
    if item.get("kind") == "ConfigMap" and item.get("binaryData"):
        shown["binaryData"] = dict.fromkeys(item["binaryData"], HIDDEN)
    template = objects.spec_of(item).get("template")
    if template:
        wanted = objects.spec_of(ours).get("template") or {}
        shown["spec"] = {**item["spec"], "template": _template(template, wanted)}
    return shown


def visible_metadata(found: Object, ours: Object) -> dict[str, Any]:
    """Metadata with the values of our own annotations, and of those that have the value of `ours`: kubectl keeps a whole object in one of its."""
    if "annotations" not in found:
        return dict(found)
    known = ours.get("annotations") or {}
    values = {
        key: value
        if known.get(key) == value or (key.startswith(f"{constants.PREFIX}/") and not _is_record(key, value))
        else HIDDEN
        for key, value in found["annotations"].items()
    }
    return {**found, "annotations": values}


def _is_record(name: str, value: str) -> bool:
    """Whether one of our own annotations holds a structure of a former state, with what others had written. spec.storage has no such part."""
    return name != constants.REQUESTED_STORAGE and value.lstrip().startswith(("{", "["))


def visible_secret(secret: Object | None, before: Object | None) -> dict[str, Any]:
    """A Secret with its names and labels; of each key only whether its value is another than before."""
    if secret is None:
        return {}
    old = (before or {}).get("data") or {}
    data = secret.get("data") or {}
    return {
        "metadata": {
            "name": secret["metadata"]["name"],
            "namespace": secret["metadata"]["namespace"],
            "labels": dict(objects.labels_of(secret)),
        },
        "type": secret.get("type"),
        "data": {
            key: "(new value)" if before is not None and old.get(key) != data[key] else HIDDEN for key in sorted(data)
        },
    }


def _lines(text: str, ours: str) -> str:
    kept = set(ours.split("\n"))
    return "\n".join(line if line in kept else redacted(line) for line in text.split("\n"))


def _template(template: Object, ours: Object) -> dict[str, Any]:
    pod, wanted = dict(objects.spec_of(template)), objects.spec_of(ours)
    for kind in _CONTAINERS:
        if kind in pod:
            mine = {container["name"]: container for container in wanted.get(kind) or []}
            pod[kind] = [_container(container, mine.get(container["name"], {})) for container in pod[kind]]
    shown = {**template, "spec": pod}
    if "metadata" in template:
        shown["metadata"] = visible_metadata(template["metadata"], objects.metadata_of(ours))
    return shown


def _container(container: Object, ours: Object) -> dict[str, Any]:
    shown = {key: _same(value, ours.get(key)) if key in _WORDS else value for key, value in container.items()}
    if container.get("env"):
        known = {entry["name"]: entry.get("value") for entry in ours.get("env") or []}
        shown["env"] = [
            {**entry, "value": HIDDEN} if "value" in entry and known.get(entry["name"]) != entry["value"] else entry
            for entry in container["env"]
        ]
    return shown


def _same(value: Any, ours: Any) -> Any:
    """The value with `(hidden)` for each text that `ours` does not have in the same place, and for each part that `ours` lacks."""
    if isinstance(value, Mapping) and isinstance(ours, Mapping):
        return {key: _same(item, ours.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(ours, list):
        return [_same(item, other) for item, other in itertools.zip_longest(value, ours[: len(value)])]
    return value if value == ours or isinstance(value, (bool, int)) else HIDDEN
