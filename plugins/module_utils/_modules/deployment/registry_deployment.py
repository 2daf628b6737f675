# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of registry_deployment: the registry's objects applied in one go, pruned, rolled out, and told in the CR's status."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_managed,
    secret_object,
    secret_text,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Conflict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.guard import (
    abandoned_claim,
    guard,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import deploy
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import foreign
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    node_port,
    object_catalog,
    resolve_store,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import (
    apply_object,
    delete_object,
    note_creation,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import (
    SOURCES,
    given,
    pasted,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import CA_CHECKSUM
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import first_cause
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import object_shape, preflight, removal, status

SPEC = (
    Spec(
        {
            "state": {"type": "str", "choices": ["present", "preflight", "absent"], "default": "present"},
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
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
        },
    )
    .merged(SOURCES)
    .merged(Spec(CONNECTION_SPEC))
)
_DEPLOYMENT = ("Deployment", constants.REGISTRY)
# On the Pod template: a changed store or credential rolls the Pods.
_STORE = f"{constants.PREFIX}/store-fingerprint"


def run(context: Context) -> None:
    """Makes the registry's objects true, tries their storage, or removes them (see the module's documentation)."""
    if context.params["state"] == "absent":
        removal.run(context)
        return
    namespace = context.params["namespace"]
    operator_mode = context.params["mode"] == "operator"
    context.report(object_shape.findings(context.params["objects"], tried=context.params["state"] == "preflight"))
    objects = object_catalog.ordered(context.params["objects"])
    if not operator_mode:
        context.report(object_catalog.findings(objects, namespace))
    resolved, found = spec.check(context.params["storage"], "storage")
    context.report(found)
    if resolved is None:
        raise Refusal(found)
    resolved_store = resolve_store.resolve(context, resolved, given(context, pasted(context)), namespace)
    if operator_mode:
        deploy.run(context, resolved, resolved_store)
        _addresses(context)
        return
    store = resolved_store.store
    wanted = {object_catalog.key(item): item for item in objects}
    mark = resolve_store.fingerprint(store, context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace))
    if mark is not None:
        metadata = wanted[_DEPLOYMENT]["spec"]["template"]["metadata"]
        metadata["annotations"] = {**(metadata.get("annotations") or {}), _STORE: mark}
    if context.params["state"] == "preflight":
        _preflight(context, wanted, store, mark)
        return
    _present(context, wanted, resolved, store)


def _preflight(
    context: Context, wanted: dict[object_catalog.Place, dict[str, Any]], store: Store, mark: str | None
) -> None:
    """Tries the store, unless the running registry uses exactly this one already."""
    namespace, deployment = context.params["namespace"], wanted[_DEPLOYMENT]
    live = context.cluster.get(*_DEPLOYMENT, namespace)
    context.result["tried"] = False
    if not context.check_mode:
        preflight.clean(context, namespace)
    if live is not None and mark is not None and _preflight_inputs(live) == _preflight_inputs(deployment):
        return
    if context.check_mode:
        text = "in check mode the new storage is not tried: that would need a Pod."
        context.report([Finding("preflight-skipped", "info", f"Pod/{constants.PREFLIGHT}", text)])
        return
    account = wanted.get(("ServiceAccount", constants.REGISTRY))
    if account is not None:
        # The preflight Pod needs the account under its own name: the cloud's identity is bound to that.
        there = context.cluster.get("ServiceAccount", constants.REGISTRY, namespace)
        context.report(foreign(there))
        context.cluster.apply(account, live=there)
    path = "registry_manifest.spec.storage" if context.params["manifest"] else "registry_storage"
    preflight.run(context, deployment, store, path)
    context.result["tried"] = True


def _preflight_inputs(deployment: dict[str, Any]) -> tuple[Any, ...]:
    """What a trial's outcome depends on: the store with its credentials, image, environment and trust."""
    template = deployment["spec"]["template"]
    container: dict[str, Any] = next(
        (item for item in template["spec"]["containers"] if item["name"] == constants.CONTAINER), {}
    )
    plain = {item["name"]: item.get("value") for item in container.get("env") or []}
    annotations = template["metadata"].get("annotations") or {}
    return annotations.get(_STORE), annotations.get(CA_CHECKSUM), container.get("image"), plain


def _present(
    context: Context, wanted: dict[object_catalog.Place, dict[str, Any]], resolved: spec.Resolved, store: Store
) -> None:
    namespace = context.params["namespace"]
    if store.secret:
        wanted[("Secret", constants.STORAGE_SECRET)] = secret_object(constants.STORAGE_SECRET, namespace, store.secret)
    objects = object_catalog.ordered(wanted.values())
    if context.check_mode and context.cluster.get("Namespace", namespace) is None:
        for item in objects:
            note_creation(context, item)
        return
    live = {place: context.cluster.get(*place, namespace) for place in object_catalog.CATALOGUE}
    _check(context, live, store)
    _apply(context, objects, live)
    _prune(context, wanted, live)
    if context.check_mode:
        return
    _wait_and_report(context, resolved, store)
    _addresses(context)


def _check(context: Context, live: dict[object_catalog.Place, dict[str, Any] | None], store: Store) -> None:
    namespace = context.params["namespace"]
    there = live[_DEPLOYMENT]
    for item in live.values():
        context.report(foreign(item))
    context.report(
        guard(
            context,
            namespace=namespace,
            wanted=store.storage_id,
            deployment=there,
            left=abandoned_claim(live[("PersistentVolumeClaim", constants.DEFAULT_CLAIM)]),
            accept=context.params["accept_data_loss"],
            path="objects",
        )
    )


def _apply(
    context: Context, objects: list[dict[str, Any]], live: dict[object_catalog.Place, dict[str, Any] | None]
) -> None:
    for item in objects:
        there = live[object_catalog.key(item)]
        try:
            apply_object(context, item, there)
        except Conflict as conflict:
            context.report([_taken_back(item, conflict)])
            apply_object(context, item, there, force=True)
        except ClusterError as problem:
            if not (context.check_mode and there is None and node_port.is_taken(problem)):
                raise
            # Somebody got the port since it was chosen; a run that is none of check mode takes another then.
            note_creation(context, item)


def _taken_back(item: dict[str, Any], conflict: Conflict) -> Finding:
    """Who changed which fields of an object that is ours: a registry that drifts is set right, and nobody is surprised."""
    reported = conflict.findings[0].message.rstrip(".")
    return warning("drift-corrected", object_catalog.title(item), f"{reported}; they are set as the role wants them.")


def _prune(
    context: Context, wanted: dict[object_catalog.Place, Any], live: dict[object_catalog.Place, dict[str, Any] | None]
) -> None:
    """Removes objects of the catalogue that are ours and no longer wanted. A volume's claim is never among them."""
    for place, item in live.items():
        if item is None or place in wanted or place[0] in object_catalog.KEPT or not is_managed(item):
            continue
        delete_object(context, item)


def _wait_and_report(context: Context, resolved: spec.Resolved, store: Store) -> None:
    """Waits for the rollout and writes what came of it into the CR's status."""
    params = context.params
    namespace = params["namespace"]
    problem: Refusal | None = None
    if params["wait"]:
        try:
            wait_rollout(
                context.cluster,
                namespace,
                constants.REGISTRY,
                params["wait_timeout"],
                explain_log=first_cause,
                awaiting=context.awaiting,
            )
        except Refusal as refusal:
            problem = refusal
    document = context.cluster.get("DockerRegistry", params["name"], namespace)
    if document is not None and (params["wait"] or problem):
        status.write(context, document, _outcome(context, resolved, store, problem))
    elif document is None:
        context.report(
            [
                error(
                    "cr-missing",
                    f"DockerRegistry/{params['name']}",
                    "does not exist.",
                    "Run docker_registry_storage first.",
                )
            ]
        )
    if problem:
        raise problem


def _outcome(context: Context, resolved: spec.Resolved, store: Store, problem: Refusal | None) -> status.Result:
    service = context.cluster.get("Service", constants.REGISTRY, context.params["namespace"])
    ports = ((service or {}).get("spec") or {}).get("ports") or []
    return status.Result(
        storage_type=store.storage_type,
        claim=store.claim,
        delete_enabled=resolved.delete_enabled,
        node_port=next((port.get("nodePort") for port in ports if port.get("port") == constants.API_PORT), None),
        # It stands in the cluster then, for whoever may read a DockerRegistry.
        problem=str(context.secrets.mask(problem.findings[0].message)) if problem else "",
    )


def _addresses(context: Context) -> None:
    """How clients reach the registry, as its credentials Secret says."""
    secret = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, context.params["namespace"])
    context.result["push_address"] = secret_text(secret, "pushRegAddr")
    context.result["pull_address"] = secret_text(secret, "pullRegAddr")
