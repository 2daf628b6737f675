# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_deployment with state `restored`: the last verified Deployment is used again after a failure that its change can have caused."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    annotations_of,
    is_managed,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION, claim_names
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    clear_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.way_back import keeps_images
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    is_open,
    keep_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.former_cr import restore_cr
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.restore import (
    restore_failure,
    restore_with_operator,
    restored_warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.restore_causes import (
    can_be_due_to_revision,
    is_due_to_other_run,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    is_revision_object,
    list_revision_objects,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec

from . import previous_deployment
from .confirmation import confirm_deployment
from .options import DeploymentOptions
from .references import referenced_names
from .rollout_report import DeployedStorage, report_status, wait_for_pods
from .scaling import restore_replicas

_PATH = f"Deployment/{constants.REGISTRY}"


def restore_deployment(context: Context[DeploymentOptions]) -> None:
    """Restores the last verified Deployment and waits for it.

    The result `restored` is False if the failure has another cause and the registry is not left read-only, if the current revision is verified, or
    if no other was: a first deployment stays for inspection. The DockerRegistry gets the spec.storage that the verified Deployment was made for,
    also if that was not changed. The result `storage_secret` names the Secret of the storage that is in use as before, and `storage_restored` says
    whether that is another one than the failed run used.
    Raises Refusal (restore-failed, restore-not-confirmed) if the restored Deployment does not become ready, or if that cannot be seen; nothing is
    tried after that.
    """
    options, namespace = context.options, context.options.namespace
    codes = options.failed_with
    due_to_revision = codes is None or can_be_due_to_revision(codes)
    context.result.update({"restored": False, "due_to_revision": due_to_revision})
    if context.check_mode or is_due_to_other_run(codes or ()):
        return
    if options.mode == "operator":
        restore_with_operator(context, codes, due_to_revision)
        return
    live = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if live is None or not is_managed(live):
        return
    if previous_deployment.is_last_verified(live):
        _undo_request(context, live)
        return
    previous = previous_deployment.read_previous_deployment(live)
    if previous is None or not (due_to_revision or is_open(live)):
        return
    if not _has_its_objects(context, previous):
        return
    former_storage_id = storage_id_of(previous)
    switched = storage_id_of(live) != former_storage_id
    if not keeps_images(context, live, former_storage_id):
        return
    previous, live = restore_replicas(context, previous, live)
    apply_object(context, keep_record(previous, live), live, force=True)
    try:
        deployed = wait_for_pods(context)
        clear_record(context, deployed)
    except Refusal as refusal:
        raise restore_failure(refusal) from None
    confirm_deployment(context, annotations_of(deployed).get(REVISION))
    previous_deployment.record_restored(context, codes or ())
    storage = json.loads(annotations_of(previous)[constants.REQUESTED_STORAGE])
    restore_cr(context, storage)
    report_status(context, _deployed_storage(previous, storage), None)
    context.result.update({"restored": True, **_storage_in_use(storage, restored=switched)})
    context.report([restored_warning(due_to_revision=due_to_revision)])


def _has_its_objects(context: Context[DeploymentOptions], previous: dict[str, Any]) -> bool:
    """Whether the objects of the former revision exist. Reports a warning (restore-at-risk) if they do not: its Pods could not start."""
    existing = {
        (item["kind"], item["metadata"]["name"])
        for item in list_revision_objects(context.cluster, context.options.namespace)
    }
    named = referenced_names(spec_of(spec_of(previous).get("template")))
    missing = [f"{kind}/{name}" for kind, name in sorted(named - existing) if is_revision_object(kind, name)]
    if missing:
        text = f"is not restored: the last verified Deployment uses {' and '.join(missing)}, which {'do' if missing[1:] else 'does'} not exist."
        context.report([warning("restore-at-risk", _PATH, text, "Correct the cause of the failure and run again.")])
    return not missing


def _undo_request(context: Context[DeploymentOptions], live: dict[str, Any]) -> None:
    """Writes the storage that the Deployment uses to the DockerRegistry, after a failure that did not change the Deployment."""
    storage = annotations_of(live).get(constants.REQUESTED_STORAGE)
    if storage is not None:
        restore_cr(context, json.loads(storage))
        context.result.update(_storage_in_use(json.loads(storage), restored=False))


def _storage_in_use(storage: Any, *, restored: bool) -> dict[str, Any]:
    """Of the result, for spec.storage that is in use as before."""
    resolved, _found = spec.check_storage(storage, "storage")
    return {"storage_secret": resolved.secret_name if resolved else None, "storage_restored": restored}


def _deployed_storage(deployment: dict[str, Any], storage: Any) -> DeployedStorage:
    resolved, _found = spec.check_storage(storage, "storage")
    return DeployedStorage(
        annotations_of(deployment)[constants.STORAGE_TYPE],
        next(iter(claim_names(deployment["spec"]["template"])), None),
        resolved is not None and resolved.delete_enabled,
    )
