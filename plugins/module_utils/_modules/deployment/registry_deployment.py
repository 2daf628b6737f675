# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Body of registry_deployment: options and the order of its steps."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    annotations_of,
    is_managed,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION, is_verified
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.compatibility import supported_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import (
    guard_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.judged_objects import (
    require_planned_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.maintenance_window import (
    clear_record,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    NOT_SWITCHED,
    describe_unchanged,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import PLAN_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LEASE_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import deploy
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import check_ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import (
    note_creation,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import (
    ResolvedStore,
    resolve_store,
)
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

from . import confirmation, removal, restore, storage_switch
from .comparison import PREFLIGHT_POLICY, Live, is_deployment_current, read_objects
from .object_apply import apply_objects, delete_tampered, prune_objects, with_deployed_objects
from .options import DeploymentOptions, check_shape
from .preflight.decision import FINGERPRINT_ANNOTATION, is_store_verified, preflight_changes, storage_path
from .preflight.operator_preflight import is_deployed_by_operator, preflight_with_operator, remove_left_preflight
from .preflight.run_preflight import remove_preflight
from .previous_deployment import read_previous_deployment, record_previous, record_verified
from .revision import Revision, build_revision
from .rollout_report import await_rollout, report_addresses, report_current
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
            "revision": {"type": "str"},
            "login_fingerprint": {"type": "str", "default": ""},
            "failed_with": {"type": "list", "elements": "str"},
            "values_restored": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
        },
    )
    .merged(SOURCES)
    .merged(LEASE_SPEC)
    .merged(PLAN_SPEC)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_deployment(context: Context[DeploymentOptions]) -> None:
    """Deploys the registry's objects, tests their storage in a preflight, confirms, restores or removes them (see the module's documentation)."""
    without_objects = {
        "absent": removal.remove_registry,
        "confirmed": _confirm,
        "restored": restore.restore_deployment,
        "released": _release_lease,
    }
    if context.options.state in without_objects:
        without_objects[context.options.state](context)
        return
    require_planned_state(context)
    objects = _read_objects(context)
    resolved, resolved_store = _resolve_storage(context)
    if context.options.mode == "direct":
        _manage_direct(context, objects, resolved, resolved_store.store)
    elif context.options.state == "present":
        remove_left_preflight(context)
        deploy.deploy_with_operator(context, resolved, resolved_store)
        report_addresses(context)
    elif not (_may_be_current(context) and is_deployed_by_operator(context, resolved, resolved_store)):
        preflight_with_operator(context, resolved, resolved_store)


def _read_objects(context: Context[DeploymentOptions]) -> list[dict[str, Any]]:
    """The objects of the caller, in the order of the catalog and as the cluster knows them. Reports what is wrong with them."""
    options = context.options
    context.require(check_shape(options.objects, for_preflight=options.state == "preflight"))
    objects = object_catalog.sort_objects(options.objects)
    if options.mode == "operator":
        return objects
    context.require(object_catalog.check_objects(objects, options.namespace))
    return [supported_object(context.cluster, item) for item in objects]


def _resolve_storage(context: Context[DeploymentOptions]) -> tuple[spec.Resolved, ResolvedStore]:
    """The storage and its store. What a plan holds was validated. Its Secret may have changed since: not to another storage ID."""
    resolved, found = spec.check_storage(context.options.storage, storage_path(context))
    if context.plan is None:
        context.require(found)
    if resolved is None:
        raise Refusal(found)
    values = read_given_values(context, read_pasted_secret(context))
    resolved_store = resolve_store(context, resolved, values, context.options.namespace)
    if context.plan is not None:
        context.require(
            context.plan.check_storage_id(resolved_store.store.storage_id, f"Secret/{resolved.secret_name}")
        )
    return resolved, resolved_store


def _manage_direct(
    context: Context[DeploymentOptions], objects: list[dict[str, Any]], resolved: spec.Resolved, store: Store
) -> None:
    wanted = {object_catalog.object_key(item): item for item in objects}
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, context.options.namespace)
    fingerprint = compute_fingerprint(store, private)
    if fingerprint is not None:
        template = wanted[object_catalog.DEPLOYMENT]["spec"]["template"]
        template["metadata"]["annotations"] = {**annotations_of(template), FINGERPRINT_ANNOTATION: fingerprint}
    if context.options.state == "present":
        _deploy(context, wanted, private, resolved, store)
    elif not (_may_be_current(context) and _is_current(context, dict(wanted), private, store)):
        preflight_changes(context, wanted, store, fingerprint, private)


def _may_be_current(context: Context[DeploymentOptions]) -> bool:
    """Whether the plan says that no other module has something to write, so that the registry can be as it is wanted already."""
    return context.plan is not None and not any(asdict(context.plan.differs).values())


def _is_current(
    context: Context[DeploymentOptions],
    wanted: dict[object_catalog.ObjectKey, dict[str, Any]],
    private: dict[str, Any] | None,
    store: Store,
) -> bool:
    """Compares everything in direct mode. If nothing differs, the result is that of a deployment."""
    context.result["preflight_run"] = False
    revision = _name_by_content(context, wanted, private, store, planned=True)
    live = read_objects(context, [*_live_keys(revision), PREFLIGHT_POLICY], context.options.namespace)
    return _has_nothing_to_do(context, _applied_objects(revision, wanted), live, store)


def _has_nothing_to_do(
    context: Context[DeploymentOptions], applied: list[dict[str, Any]], live: Live, store: Store
) -> bool:
    """True if a deployment would write nothing and wait for nothing. Then its result is there."""
    if not _may_be_current(context) or not is_deployment_current(applied, live, store.storage_id):
        return False
    deployment = next(item for item in applied if object_catalog.object_key(item) == object_catalog.DEPLOYMENT)
    keep_replicas(context, deployment, live[object_catalog.DEPLOYMENT])
    report_current(context)
    return True


def _confirm(context: Context[DeploymentOptions]) -> None:
    """Confirms the revision that was verified."""
    confirmation.confirm_deployment(context, context.options.revision)


def _release_lease(context: Context[DeploymentOptions]) -> None:
    """The last task of a role run that has changed something: other runs may write now."""
    if not context.check_mode:
        context.lease.end_run()


def _deploy(
    context: Context[DeploymentOptions],
    wanted: dict[object_catalog.ObjectKey, dict[str, Any]],
    private: dict[str, Any] | None,
    resolved: spec.Resolved,
    store: Store,
) -> None:
    namespace = context.options.namespace
    revision = _name_by_content(context, wanted, private, store, planned=context.check_mode)
    deployment = wanted[object_catalog.DEPLOYMENT]
    if context.check_mode and context.cluster.get("Namespace", namespace) is None:
        for item in _applied_objects(revision, wanted):
            note_creation(context, item)
        return
    live = read_objects(context, [*_live_keys(revision), PREFLIGHT_POLICY], namespace)
    for key, current in live.items():
        if key != PREFLIGHT_POLICY:
            context.require(check_ownership(current))
    context.report(_guard(context, live, store))
    _remove_left_preflight(context, live)
    if _has_nothing_to_do(context, _applied_objects(revision, wanted), live, store):
        return
    former = live[object_catalog.DEPLOYMENT]
    if former is not None:
        live[object_catalog.DEPLOYMENT] = record_previous(context, former, deployment)
    judge = functools.partial(_guard, context, live, store, in_window=True)
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
            record_verified(context, deployed)
            prune_objects(context, wanted, live)
        previous = read_previous_deployment(live[object_catalog.DEPLOYMENT])
        verified = confirmed or is_store_verified(store, deployment, previous)
        deployed_revision = annotations_of(deployed).get(REVISION)
        context.result.update({"confirmed": confirmed, "storage_verified": verified, "revision": deployed_revision})
    report_addresses(context)


def _remove_left_preflight(
    context: Context[DeploymentOptions], live: dict[object_catalog.ObjectKey, dict[str, Any] | None]
) -> None:
    """Removes what an interrupted run has left of its preflight. A run without a preflight finds it here."""
    if context.check_mode or not is_managed(live[PREFLIGHT_POLICY]):
        return
    namespace = context.options.namespace
    remove_preflight(context, namespace)
    live[PREFLIGHT_POLICY] = None
    account = object_catalog.SERVICE_ACCOUNT
    live[account] = context.cluster.get(*account, namespace)


def _name_by_content(
    context: Context[DeploymentOptions],
    wanted: dict[object_catalog.ObjectKey, dict[str, Any]],
    private: dict[str, Any] | None,
    store: Store,
    *,
    planned: bool,
) -> Revision:
    """The objects of the revision, which replace the ConfigMap among the wanted objects. The wanted Deployment names them."""
    config_map = wanted.pop(object_catalog.CONFIG_MAP, None)
    deployment, namespace = wanted[object_catalog.DEPLOYMENT], context.options.namespace
    revision = build_revision(deployment, config_map, private, store.secret, namespace, planned=planned)
    deployment = _with_storage(revision.named_by(deployment), context.options.storage, store.storage_type)
    wanted[object_catalog.DEPLOYMENT] = with_deployed_objects(deployment, wanted)
    return revision


def _live_keys(revision: Revision) -> list[object_catalog.ObjectKey]:
    """The objects that a deployment reads: those of the catalog and of the revision."""
    keys = [key for key in object_catalog.CATALOG if key not in object_catalog.OPERATOR_ONLY]
    return [*keys, *map(object_catalog.object_key, revision.objects())]


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
    context: Context[DeploymentOptions],
    live: Mapping[object_catalog.ObjectKey, dict[str, Any] | None],
    store: Store,
    *,
    in_window: bool = False,
) -> list[Finding]:
    return guard_images(
        context,
        namespace=context.options.namespace,
        new_storage_id=store.storage_id,
        deployment=live[object_catalog.DEPLOYMENT],
        default_claim=live[("PersistentVolumeClaim", constants.DEFAULT_CLAIM)],
        consent=context.options.accept_data_loss,
        registry_name=context.options.name,
        path="objects" if context.plan is None else context.plan.storage_path,
        outcome=NOT_SWITCHED if in_window else describe_unchanged(live[object_catalog.DEPLOYMENT], written=True),
        in_window=in_window,
    )
