# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_deployment: options and the order of its steps."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    annotations_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_verified
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.compatibility import supported_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import (
    guard_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    clear_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    describe_unchanged,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LEASE_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import deploy
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import check_ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import (
    note_creation,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import resolve_store
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import (
    SOURCES,
    read_given_values,
    read_pasted_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.store_fingerprint import (
    compute_fingerprint,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import confirmation, object_shape, removal, restore, storage_switch
from .object_apply import apply_objects, delete_tampered, prune_objects, with_deployed_objects
from .preflight.decision import FINGERPRINT_ANNOTATION, is_store_verified, preflight_changes
from .preflight.operator_preflight import preflight_with_operator
from .previous_deployment import read_previous_deployment, record_previous
from .revision import Revision, build_revision
from .rollout_report import await_rollout, report_addresses
from .scaling import keep_replicas

SPEC = (
    Spec(
        {
            "state": {
                "type": "str",
                "choices": ["present", "preflight", "confirmed", "restored", "absent", "released"],
                "default": "present",
            },
            "name": {"type": "str", "default": constants.CR_NAME},
            "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
            "objects": {"type": "list", "elements": "dict", "default": []},
            "storage": {"type": "raw"},
            "driver_parameters": {"type": "dict", "default": {}},
            "accept_data_loss": {"type": "str", "default": ""},
            "mode": {"type": "str", "choices": ["direct", "operator"], "default": "direct"},
            "operator_version": {"type": "str"},
            "storage_lock": {"type": "bool", "default": True},
            "ca_bundle": {"type": "raw"},
            "environment": {"type": "dict", "default": {}},
            "failed_with": {"type": "list", "elements": "str"},
            "values_restored": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
        },
    )
    .merged(SOURCES)
    .merged(LEASE_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_deployment(context: Context) -> None:
    """Deploys the registry's objects, tests their storage in a preflight, confirms, restores or removes them (see the module's documentation)."""
    without_objects = {
        "absent": removal.remove_registry,
        "confirmed": confirmation.confirm_deployment,
        "restored": restore.restore_deployment,
        "released": _release_lease,
    }
    if context.params["state"] in without_objects:
        without_objects[context.params["state"]](context)
        return
    namespace = context.params["namespace"]
    operator_mode = context.params["mode"] == "operator"
    context.report(
        object_shape.check_shape(context.params["objects"], for_preflight=context.params["state"] == "preflight")
    )
    objects = object_catalog.sort_objects(context.params["objects"])
    if not operator_mode:
        context.report(object_catalog.check_objects(objects, namespace))
        objects = [supported_object(context.cluster, item) for item in objects]
    resolved, found = spec.check_storage(context.params["storage"], "storage")
    context.report(found)
    if resolved is None:
        raise Refusal(found)
    resolved_store = resolve_store(
        context, resolved, read_given_values(context, read_pasted_secret(context)), namespace
    )
    if operator_mode and context.params["state"] == "preflight":
        preflight_with_operator(context, resolved, resolved_store)
        return
    if operator_mode:
        deploy.deploy_with_operator(context, resolved, resolved_store)
        report_addresses(context)
        return
    store = resolved_store.store
    wanted = {object_catalog.object_key(item): item for item in objects}
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace)
    fingerprint = compute_fingerprint(store, private)
    if fingerprint is not None:
        template = wanted[object_catalog.DEPLOYMENT]["spec"]["template"]
        template["metadata"]["annotations"] = {**annotations_of(template), FINGERPRINT_ANNOTATION: fingerprint}
    if context.params["state"] == "preflight":
        preflight_changes(context, wanted, store, fingerprint, private)
        return
    _deploy(context, wanted, private, resolved, store)


def _release_lease(context: Context) -> None:
    """The last task of a role run that has changed something: other runs may write now."""
    if not context.check_mode:
        context.lease.end_run()


def _deploy(
    context: Context,
    wanted: dict[object_catalog.ObjectKey, dict[str, Any]],
    private: dict[str, Any] | None,
    resolved: spec.Resolved,
    store: Store,
) -> None:
    namespace = context.params["namespace"]
    deployment, config_map = wanted[object_catalog.DEPLOYMENT], wanted.pop(object_catalog.CONFIG_MAP, None)
    revision = build_revision(deployment, config_map, private, store.secret, namespace, planned=context.check_mode)
    deployment = _with_storage(revision.named_by(deployment), context.params["storage"], store.storage_type)
    deployment = with_deployed_objects(deployment, wanted)
    wanted[object_catalog.DEPLOYMENT] = deployment
    if context.check_mode and context.cluster.get("Namespace", namespace) is None:
        for item in _applied_objects(revision, wanted):
            note_creation(context, item)
        return
    keys = [key for key in object_catalog.CATALOG if key not in object_catalog.OPERATOR_ONLY]
    keys.extend(map(object_catalog.object_key, revision.objects()))
    live = {key: context.cluster.get(*key, namespace) for key in keys}
    for current in live.values():
        context.report(check_ownership(current))
    context.report(_guard(context, live, store))
    former = live[object_catalog.DEPLOYMENT]
    if former is not None:
        live[object_catalog.DEPLOYMENT] = record_previous(context, former, deployment)
    judge = functools.partial(_guard, context, live, store, outcome="The storage was not switched.")
    window = storage_switch.switch_window(context, live[object_catalog.DEPLOYMENT], deployment, store.storage_id, judge)
    with window as (read_only, applied):
        live[object_catalog.DEPLOYMENT], wanted[object_catalog.DEPLOYMENT] = read_only, applied
        delete_tampered(context, revision.objects(), live)
        apply_objects(context, _applied_objects(revision, wanted), live)
        keep_replicas(context, deployment, former)
    if context.check_mode:
        prune_objects(context, wanted, live)
        return
    deployed = await_rollout(context, resolved, store)
    if deployed is not None:
        clear_record(context, deployed)
        confirmed = is_verified(deployed)
        if confirmed:
            prune_objects(context, wanted, live)
        previous = read_previous_deployment(live[object_catalog.DEPLOYMENT])
        verified = confirmed or is_store_verified(store, deployment, previous)
        context.result.update({"confirmed": confirmed, "storage_verified": verified})
    report_addresses(context)


def _with_storage(deployment: dict[str, Any], storage: Any, storage_type: str) -> dict[str, Any]:
    """The Deployment with a record of the spec.storage that it is made for."""
    recorded = {
        constants.REQUESTED_STORAGE: json.dumps(storage, sort_keys=True),
        constants.STORAGE_TYPE: storage_type,
    }
    metadata = {**deployment["metadata"], "annotations": {**annotations_of(deployment), **recorded}}
    return {**deployment, "metadata": metadata}


def _applied_objects(
    revision: Revision, wanted: Mapping[object_catalog.ObjectKey, dict[str, Any]]
) -> list[dict[str, Any]]:
    return [*revision.objects(), *object_catalog.sort_objects(wanted.values())]


def _guard(
    context: Context,
    live: Mapping[object_catalog.ObjectKey, dict[str, Any] | None],
    store: Store,
    outcome: str | None = None,
) -> list[Finding]:
    return guard_images(
        context,
        namespace=context.params["namespace"],
        new_storage_id=store.storage_id,
        deployment=live[object_catalog.DEPLOYMENT],
        default_claim=live[("PersistentVolumeClaim", constants.DEFAULT_CLAIM)],
        consent=context.params["accept_data_loss"],
        registry_name=context.params["name"],
        path="objects",
        outcome=outcome or describe_unchanged(live[object_catalog.DEPLOYMENT], written=True),
    )
