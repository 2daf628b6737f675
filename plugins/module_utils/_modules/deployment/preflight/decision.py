# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a new configuration is tested in a preflight Pod before the registry uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    managed_entries,
    owned_fields,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.revision import build_revision
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    object_catalog,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import CA_CHECKSUM
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from .admission import NoRoomError
from .pod_objects import Preflight, store_config
from .run_preflight import remove_preflight, run_preflight

# On the Pod template: a changed store or credential rolls the Pods.
FINGERPRINT_ANNOTATION = f"{constants.PREFIX}/store-fingerprint"
_PATH = f"Pod/{constants.PREFLIGHT}"


def preflight_changes(
    context: Context[DeploymentOptions],
    wanted: dict[object_catalog.ObjectKey, dict[str, Any]],
    store: Store,
    fingerprint: str | None,
    private: ObjectDict | None,
) -> None:
    """Tests the wanted Deployment in a preflight Pod, unless the running registry is the same already. fingerprint: of the store.

    With a volume there is no preflight for a first deployment: no Pod ends for it. private: the private Secret, None if it does not exist.
    """
    namespace, deployment = context.options.namespace, wanted[object_catalog.DEPLOYMENT]
    live = context.cluster.get(*object_catalog.DEPLOYMENT, namespace)
    context.result["preflight_run"] = False
    if not context.check_mode:
        remove_preflight(context, namespace)
    config_map = wanted.get(("ConfigMap", constants.CONFIG_MAP))
    account = wanted.get(object_catalog.SERVICE_ACCOUNT)
    if store.claim is None:
        if live is not None and fingerprint is not None and _preflight_inputs(live) == _preflight_inputs(deployment):
            return
        preflight = Preflight(deployment, store, account, store_config(store), store.secret, storage_path(context))
    else:
        revision = build_revision(deployment, config_map, private, store.secret, namespace, planned=context.check_mode)
        if live is None or _is_same_template(revision.named_by(deployment), live):
            return
        files = (config_map or {}).get("data") or {}
        preflight = Preflight(deployment, store, account, files, {}, f"Deployment/{constants.REGISTRY}")
    run_or_plan(context, preflight)


def run_or_plan(context: Context[DeploymentOptions], preflight: Preflight) -> None:
    """Runs the preflight, in check mode only reports it. Without room for its Pod a warning reports that it was skipped."""
    if context.check_mode:
        text = "tests the new configuration in a run outside check mode."
        context.report([Finding("preflight-planned", "info", _PATH, text)])
        return
    try:
        run_preflight(context, preflight)
    except NoRoomError as problem:
        text = f"does not test the new configuration: its Pod cannot be scheduled while the former Pod runs: {problem}"
        context.report([warning("preflight-skipped", _PATH, text)])


def is_store_verified(store: Store, deployment: dict[str, Any], previous: dict[str, Any] | None) -> bool:
    """Whether a rollout alone shows that the registry can use its storage: a volume, or what the last verified Deployment used.

    Distribution is ready with credentials that the store rejects. previous: the last verified Deployment, None if there is none.
    """
    if store.claim is not None:
        return True
    return previous is not None and _preflight_inputs(previous) == _preflight_inputs(deployment)


def storage_path(context: Context[DeploymentOptions]) -> str:
    """Where the user configures the storage."""
    return "registry_storage" if context.plan is None else context.plan.storage_path


def _preflight_inputs(deployment: dict[str, Any]) -> tuple[Any, ...]:
    """What the outcome of a preflight depends on: the store with its credentials, the image, the environment and the trusted authorities."""
    template = deployment["spec"]["template"]
    container: dict[str, Any] = next(
        (item for item in template["spec"]["containers"] if item["name"] == constants.CONTAINER), {}
    )
    plain = {item["name"]: item.get("value") for item in container.get("env") or []}
    annotations = annotations_of(template)
    return annotations.get(FINGERPRINT_ANNOTATION), annotations.get(CA_CHECKSUM), container.get("image"), plain


def _is_same_template(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    """Whether an apply of the wanted Deployment would not change the Pod template."""
    entries = managed_entries(live)
    if len(entries) != 1:
        return False
    fields = {"f:spec": {"f:template": owned_fields(entries[0], "spec", "template")}}
    parts = {"apiVersion": wanted["apiVersion"], "kind": wanted["kind"]}
    return (
        find_difference(
            {**parts, "spec": {"template": wanted["spec"]["template"]}},
            {
                **parts,
                "metadata": {"managedFields": [{**entries[0], "fieldsV1": fields}]},
                "spec": {"template": live["spec"]["template"]},
            },
            constants.FIELD_MANAGER,
        )
        is None
    )
