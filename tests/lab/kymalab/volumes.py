"""Volumes: the default StorageClass, its provisioner's scripts, and the ready-made volumes of a minimal lab."""

from __future__ import annotations

import json
import shutil

from kymalab.api import Api, Json
from kymalab.images import BUSYBOX_IMAGE
from kymalab.settings import NODE_NAME, STORAGE_CLASS, Paths

PROVISIONER = "rancher.io/local-path"
READY_MADE = tuple(f"ready-made-{number}" for number in range(1, 5))
# Sizes are not enforced, so one size serves every claim of a demo.
READY_MADE_SIZE = "100Gi"
_PATH = "/api/v1/persistentvolumes"


def bootstrap(api: Api, paths: Paths) -> None:
    """Create the default StorageClass and what its provisioner reads; both are the same without the provisioner."""
    api.call("POST", "/api/v1/namespaces/kube-system/configmaps", _scripts(paths))
    api.call("POST", "/apis/storage.k8s.io/v1/storageclasses", _storage_class())


def offer(api: Api, paths: Paths) -> None:
    """Without a provisioner: see that every ready-made volume is there, and empty if no claim has it."""
    present = _phases(api)
    for name in READY_MADE:
        if name in present and present[name] not in ("Released", "Failed"):
            continue
        if name in present:
            api.delete(f"{_PATH}/{name}")
            api.drop_finalizers(f"{_PATH}/{name}")
        folder = paths.volumes / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        folder.chmod(0o755)
        api.call("POST", _PATH, _volume(paths, name))


def withdraw(api: Api, paths: Paths) -> None:
    """Before a provisioner starts: remove the ready-made volumes that no claim has; it removes the others itself."""
    present = _phases(api)
    for name in READY_MADE:
        if present.get(name) == "Available":
            api.delete(f"{_PATH}/{name}")
            shutil.rmtree(paths.volumes / name, ignore_errors=True)


def _phases(api: Api) -> dict[str, str]:
    """Return the phase of every volume by name."""
    items = api.get(_PATH).get("items", [])
    return {item["metadata"]["name"]: item.get("status", {}).get("phase", "") for item in items}


def _volume(paths: Paths, name: str) -> Json:
    """Return a volume as the provisioner makes them, so that it may remove this one too, once it runs."""
    host = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE_NAME]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": READY_MADE_SIZE},
            "local": {"path": str(paths.volumes / name)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [host]}]}},
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": STORAGE_CLASS,
        },
    }


def _storage_class() -> Json:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": STORAGE_CLASS,
            "annotations": {
                "storageclass.kubernetes.io/is-default-class": "true",
                # A `local` volume gets the Pod's fsGroup from the kubelet; a `hostPath` volume does not.
                "defaultVolumeType": "local",
            },
        },
        "provisioner": PROVISIONER,
        "volumeBindingMode": "WaitForFirstConsumer",
        "reclaimPolicy": "Delete",
    }


def _scripts(paths: Paths) -> Json:
    """How the provisioner makes and removes a volume: as on a new disk, only root may write until fsGroup acts."""
    nodes = {"nodePathMap": [{"node": "DEFAULT_PATH_FOR_NON_LISTED_NODES", "paths": [str(paths.volumes)]}]}
    helper = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "helper-pod"},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {"name": "helper-pod", "image": BUSYBOX_IMAGE, "securityContext": {"privileged": True}},
            ],
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "local-path-config", "namespace": "kube-system"},
        "data": {
            "config.json": json.dumps(nodes),
            "setup": '#!/bin/sh\nset -eu\nmkdir -m 0755 -p "$VOL_DIR"\n',
            "teardown": '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
            "helperPod.yaml": json.dumps(helper),
        },
    }
