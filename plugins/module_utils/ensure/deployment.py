# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of registry_deployment: the registry's objects applied in one go, pruned, rolled out, and told in the CR's status."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.arguments import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.rollout import wait_rollout
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure import catalogue, removal, status
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.guard import abandoned_claim, guard, holder_of
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.ownership import foreign, operator_findings
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import Context

SPEC = Spec(
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "default": names.CR_NAME},
        "namespace": {"type": "str", "default": names.CR_NAMESPACE},
        "objects": {"type": "list", "elements": "dict", "default": []},
        "route": {"type": "str"},
        "delete_enabled": {"type": "bool", "default": False},
        "accept_data_loss": {"type": "str", "default": ""},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 300},
    },
    required_if=[("state", "present", ("objects", "route"))],
).merged(Spec(CONNECTION_SPEC))


def run(context: Context) -> None:
    """Makes the registry's objects true, or removes them (see the module's documentation)."""
    if context.params["state"] == "absent":
        removal.run(context)
        return
    namespace = context.params["namespace"]
    objects = catalogue.ordered(context.params["objects"])
    context.report(catalogue.findings(objects, namespace))
    wanted = {catalogue.key(item): item for item in objects}
    deployment = wanted[("Deployment", names.REGISTRY)]
    if context.check_mode and context.cluster.get("Namespace", namespace) is None:
        for item in objects:
            context.change(catalogue.title(item), {}, catalogue.visible(item))
        return
    live = {place: context.cluster.get(*place, namespace) for place in catalogue.CATALOGUE}
    _check(context, live, deployment)
    _apply(context, objects, live)
    _prune(context, wanted, live)
    if context.check_mode:
        return
    _settle(context, deployment)


def _check(context: Context, live: dict[catalogue.Place, dict[str, Any] | None], deployment: dict[str, Any]) -> None:
    namespace = context.params["namespace"]
    there = live[("Deployment", names.REGISTRY)]
    context.report(operator_findings(there))
    for item in live.values():
        context.report(foreign(item))
    context.report(
        guard(
            context,
            namespace=namespace,
            wanted=str(holder_of(deployment)),
            deployment=there,
            left=abandoned_claim(live[("PersistentVolumeClaim", names.DEFAULT_CLAIM)]),
            accept=context.params["accept_data_loss"],
            path="objects",
        )
    )


def _apply(context: Context, objects: list[dict[str, Any]], live: dict[catalogue.Place, dict[str, Any] | None]) -> None:
    for item in objects:
        before = live[catalogue.key(item)]
        applied = context.cluster.apply(item, dry_run=context.check_mode, live=before)
        if applied.changed:
            context.change(catalogue.title(item), catalogue.visible(before), catalogue.visible(applied.after))


def _prune(
    context: Context, wanted: dict[catalogue.Place, Any], live: dict[catalogue.Place, dict[str, Any] | None]
) -> None:
    """Removes objects of the catalogue that are ours and no longer wanted. A volume's claim is never among them."""
    for place, item in live.items():
        if item is None or place in wanted or place[0] in catalogue.KEPT or not names.is_managed(item):
            continue
        removal.delete(context, item)


def _settle(context: Context, deployment: dict[str, Any]) -> None:
    """Waits for the rollout and writes what came of it into the CR's status."""
    params = context.params
    namespace = params["namespace"]
    problem: Refusal | None = None
    if params["wait"]:
        try:
            wait_rollout(context.cluster, namespace, names.REGISTRY, params["wait_timeout"])
        except Refusal as refusal:
            problem = refusal
    cr = context.cluster.get("DockerRegistry", params["name"], namespace)
    if cr is not None and (params["wait"] or problem):
        status.write(context, cr, _outcome(context, deployment, problem))
    elif cr is None:
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


def _outcome(context: Context, deployment: dict[str, Any], problem: Refusal | None) -> status.Outcome:
    service = context.cluster.get("Service", names.REGISTRY, context.params["namespace"])
    ports = ((service or {}).get("spec") or {}).get("ports") or []
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in deployment["spec"]["template"]["spec"].get("volumes") or []
        if volume["name"] == names.DATA_VOLUME and "persistentVolumeClaim" in volume
    ]
    return status.Outcome(
        route=context.params["route"],
        claim=claims[0] if claims else None,
        delete_enabled=context.params["delete_enabled"],
        node_port=next((port.get("nodePort") for port in ports if port.get("port") == names.API_PORT), None),
        problem=problem.findings[0].message if problem else "",
    )
