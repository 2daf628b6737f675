# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Deployment in a maintenance window: its registry rejects pushes, and annotations record since when, and on which storage. Pure.

One write opens the window and records it. The variable, and not config.yml, makes the registry read-only: it works in both modes, and the
window needs no further object.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    ObjectDict,
    annotations_of,
    labels_of,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.times import is_older_than, time_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import READ_ONLY, READ_ONLY_VARIABLE

# As long as the alert DockerRegistryReadOnly waits.
LONGEST = timedelta(minutes=30)
# What a message says of a run that is rejected in its window.
NOT_SWITCHED = "The storage was not switched."
_PARTS = ("spec", "template", "metadata", "labels", "containers")


def read_only_since(deployment: Object | None) -> str | None:
    """Since when the registry is or was read-only for a maintenance window, None if no window is recorded. See is_open()."""
    return annotations_of(deployment).get(constants.READ_ONLY_SINCE) or None


def read_only_storage_id(deployment: Object | None) -> str | None:
    """The storage ID that the registry had when its maintenance window was opened, None if none is recorded."""
    return annotations_of(deployment).get(constants.READ_ONLY_STORAGE_ID) or None


def is_open(deployment: Object | None) -> bool:
    """True if the Deployment's Pods are read-only for a maintenance window. The record stays longer, until writable Pods serve."""
    template = spec_of(deployment).get("template")
    return constants.READ_ONLY_LABEL.items() <= labels_of(template).items()


def rejects_pushes_since(deployment: Object | None) -> str | None:
    """read_only_since() of a window that is open; None if the record of a switch that a killed run has not completed is all that is left."""
    return read_only_since(deployment) if is_open(deployment) else None


def open_document(owned: Object, now: datetime, storage_id: str | None) -> ObjectDict:
    """What opens the window if it is applied. owned: what our field manager owns of the Deployment. storage_id: of the registry."""
    document = _with_template(
        owned, constants.READ_ONLY_LABEL, [{"name": READ_ONLY_VARIABLE, "value": env_value(READ_ONLY)}]
    )
    record = {constants.READ_ONLY_SINCE: time_text(now), constants.READ_ONLY_STORAGE_ID: storage_id}
    return _with_record(document, record)


def closed_document(owned: Object) -> ObjectDict:
    """What the Deployment was before the window. owned: as in open_document()."""
    return _with_record(_with_template(owned, {}, []), {})


def keep_record(wanted: ObjectDict, live: Object | None) -> ObjectDict:
    """The wanted Deployment with the record of `live`: the Pods that serve are read-only until the rollout is complete."""
    record = {name: annotations_of(live).get(name) for name in constants.WINDOW_RECORD}
    return _with_record(wanted, record) if any(record.values()) else wanted


def describe_unchanged(deployment: Object | None, *, written: bool) -> str:
    """What a message says of a registry that a run has not changed, although an interrupted one has.

    written: whether the run can have written other objects.
    """
    text, since = "The storage was not switched" if written else "Nothing was changed", read_only_since(deployment)
    if since is None:
        return f"{text}."
    if not is_open(deployment):
        return f"{text}: {_incomplete_switch(deployment)} by an interrupted run."
    storage_id = read_only_storage_id(deployment)
    return (
        f"{text}: the registry is read-only since {since} because of an interrupted run. To make it writable again, "
        f"run the playbook kyma.docker_registry.site with the former storage{f', {storage_id}' if storage_id else ''}."
    )


def check_window(deployment: Object | None, now: datetime) -> list[Finding]:
    """A warning if the window is open, or its switch not completed, for so long that the run has probably ended."""
    since = read_only_since(deployment)
    if since is None or not is_older_than(since, LONGEST, now):
        return []
    if not is_open(deployment):
        text = f"{_incomplete_switch(deployment)}: the run that began it at {since} was interrupted."
        remedy = "Run the role again with the storage that the registry uses now."
        return [warning("switch-not-completed", f"Deployment/{constants.REGISTRY}", text, remedy)]
    text = (
        f"rejects pushes since {since}: a run that switches the storage ended before it closed its maintenance window."
    )
    remedy = "Run the role again. With the former storage, the run makes the registry writable again. With the new storage, the run completes the switch."
    return [warning("maintenance-window-open", f"Deployment/{constants.REGISTRY}", text, remedy)]


def _incomplete_switch(deployment: Object | None) -> str:
    storage_id = read_only_storage_id(deployment)
    return f"a switch{f' from {storage_id}' if storage_id else ''} was not completed"


def _with_record(document: Object, record: Mapping[str, str | None]) -> ObjectDict:
    annotations = {key: value for key, value in annotations_of(document).items() if key not in constants.WINDOW_RECORD}
    annotations.update({name: value for name, value in record.items() if value})
    metadata = {key: value for key, value in document["metadata"].items() if key != "annotations"}
    return {**document, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}


def _with_template(document: Object, labels: Mapping[str, str], variables: list[ObjectDict]) -> ObjectDict:
    """The document whose Pods have these labels and variables of a window, and no others of one."""
    template = spec_of(document).get("template") or {}
    pod = spec_of(template)
    containers = pod.get("containers") or []
    if not any(item["name"] == constants.CONTAINER for item in containers):
        containers = [*containers, {"name": constants.CONTAINER}]
    # An overlay onto an operator's Deployment may have had nothing else: an empty list in it would claim the operator's.
    changed = [item for item in (_with_variables(item, variables) for item in containers) if len(item) > 1]
    kept = {key: value for key, value in labels_of(template).items() if key not in constants.READ_ONLY_LABEL}
    metadata = _without_empty({**(template.get("metadata") or {}), "labels": {**kept, **labels}})
    filled = _without_empty({**template, "metadata": metadata, "spec": _without_empty({**pod, "containers": changed})})
    return _without_empty({**document, "spec": _without_empty({**spec_of(document), "template": filled})})


def _with_variables(container: ObjectDict, variables: list[ObjectDict]) -> ObjectDict:
    if container["name"] != constants.CONTAINER:
        return container
    kept = [item for item in container.get("env") or [] if item["name"] != READ_ONLY_VARIABLE]
    changed = {**container, "env": [*kept, *variables]}
    return changed if changed["env"] else {key: value for key, value in changed.items() if key != "env"}


def _without_empty(value: Mapping[str, Any]) -> ObjectDict:
    """Without the parts that a window adds and that are empty without it."""
    return {key: item for key, item in value.items() if item or key not in _PARTS}
