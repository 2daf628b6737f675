# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight Pod: a Pod beside the running registry that tries a new storage configuration. Pure.

Two containers of the registry's own image: `docker-registry` writes below a scratch folder, `root` reads where the images are.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, json_yaml, quantity
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, encoded_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.references import (
    rename_references,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import registry_config
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

SCRATCH = "kyma-docker-registry-preflight"
ROOT_CONTAINER = "root"
ROOT_PORT = 5002
_ROOT_DEBUG_PORT = 5003
_ROOT_FILE = "root.yml"
# Longer than any look at a store takes; then the kubelet stops what a killed run left.
_SECONDS = 300
# What the preflight Pod reads instead of the registry's objects.
_OWN_OBJECTS = {
    ("Secret", constants.STORAGE_SECRET): constants.PREFLIGHT,
    ("ConfigMap", constants.CONFIG_MAP): constants.PREFLIGHT,
}
# Resources that the two containers share.
_SHARED = frozenset({"cpu", "memory", "ephemeral-storage"})
# On the Pod, so that its NetworkPolicy selects no other.
_LABEL = {f"{constants.PREFIX}/preflight": "true"}
_DNS_PORTS = [{"port": port, "protocol": protocol} for port in (53, 8053) for protocol in ("UDP", "TCP")]
# Never true, so that no Service sends a client here although the labels are those that network policies select.
_GATE = f"{constants.PREFIX}/never-serves"


def build_network_policy(namespace: str, store: Store) -> ObjectDict:
    """The egress that the storage needs, also in a namespace that denies all: DNS, and everything for an object store."""
    metadata = {"name": constants.PREFLIGHT, "namespace": namespace, "labels": constants.MANAGED_BY}
    egress: ObjectDict = {"ports": _DNS_PORTS} if store.claim else {}
    spec = {"podSelector": {"matchLabels": _LABEL}, "policyTypes": ["Egress"], "egress": [egress]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def build_pod(deployment: Mapping[str, Any], *, has_account: bool) -> ObjectDict:
    """The Pod as the Deployment would make it, except that no Service selects it and that it ends by itself.

    has_account: whether the registry's ServiceAccount exists. If not, nothing is bound to it, and the Pod uses the account `default`.
    """
    template = deployment["spec"]["template"]
    spec = rename_references(template["spec"], _OWN_OBJECTS)
    if not has_account and spec.get("serviceAccountName") == constants.REGISTRY:
        del spec["serviceAccountName"]
    main = next(item for item in spec["containers"] if item["name"] == constants.CONTAINER)
    for check in ("readinessProbe", "livenessProbe", "startupProbe"):
        main.pop(check, None)
    _share_resources(main)
    root = copy.deepcopy(main)
    _drop_devices(root)
    root.update(name=ROOT_CONTAINER, command=[*main["command"][:-1], f"/etc/distribution/{_ROOT_FILE}"])
    root["ports"] = [{"containerPort": ROOT_PORT}, {"containerPort": _ROOT_DEBUG_PORT}]
    spec.update(
        containers=[main, root],
        restartPolicy="Never",
        activeDeadlineSeconds=_SECONDS,
        terminationGracePeriodSeconds=1,
        readinessGates=[{"conditionType": _GATE}],
    )
    annotations = {"sidecar.istio.io/inject": "false"}
    return _object(
        "Pod", deployment, {"spec": spec}, annotations=annotations, labels={**template["metadata"]["labels"], **_LABEL}
    )


def _share_resources(container: ObjectDict) -> None:
    """Halves what the container asks for, so that two of them ask for no more than the registry's one."""
    resources = container.get("resources") or {}
    for section in ("requests", "limits"):
        for name in _SHARED.intersection(resources.get(section) or {}):
            resources[section][name] = quantity.half_quantity(resources[section][name])


def _drop_devices(container: ObjectDict) -> None:
    """What cannot be halved the other container has alone."""
    resources = container.get("resources") or {}
    sections = {name: resources.get(name) or {} for name in ("requests", "limits")}
    container["resources"] = {
        section: {name: amount for name, amount in amounts.items() if name in _SHARED}
        for section, amounts in sections.items()
    }


def build_config_map(deployment: Mapping[str, Any], store: Store, owner: Mapping[str, Any]) -> ObjectDict:
    """Both configurations: the scratch one below the root directory, and the real root without a write."""
    root = str(store.parameters.get("rootdirectory") or "").rstrip("/")
    scratch = {**store.parameters, "rootdirectory": f"{root}/{SCRATCH}" if root else SCRATCH}
    root_config = registry_config(
        storage={store.driver: store.parameters}, delete_enabled=False, redirect=False, readonly=True
    )
    root_config["http"].update(addr=f":{ROOT_PORT}", debug={"addr": f":{_ROOT_DEBUG_PORT}"})
    scratch_config = registry_config(storage={store.driver: scratch}, delete_enabled=True, redirect=False)
    for config in (scratch_config, root_config):
        # Purging would look at, and delete, what other registries upload below the same root.
        config["storage"].setdefault("maintenance", {})["uploadpurging"] = {"enabled": False}
    data = {"config.yml": json_yaml.dumps(scratch_config), _ROOT_FILE: json_yaml.dumps(root_config)}
    return _object("ConfigMap", deployment, {"data": data}, owner=owner)


def build_secret(deployment: Mapping[str, Any], store: Store, owner: Mapping[str, Any]) -> ObjectDict:
    """The new credentials, gone with the Pod."""
    return _object("Secret", deployment, {"type": "Opaque", "data": encoded_data(store.secret)}, owner=owner)


def _object(
    kind: str,
    deployment: Mapping[str, Any],
    body: ObjectDict,
    *,
    owner: Mapping[str, Any] | None = None,
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> ObjectDict:
    metadata: ObjectDict = {
        "name": constants.PREFLIGHT,
        "namespace": deployment["metadata"]["namespace"],
        "labels": {**(labels or {}), **constants.MANAGED_BY},
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    if owner is not None:
        uid = owner["metadata"]["uid"]
        metadata["ownerReferences"] = [{"apiVersion": "v1", "kind": "Pod", "name": constants.PREFLIGHT, "uid": uid}]
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **body}
