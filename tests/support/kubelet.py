# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for kubelet, scheduler and volume provisioner in one namespace of an API server without nodes.

It starts a Pod as a kubelet does: only if every ConfigMap, Secret and claim exists that the Pod names without `optional`, and its ServiceAccount,
without which a cluster does not even make the Pod. Then it reports the
Pod as Running and Ready. For each claim it makes a PersistentVolume, which Kubernetes' own controller binds.

A Pod that the test names as one that crashes is reported so instead.

It runs no container. So it cannot show that a registry starts with its configuration and answers, that credentials are accepted, that an image
is there, or how a Pod ends; nothing can be reached by port-forward. tests/e2e does that with Pods.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support.references import required_names
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

Pod = Mapping[str, Any]
_TICK = 0.1
_CRASHING = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}}
_GONE_OR_CHANGED = (404, 409)


@contextmanager
def kubelet(
    kubeconfig: str, namespace: str, crashes: Callable[[Pod], bool] = lambda _pod: False, start_seconds: float = 0
) -> Iterator[None]:
    """Pods of the namespace start as long as the context lasts.

    crashes: whether the Pod's containers exit again and again. start_seconds: how long a start takes.
    """
    ended = threading.Event()
    worker = threading.Thread(
        target=_Kubelet(kubeconfig, namespace, crashes, start_seconds).run, args=(ended,), name="kubelet", daemon=True
    )
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join()


class _Kubelet:
    def __init__(self, kubeconfig: str, namespace: str, crashes: Callable[[Pod], bool], start_seconds: float) -> None:
        self._crashes = crashes
        self._api = client.CoreV1Api(config.new_client_from_config(kubeconfig))
        self._namespace = namespace
        self._start_seconds = start_seconds
        self._seen: dict[str, float] = {}

    def run(self, ended: threading.Event) -> None:
        """Looks at all claims and Pods again and again."""
        while not ended.wait(_TICK):
            try:
                for claim in self._items(self._api.list_namespaced_persistent_volume_claim):
                    self._provision(claim)
                for pod in self._items(self._api.list_namespaced_pod):
                    self._start(pod)
            except HTTPError:
                pass  # A busy machine; it looks again.
            except ApiException as problem:
                if problem.status not in _GONE_OR_CHANGED:
                    raise

    def _items(self, request: Any) -> list[dict[str, Any]]:
        answer = request(self._namespace, _preload_content=False)
        found: list[dict[str, Any]] = json.loads(answer.data)["items"]
        return [item for item in found if not item["metadata"].get("deletionTimestamp")]

    def _provision(self, claim: Mapping[str, Any]) -> None:
        metadata, spec = claim["metadata"], claim["spec"]
        if claim["status"].get("phase") == "Bound" or spec.get("volumeName"):
            return
        reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": self._namespace}
        volume = {
            "metadata": {"name": f"volume-{metadata['uid']}"},
            "spec": {
                "capacity": spec["resources"]["requests"],
                "accessModes": spec["accessModes"],
                "storageClassName": spec.get("storageClassName"),
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": f"/nowhere/{metadata['uid']}"},
                "claimRef": {**reference, "name": metadata["name"], "uid": metadata["uid"]},
            },
        }
        self._api.create_persistent_volume(volume)

    def _start(self, pod: Mapping[str, Any]) -> None:
        if pod["status"].get("phase") != "Pending" or not all(map(self._exists, required_names(pod["spec"]))):
            return
        seen = self._seen.setdefault(pod["metadata"]["uid"], time.monotonic())
        if time.monotonic() - seen < self._start_seconds:
            return
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        works = not self._crashes(pod)
        conditions = [
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": now},
            {"type": "Initialized", "status": "True", "lastTransitionTime": now},
            {"type": "ContainersReady", "status": str(works), "lastTransitionTime": now},
            {"type": "Ready", "status": str(works), "lastTransitionTime": now},
        ]
        containers = [
            {
                "name": item["name"],
                "image": item["image"],
                "imageID": item["image"],
                "ready": works,
                "started": works,
                "restartCount": 0 if works else 5,
                "state": {"running": {"startedAt": now}} if works else _CRASHING,
            }
            for item in pod["spec"]["containers"]
        ]
        status = {"phase": "Running", "startTime": now, "conditions": conditions, "containerStatuses": containers}
        self._api.patch_namespaced_pod_status(pod["metadata"]["name"], self._namespace, {"status": status})

    def _exists(self, named: tuple[str, str]) -> bool:
        kind, name = named
        read = {
            "ConfigMap": self._api.read_namespaced_config_map,
            "Secret": self._api.read_namespaced_secret,
            "ServiceAccount": self._api.read_namespaced_service_account,
            "PersistentVolumeClaim": self._api.read_namespaced_persistent_volume_claim,
        }[kind]
        try:
            read(name, self._namespace, _preload_content=False)
        except ApiException as problem:
            if problem.status != 404:
                raise
            return False
        return True
