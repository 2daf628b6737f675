# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The migration Pod: a registry over the source, a registry over the target, and for the bulk a copier, all on 127.0.0.1. Pure.

Nothing of it is reachable from other Pods, so the registries ask for no credentials; the migration reaches them by port-forward. The source is
the container that serves, read-only: whatever names its storage there names it here. The image is that of the registry that will serve,
because releases of Distribution write blobs in different ways.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, json_yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    ObjectDict,
    encoded_data,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.pod_template import (
    environment,
    volume_mounts,
    volumes,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.references import (
    rename_references,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import CONFIG_FILE, registry_config
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import CATALOG_NAMES
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

SOURCE, TARGET, COPIER = "source", "target", "copier"
PORTS = {SOURCE: 5010, TARGET: 5020}
_HOST = "127.0.0.1"
_SYNC_FILE = "regsync.yml"
_SYNC_FOLDER = "/etc/regsync"
_LABEL = {f"{constants.PREFIX}/migration": "true"}
_GATE = f"{constants.PREFIX}/never-serves"
_OFF = {"readonly": {"enabled": False}, "uploadpurging": {"enabled": False}}
_READ_ONLY = {"readonly": {"enabled": True}, "uploadpurging": {"enabled": False}}
# Sections that the source replaces, with all variables below them.
_REPLACED = {
    "REGISTRY_AUTH": {},
    "REGISTRY_STORAGE_CACHE": {},
    "REGISTRY_STORAGE_MAINTENANCE": _READ_ONLY,
    "REGISTRY_STORAGE_REDIRECT": {"disable": True},
    "REGISTRY_VALIDATION": {"disabled": True},
    "REGISTRY_CATALOG": {"maxentries": CATALOG_NAMES},
    "REGISTRY_NOTIFICATIONS": {},
    "REGISTRY_HTTP_ADDR": f"{_HOST}:{PORTS[SOURCE]}",
    "REGISTRY_HTTP_DEBUG_ADDR": f"{_HOST}:{PORTS[SOURCE] + 1}",
}
_DROPPED = ("REGISTRY_HTTP_HOST", "REGISTRY_HTTP_TLS", "REGISTRY_TAGS")
_LEFT_OUT = ("readinessProbe", "livenessProbe", "startupProbe", "lifecycle", "ports")
# The registries need memory for uploads; the nodes have to have room for little.
_REQUESTS = {"cpu": "10m", "memory": "128Mi"}
_COPIER_RESOURCES = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}}
_OWN = constants.MIGRATION
_OWN_OBJECTS = {
    ("ConfigMap", constants.CONFIG_MAP): _OWN,
    ("Secret", constants.STORAGE_SECRET): _OWN,
    ("Secret", constants.PRIVATE_SECRET): _OWN,
}


@dataclass(frozen=True)
class PodRequest:
    """deployment: the one that serves. store: the target. ca_bundle: additional CA certificates of the target. owner: reference to the record.

    copy_image: of regsync. sync_file: what it copies, '' for a Pod without a copier. near_registry: the Pod has to be on the registry's node.
    """

    deployment: Object
    store: Store
    ca_bundle: Mapping[str, str]
    owner: ObjectDict
    copy_image: str = ""
    sync_file: str = ""
    near_registry: bool = False

    @property
    def namespace(self) -> str:
        """The registry's."""
        return str(self.deployment["metadata"]["namespace"])


def hosts() -> tuple[str, str]:
    """Addresses of source and target inside the Pod."""
    return f"{_HOST}:{PORTS[SOURCE]}", f"{_HOST}:{PORTS[TARGET]}"


def target_config(store: Store) -> dict[str, Any]:
    """The configuration of the target: it takes everything that the source has, and deletes."""
    config = registry_config(storage={store.driver: store.parameters}, delete_enabled=True, redirect=False)
    del config["auth"]
    del config["storage"]["cache"]
    config["storage"]["maintenance"] = _OFF
    config["validation"] = {"disabled": True}
    config["catalog"] = {"maxentries": CATALOG_NAMES}
    port = PORTS[TARGET]
    config["http"].update(addr=f"{_HOST}:{port}", debug={"addr": f"{_HOST}:{port + 1}"})
    return config


def build_migration_network_policy(request: PodRequest) -> ObjectDict:
    """Everything outgoing, as the registry on an object store has it; one of the two may be an object store."""
    spec = {"podSelector": {"matchLabels": _LABEL}, "policyTypes": ["Egress"], "egress": [{}]}
    return _object("NetworkPolicy", request, {"spec": spec}, api_version="networking.k8s.io/v1")


def build_migration_config_map(request: PodRequest) -> ObjectDict:
    """The target's configuration, and the file of the copier."""
    files = {"config.yml": json_yaml.dumps(target_config(request.store))}
    if request.sync_file:
        files[_SYNC_FILE] = request.sync_file
    return _object("ConfigMap", request, {"data": files})


def build_migration_secret(request: PodRequest, http_secret: str) -> ObjectDict:
    """The target's credentials. http_secret: random."""
    data = {**request.store.secret, constants.HTTP_SECRET_KEY: http_secret}
    return _object("Secret", request, {"type": "Opaque", "data": encoded_data(data)})


def build_migration_pod(request: PodRequest) -> ObjectDict:
    """The Pod. It is never ready, so no Service sends clients to it."""
    template = request.deployment["spec"]["template"]
    spec = copy.deepcopy({key: value for key, value in template["spec"].items() if key != "initContainers"})
    main = next(item for item in spec["containers"] if item["name"] == constants.CONTAINER)
    target, target_volumes = _target(main, request)
    containers = [_source(main), target]
    if request.sync_file:
        containers.append(_copier(request))
        items = [{"key": _SYNC_FILE, "path": _SYNC_FILE}]
        target_volumes.append({"name": COPIER, "configMap": {"name": _OWN, "items": items}})
    spec.update(
        containers=containers,
        volumes=[*(spec.get("volumes") or []), *target_volumes],
        # A copier that fails begins again; what it has copied it finds.
        restartPolicy="OnFailure",
        terminationGracePeriodSeconds=1,
        readinessGates=[{"conditionType": _GATE}],
        automountServiceAccountToken=False,
    )
    if request.near_registry:
        spec["affinity"] = _near_registry(spec.get("affinity") or {})
    labels = {**((template.get("metadata") or {}).get("labels") or {}), **_LABEL}
    labels = {key: value for key, value in labels.items() if key not in constants.READ_ONLY_LABEL}
    labels["sidecar.istio.io/inject"] = "false"
    return _object("Pod", request, {"spec": spec}, labels=labels, annotations={"sidecar.istio.io/inject": "false"})


def _source(main: Mapping[str, Any]) -> ObjectDict:
    """The serving container with another address, read-only, without credentials, cache, redirects and purger."""
    dropped = (*_REPLACED, *_DROPPED)
    kept = [item for item in main.get("env") or [] if not item["name"].startswith(dropped)]
    own = [{"name": name, "value": env_value(value)} for name, value in _REPLACED.items()]
    mounts = [
        {**item, "readOnly": True} if item["name"] == constants.DATA_VOLUME else item
        for item in main.get("volumeMounts") or []
    ]
    bare = {key: value for key, value in main.items() if key not in _LEFT_OUT}
    return {**bare, "name": SOURCE, "env": [*kept, *own], "volumeMounts": mounts, "resources": _resources(main)}


def _target(main: Mapping[str, Any], request: PodRequest) -> tuple[ObjectDict, list[ObjectDict]]:
    """The container over the target, and its volumes, whose names differ from the source's."""
    store = request.store
    storage: dict[str, Any] = {
        "claim": store.claim,
        "secret_environment": store.environment,
        "key_file": store.key_file,
        "ca_bundle": request.ca_bundle,
    }
    # Proxies and the like; everything of the registry itself is in its configuration.
    extra = {
        item["name"]: item["value"]
        for item in main.get("env") or []
        if "value" in item and not item["name"].startswith("REGISTRY_")
    }
    names = {item["name"]: f"{TARGET}-{item['name']}" for item in volumes(storage) if item["name"] != "auth"}
    container = {
        **{key: value for key, value in main.items() if key not in (*_LEFT_OUT, "envFrom", "args")},
        "name": TARGET,
        "command": ["/bin/registry", "serve", CONFIG_FILE],
        "env": environment(storage, extra),
        "volumeMounts": [
            {**item, "name": names[item["name"]]} for item in volume_mounts(storage) if item["name"] in names
        ],
        "resources": _resources(main),
    }
    found = [{**item, "name": names[item["name"]]} for item in volumes(storage) if item["name"] in names]
    renamed = rename_references({"containers": [container], "volumes": found}, _OWN_OBJECTS)
    return renamed["containers"][0], renamed["volumes"]


def _copier(request: PodRequest) -> ObjectDict:
    return {
        "name": COPIER,
        "image": request.copy_image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["once", "-c", f"{_SYNC_FOLDER}/{_SYNC_FILE}", "--logopt", "json"],
        "resources": _COPIER_RESOURCES,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": COPIER, "mountPath": _SYNC_FOLDER, "readOnly": True}],
    }


def _resources(main: Mapping[str, Any]) -> ObjectDict:
    limits = (main.get("resources") or {}).get("limits")
    return {"requests": dict(_REQUESTS), **({"limits": dict(limits)} if limits else {})}


def _near_registry(affinity: Mapping[str, Any]) -> ObjectDict:
    """On the node of the registry's Pod: a volume of one node can be mounted twice there. Pods of the migration do not count."""
    selector = {
        "matchLabels": constants.SELECTOR,
        "matchExpressions": [{"key": next(iter(_LABEL)), "operator": "DoesNotExist"}],
    }
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": selector}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    others = affinity.get("podAffinity") or {}
    return {**affinity, "podAffinity": {**others, required: [*(others.get(required) or []), term]}}


def _object(
    kind: str,
    request: PodRequest,
    body: ObjectDict,
    *,
    api_version: str = "v1",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> ObjectDict:
    metadata: ObjectDict = {
        "name": _OWN,
        "namespace": request.namespace,
        "labels": {**(labels or {}), **constants.MANAGED_BY},
        "ownerReferences": [request.owner],
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}
