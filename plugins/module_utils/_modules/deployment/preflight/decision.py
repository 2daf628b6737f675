# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the store is tested in a preflight Pod before the registry uses it."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import annotations_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import (
    object_catalog,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import CA_CHECKSUM
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from .admission import NoRoomError
from .run_preflight import remove_preflight, run_preflight

# On the Pod template: a changed store or credential rolls the Pods.
FINGERPRINT_ANNOTATION = f"{constants.PREFIX}/store-fingerprint"


def preflight_changed_store(
    context: Context, wanted: dict[object_catalog.ObjectKey, dict[str, Any]], store: Store, fingerprint: str | None
) -> None:
    """Tests the store in a preflight Pod, unless the running registry uses exactly this store already. fingerprint: of the store."""
    namespace, deployment = context.params["namespace"], wanted[object_catalog.DEPLOYMENT]
    live = context.cluster.get(*object_catalog.DEPLOYMENT, namespace)
    context.result["preflight_run"] = False
    if not context.check_mode:
        remove_preflight(context, namespace)
    if live is not None and fingerprint is not None and _preflight_inputs(live) == _preflight_inputs(deployment):
        return
    if context.check_mode:
        text = "tests the new configuration in a run outside check mode."
        context.report([Finding("preflight-planned", "info", f"Pod/{constants.PREFLIGHT}", text)])
        return
    path = "registry_manifest.spec.storage" if context.params["manifest"] else "registry_storage"
    try:
        run_preflight(context, deployment, wanted.get(("ServiceAccount", constants.REGISTRY)), store, path)
    except NoRoomError as problem:
        text = f"is not created, because it has no room beside the running Pod, which the new one replaces: {problem}"
        context.report([warning("preflight-skipped", f"Pod/{constants.PREFLIGHT}", text)])
        return
    context.result["preflight_run"] = True


def is_store_verified(store: Store, deployment: dict[str, Any], previous: dict[str, Any] | None) -> bool:
    """Whether a rollout alone shows that the registry can use its storage: a volume, or what the last verified Deployment used.

    Distribution is ready with credentials that the store rejects. previous: the last verified Deployment, None if there is none.
    """
    if store.claim is not None:
        return True
    return previous is not None and _preflight_inputs(previous) == _preflight_inputs(deployment)


def _preflight_inputs(deployment: dict[str, Any]) -> tuple[Any, ...]:
    """What the outcome of a preflight depends on: the store with its credentials, the image, the environment and the trusted authorities."""
    template = deployment["spec"]["template"]
    container: dict[str, Any] = next(
        (item for item in template["spec"]["containers"] if item["name"] == constants.CONTAINER), {}
    )
    plain = {item["name"]: item.get("value") for item in container.get("env") or []}
    annotations = annotations_of(template)
    return annotations.get(FINGERPRINT_ANNOTATION), annotations.get(CA_CHECKSUM), container.get("image"), plain
