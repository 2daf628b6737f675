# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects for a diff without what others wrote into them: of a variable, a command or an annotation nobody can tell whether it is secret.

Shown is what our own object says as well: it is made from options that are not secret. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.secrets import HIDDEN

Object = Mapping[str, Any]

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_WORDS = ("command", "args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe")


def without(item: Object, ours: Object) -> dict[str, Any]:
    """The object, with `(hidden)` for what others wrote. ours: the object that is applied, {} where none is."""
    shown = {**item, "metadata": metadata(item.get("metadata") or {}, ours.get("metadata") or {})}
    if item.get("kind") == "ConfigMap" and item.get("data"):
        kept = ours.get("data") or {}
        shown["data"] = {key: _lines(text, kept[key]) if key in kept else HIDDEN for key, text in item["data"].items()}
    template = (item.get("spec") or {}).get("template")
    if template:
        wanted = (ours.get("spec") or {}).get("template") or {}
        shown["spec"] = {**item["spec"], "template": _template(template, wanted)}
    return shown


def metadata(found: Object, ours: Object) -> dict[str, Any]:
    """Metadata with the values of our own annotations only: kubectl keeps a whole object in one of its."""
    if "annotations" not in found:
        return dict(found)
    known = ours.get("annotations") or {}
    values = {
        key: value if key in known or key.startswith(f"{constants.PREFIX}/") else HIDDEN
        for key, value in found["annotations"].items()
    }
    return {**found, "annotations": values}


def _lines(text: str, ours: str) -> str:
    kept = set(ours.split("\n"))
    return "\n".join(line if line in kept else redacted(line) for line in text.split("\n"))


def _template(template: Object, ours: Object) -> dict[str, Any]:
    pod, wanted = dict(template.get("spec") or {}), ours.get("spec") or {}
    for kind in _CONTAINERS:
        if kind in pod:
            mine = {container["name"]: container for container in wanted.get(kind) or []}
            pod[kind] = [_container(container, mine.get(container["name"], {})) for container in pod[kind]]
    shown = {**template, "spec": pod}
    if "metadata" in template:
        shown["metadata"] = metadata(template["metadata"], ours.get("metadata") or {})
    return shown


def _container(container: Object, ours: Object) -> dict[str, Any]:
    shown = {key: HIDDEN if key in _WORDS and key not in ours else value for key, value in container.items()}
    if container.get("env"):
        known = {entry["name"] for entry in ours.get("env") or []}
        shown["env"] = [
            {**entry, "value": HIDDEN} if "value" in entry and entry["name"] not in known else entry
            for entry in container["env"]
        ]
    return shown
