# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects on which a plan rests: what is judged of each, and whether they are still the same when a run begins to write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    is_being_deleted,
    is_managed,
    metadata_of,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import JudgedObject
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.stored_spec import normalize_spec

from .storage_ids import storage_id_of
from .window_document import read_only_since

_DIGITS = 12
NAMESPACE, DOCKER_REGISTRY = "Namespace", "DockerRegistry"
_CLAIM, _DEPLOYMENT = "PersistentVolumeClaim", "Deployment"


def judge_namespace(name: str, live: Object | None) -> JudgedObject:
    """A namespace that was absent may have been created since."""
    return _judged(NAMESPACE, name, live, {}, {})


def judge_registry(name: str, live: Object | None, wanted: Mapping[str, Any] | None = None) -> JudgedObject:
    """The DockerRegistry by its spec. wanted: the spec that the run will write. The operator writes the status at any time."""
    return _judged(
        DOCKER_REGISTRY, name, live, normalize_spec(spec_of(live)), None if wanted is None else normalize_spec(wanted)
    )


def judge_deployment(live: Object | None, storage_id: str | None = None, *, managed: bool = False) -> JudgedObject:
    """The Deployment by who owns it, where it keeps the images, and whether it is read-only. storage_id, managed: as the run will leave it."""
    content = [is_managed(live), storage_id_of(live), read_only_since(live)]
    wanted = None if storage_id is None else [managed, storage_id, None]
    return _judged(_DEPLOYMENT, constants.REGISTRY, live, content, wanted)


def judge_claim(name: str, live: Object | None, wanted: Mapping[str, Any] | None = None) -> JudgedObject:
    """A claim by its access modes and size. wanted: the spec that the run will apply. Its class cannot change."""
    return _judged(_CLAIM, name, live, _volume(spec_of(live)), _volume(wanted) if wanted else None)


def require_planned_state(context: Context[Options]) -> None:
    """Reports objects that changed since the plan was made (plan-outdated), if the task begins to write and was given a plan.

    Called at the beginning of a body, which starts again after it has taken the Lease.
    """
    if context.plan is None or not context.under_new_lease:
        return
    namespace, current = context.options.namespace, {}
    for planned in context.plan.objects:
        place = None if planned.kind == NAMESPACE else namespace
        live = context.cluster.get(planned.kind, planned.name, place)
        current[planned.kind, planned.name] = _judge(planned, live)
    context.require(context.plan.check_objects(current))


def _judge(planned: JudgedObject, live: Object | None) -> JudgedObject:
    if planned.kind == NAMESPACE:
        return judge_namespace(planned.name, live)
    if planned.kind == DOCKER_REGISTRY:
        return judge_registry(planned.name, live)
    return judge_deployment(live) if planned.kind == _DEPLOYMENT else judge_claim(planned.name, live)


def _judged(kind: str, name: str, live: Object | None, content: Any, wanted: Any) -> JudgedObject:
    hashed = "" if wanted is None else _hash([wanted, False])
    if live is None:
        return JudgedObject(kind, name, "", "", hashed)
    return JudgedObject(kind, name, str(metadata_of(live)["uid"]), _hash([content, is_being_deleted(live)]), hashed)


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def _volume(spec: Mapping[str, Any]) -> list[Any]:
    return [list(spec.get("accessModes") or ()), ((spec.get("resources") or {}).get("requests") or {}).get("storage")]
