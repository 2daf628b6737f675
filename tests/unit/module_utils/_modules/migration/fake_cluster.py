# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster in memory for a migration: objects, and a Pod whose ports are registries of the test."""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import encoded_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.streams import ExecResult
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.pod_objects import (
    PORTS,
    SOURCE,
    TARGET,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.canary import canary_tag
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.connection import address_opener
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import serve
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.images.memory_registry import (
    MemoryRegistry,
)

SOURCE_ID, TARGET_ID = "s3/eu-central-1/images", "gcs/new-images"
SINCE = "2026-01-02T03:04:05Z"
_PORTS = {**PORTS, constants.CONTAINER: constants.API_PORT}
_UID = "0a1b2c3d-4e5f-0000-0000-000000000000"


def deployment(is_open: bool = False, storage_id: str = SOURCE_ID) -> dict[str, Any]:
    """The registry's, on a bucket."""
    annotations = {constants.STORAGE_ID: storage_id}
    labels = {**constants.SELECTOR, **constants.MANAGED_BY}
    if is_open:
        annotations[constants.READ_ONLY_SINCE] = SINCE
        labels = {**labels, **constants.READ_ONLY_LABEL}
    container = {
        "name": constants.CONTAINER,
        "image": "registry:3.1.1",
        "command": ["/bin/registry", "serve", "/etc/distribution/config.yml"],
        "env": [
            {"name": "REGISTRY_HTTP_SECRET", "valueFrom": {"secretKeyRef": {"name": "runtime", "key": "httpSecret"}}},
            {"name": "REGISTRY_STORAGE_MAINTENANCE", "value": "{}"},
            {"name": "REGISTRY_LOG_LEVEL", "value": "warn"},
            {"name": "REGISTRY_AUTH_HTPASSWD_REALM", "value": "x"},
            {"name": "HTTPS_PROXY", "value": "http://proxy:3128"},
        ],
        "readinessProbe": {"tcpSocket": {"port": 5000}},
        "resources": {"requests": {"memory": "300Mi"}, "limits": {"memory": "800Mi"}},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/distribution", "readOnly": True}],
    }
    volumes = [{"name": "config", "configMap": {"name": "dockerregistry-config-0123456789"}}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], "volumes": volumes}}
    metadata = {"name": constants.REGISTRY, "namespace": "ns", "uid": "d", "labels": constants.MANAGED_BY}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**metadata, "annotations": annotations},
        "spec": {"template": template},
    }


def _merge(live: dict[str, Any], patch: dict[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            live.pop(key, None)
        elif isinstance(value, dict):
            _merge(live.setdefault(key, {}), value)
        else:
            live[key] = value


class FakeCluster:
    """Objects by kind and name. source, target: what the Pod's registries hold."""

    class target:  # noqa: N801
        """As a Cluster has it."""

        host, source = "https://server", "host"

    def __init__(self, source: MemoryRegistry, target: MemoryRegistry, *, has_canary: bool = True) -> None:
        self.registries = {SOURCE: source, TARGET: target}
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.created: list[str] = []
        self.warnings: list[str] = []
        # Kinds that must not be patched.
        self.forbidden: set[str] = set()
        # Kinds that must not be created.
        self.uncreatable: set[str] = set()
        # Called with the kind and name of what is created.
        self.on_create: Callable[[str, str], None] = lambda _kind, _name: None
        self._uids = itertools.count(1)
        self.store(deployment())
        data = encoded_data(
            {"username": "user", "password": "the-password-of-the-test", "pullRegAddr": "localhost:32137"}
        )
        secret = {"kind": "Secret", "metadata": {"name": constants.CREDENTIALS_SECRET, "uid": _UID}, "data": data}
        if has_canary:
            secret["metadata"]["annotations"] = {constants.CANARY: SOURCE_ID}  # type: ignore[index]
            source.image(constants.CANARY_REPOSITORY, "canary", canary_tag(_UID.replace("-", "")[:12]))
        self.store(secret)
        self.pods: list[dict[str, Any]] | None = []
        # Port of a Pod to a registry of the test.
        self.ports: dict[int, Any] = {}

    def store(self, obj: dict[str, Any]) -> dict[str, Any]:
        """The object as it is stored."""
        kept = copy.deepcopy(obj)
        kept["metadata"].setdefault("uid", f"uid-{next(self._uids)}")
        kept["metadata"]["resourceVersion"] = str(next(self._uids))
        self.objects[kept["kind"], kept["metadata"]["name"]] = kept
        return copy.deepcopy(kept)

    def get(self, kind: str, name: str, _namespace: str | None = None) -> dict[str, Any] | None:
        """A copy."""
        return copy.deepcopy(self.objects.get((kind, name)))

    def list(self, kind: str, *_arguments: Any, **_selectors: Any) -> list[dict[str, Any]]:
        """Pods only."""
        if kind != "Pod":
            return []
        if self.pods is None:
            raise Forbidden("Pod", "not allowed", "")
        return self.pods

    def create(self, obj: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """A Pod runs at once."""
        kind, name = obj["kind"], obj["metadata"]["name"]
        assert (kind, name) not in self.objects, f"{kind}/{name} exists"
        if kind in self.uncreatable:
            raise Forbidden(kind, "the user is not allowed to create it.", "")
        self.on_create(kind, name)
        self.created.append(f"{kind}/{name}")
        stored = self.store(obj)
        if kind == "Pod":
            names = [item["name"] for item in obj["spec"]["containers"]]
            statuses = [{"name": item, "state": {"running": {}}} for item in names]
            self.objects[kind, name]["status"] = {"phase": "Running", "containerStatuses": statuses}
        if kind == "PersistentVolumeClaim":
            self._bind(self.objects[kind, name])
        return stored

    def _bind(self, claim: dict[str, Any]) -> None:
        """As the volume controller does with a volume that has the name of the claim only."""
        volume = self.objects.get(("PersistentVolume", claim["spec"].get("volumeName", "")))
        if volume is not None and "uid" not in volume["spec"]["claimRef"]:
            volume["spec"]["claimRef"]["uid"] = claim["metadata"]["uid"]
            claim["status"] = {"phase": "Bound"}

    def apply(self, obj: dict[str, Any], **_options: Any) -> Any:
        """Stored as it is."""
        return self.create(obj)

    def patch(
        self, kind: str, name: str, _namespace: str | None, patch: Any, *, dry_run: bool = False, **_options: Any
    ) -> dict[str, Any]:
        """A merge patch of data or of a volume, or a renewal of the Lease."""
        if kind in self.forbidden:
            raise Forbidden(kind, "the user is not allowed to patch it.", "")
        live = self.objects[kind, name]
        if isinstance(patch, dict) and "spec" in patch and kind == "PersistentVolume" and not dry_run:
            assert all(live["metadata"][key] == value for key, value in patch.get("metadata", {}).items())
            _merge(live["spec"], patch["spec"])
        if isinstance(patch, dict) and "data" in patch:
            assert patch["metadata"]["uid"] == live["metadata"]["uid"]
            if patch["metadata"].get("resourceVersion", version := live["metadata"]["resourceVersion"]) != version:
                raise ClusterError("cluster-precondition", name, "changed concurrently.", "", 409)
            _merge(live["data"], patch["data"])
            live["metadata"]["resourceVersion"] = str(next(self._uids))
            live["metadata"].setdefault("annotations", {}).update(patch["metadata"].get("annotations", {}))
        return copy.deepcopy(live)

    def delete(self, kind: str, name: str, _namespace: str, *, uid: str, **_options: Any) -> bool:
        """Exactly that object."""
        assert self.objects[kind, name]["metadata"]["uid"] == uid
        del self.objects[kind, name]
        return True

    def watch(self, kind: str, name: str, *_arguments: Any, **_options: Any) -> Iterator[dict[str, Any] | None]:
        """The state now."""
        yield self.get(kind, name)

    def exec(self, place: tuple[str, str, str], command: list[str], *_arguments: Any) -> ExecResult:
        """A dry run."""
        assert ("Pod", place[1]) in self.objects and command[1:3] == ["garbage-collect", "--dry-run"]
        return ExecResult(*self.registries[place[2]].dry_run())

    def pod_log(self, *_arguments: Any, **_options: Any) -> str:
        """Nothing."""
        return ""

    @contextlib.contextmanager
    def port_forward(self, _namespace: str, pod: str, port: int) -> Iterator[Callable[[], Any]]:
        """To a registry of the Pod that exists."""
        assert ("Pod", pod) in self.objects
        yield self.ports[port]

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """While both registries answer."""
        with contextlib.ExitStack() as stack:
            for name, registry in self.registries.items():
                served = stack.enter_context(serve(registry))
                self.ports[_PORTS[name]] = address_opener("127.0.0.1", urlsplit(served.url).port or 0)
            yield

    def of_the_migration(self) -> set[str]:
        """Kinds of the objects that a migration leaves only while it runs."""
        return {kind for kind, name in self.objects if name == constants.MIGRATION}
