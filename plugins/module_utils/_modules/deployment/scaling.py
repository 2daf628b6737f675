# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of replicas that an autoscaler or a user set: what a run does about it if the caller gives no number."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, replicas
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, ObjectDict, spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

from .options import DeploymentOptions
from .previous_deployment import previous_replicas

_PATH = f"Deployment/{constants.REGISTRY}"


def keep_replicas(context: Context[DeploymentOptions], wanted: Object, live: Object | None) -> None:
    """Reports who scales the registry if `wanted` has no number of replicas. A Deployment that was scaled to 0 gets one replica.

    live: as read before the apply.
    """
    if live is None or spec_of(wanted).get("replicas") is not None:
        return
    if replicas.number_of_replicas(live):
        context.report(replicas.check_replicas(live))
        return
    scalers = replicas.describe_scalers(live)
    text = f"had 0 replicas{f', which {scalers} set' if scalers else ''}. The role sets 1 replica, because a registry needs a Pod."
    context.report([warning("replicas-zero", _PATH, text, "Set registry_state to absent to remove the registry.")])
    if not context.check_mode:
        _scale(context, live, 1)
    context.change(f"{_PATH} (replicas)", {"replicas": 0}, {"replicas": 1})


def restore_replicas(
    context: Context[DeploymentOptions], previous: ObjectDict, live: ObjectDict
) -> tuple[ObjectDict, ObjectDict]:
    """The former Deployment in the form that is applied, and the present one in its state at that time.

    The former number of replicas counts only if the failed run has set the present one, or if the former volume can be mounted by one node
    (strategy Recreate). Otherwise an autoscaler or a user can have set the present number, and it stays.
    """
    spec = spec_of(previous)
    present = replicas.number_of_replicas(live)
    replaced = replicas.owns_replicas(live) or (spec.get("strategy") or {}).get("type") == "Recreate"
    if spec.get("replicas") is not None:
        kept = {key: value for key, value in spec.items() if key != "replicas" or replaced or value == present}
        return {**previous, "spec": kept}, live
    number = previous_replicas(live)
    if replaced and number not in (None, present):
        live = _scale(context, live, number)
    return previous, live


def _scale(context: Context[DeploymentOptions], live: Object, number: int | None) -> ObjectDict:
    """Patches the number, so that it is not among the fields that we apply and have to give up in the next run."""
    metadata = live["metadata"]
    patch = {"metadata": {"uid": metadata["uid"]}, "spec": {"replicas": number}}
    return context.cluster.patch("Deployment", metadata["name"], metadata["namespace"], patch, content_type=MERGE_PATCH)
