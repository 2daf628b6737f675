# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight Pod: a Pod beside the running registry that tests a new configuration. Pure.

For an object store two containers of the registry's own image: `docker-registry` writes below a scratch folder, `root` reads where the images
are. For a volume one container, with an emptyDir in place of the volume, which only one Pod may be able to mount.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Preflight:
    """What is tested. deployment: its Pod template names the registry's ConfigMap and storage Secret. path: where the user configured it.

    account: the wanted ServiceAccount, None if none is wanted. config: files of the registry's ConfigMap. secret: data of the storage Secret.
    user: name and password that the Pod accepts; None for those of the private Secret.
    """

    deployment: ObjectDict
    store: Store
    account: ObjectDict | None
    config: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    path: str
    user: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def namespace(self) -> str:
        """The registry's."""
        return str(self.deployment["metadata"]["namespace"])

    @property
    def replaces_pods(self) -> bool:
        """Whether the running Pod ends before the new one is created."""
        return (self.deployment["spec"].get("strategy") or {}).get("type") == "Recreate"


def store_config(store: Store) -> dict[str, str]:
    """Both configurations for an object store: the scratch one below the root directory, and the real root without a write."""
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
    return {"config.yml": json_yaml.dumps(scratch_config), _ROOT_FILE: json_yaml.dumps(root_config)}


def build_network_policy(namespace: str, store: Store) -> ObjectDict:
    """The egress that the storage needs, also in a namespace that denies all: DNS, and everything for an object store."""
    metadata = {"name": constants.PREFLIGHT, "namespace": namespace, "labels": constants.MANAGED_BY}
    egress: ObjectDict = {"ports": _DNS_PORTS} if store.claim else {}
    spec = {"podSelector": {"matchLabels": _LABEL}, "policyTypes": ["Egress"], "egress": [egress]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def build_pod(deployment: Mapping[str, Any], *, has_account: bool, volume: bool = False) -> ObjectDict:
    """The Pod as the Deployment would make it, except that no Service selects it and that it ends by itself.

    has_account: whether the registry's ServiceAccount exists. If not, nothing is bound to it, and the Pod uses the account `default`.
    volume: whether a volume is the storage, not an object store.
    """
    template = deployment["spec"]["template"]
    spec = rename_references(template["spec"], _OWN_OBJECTS)
    if not has_account and spec.get("serviceAccountName") == constants.REGISTRY:
        for field_name in ("serviceAccountName", "serviceAccount"):
            spec.pop(field_name, None)
    main = next(item for item in spec["containers"] if item["name"] == constants.CONTAINER)
    # Nor a hook: no client has to be sent elsewhere before the Pod ends.
    for part in ("readinessProbe", "livenessProbe", "startupProbe", "lifecycle"):
        main.pop(part, None)
    for item in spec.get("volumes") or []:
        if item.pop("persistentVolumeClaim", None) is not None:
            item["emptyDir"] = {}
    spec.update(
        containers=[main] if volume else _split(main),
        restartPolicy="Never",
        activeDeadlineSeconds=_SECONDS,
        terminationGracePeriodSeconds=1,
        readinessGates=[{"conditionType": _GATE}],
    )
    annotations = {"sidecar.istio.io/inject": "false"}
    return _object(
        "Pod", deployment, {"spec": spec}, annotations=annotations, labels={**template["metadata"]["labels"], **_LABEL}
    )


def _split(main: ObjectDict) -> list[ObjectDict]:
    """The registry's container and the one that reads at the root of the images. Together they ask for no more than the registry's."""
    resources = main.get("resources") or {}
    halves = {
        section: {name: quantity.half_quantity(amount) for name, amount in amounts.items() if name in _SHARED}
        for section in ("requests", "limits")
        if (amounts := resources.get(section) or {})
    }
    # What cannot be halved, the first has alone.
    whole = {**resources, **{section: {**resources[section], **half} for section, half in halves.items()}}
    root = {**copy.deepcopy(main), "name": ROOT_CONTAINER, "resources": halves}
    root["command"] = [*main["command"][:-1], f"/etc/distribution/{_ROOT_FILE}"]
    root["ports"] = [{"containerPort": ROOT_PORT}, {"containerPort": _ROOT_DEBUG_PORT}]
    return [{**main, "resources": whole}, root]


def build_config_map(preflight: Preflight, owner: Mapping[str, Any]) -> ObjectDict:
    """The configuration, deleted with the Pod."""
    return _object("ConfigMap", preflight.deployment, {"data": dict(preflight.config)}, owner=owner)


def build_secret(preflight: Preflight, owner: Mapping[str, Any]) -> ObjectDict:
    """The new credentials, deleted with the Pod."""
    return _object(
        "Secret", preflight.deployment, {"type": "Opaque", "data": encoded_data(preflight.secret)}, owner=owner
    )


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
