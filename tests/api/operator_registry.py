# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with the model of Kyma's operator on an API server without nodes; a test decides which Pods crash and which keys the store accepts."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import annotations_of, secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import registry_access
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    is_open,
    read_only_since,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.desired_state import API_VERSION
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.storage_lock import CONFIG_MAP
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import repository_count
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import error_from_answer
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import crd
from ansible_collections.kyma.docker_registry.tests.support import (
    api_server,
    in_process,
    kills,
    objects,
    operator_model,
)
from ansible_collections.kyma.docker_registry.tests.support.kubelet import kubelet
from ansible_collections.kyma.docker_registry.tests.support.role_in_process import Role, TaskFailed
from ansible_collections.kyma.docker_registry.tests.support.shared import locked
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

Variables = dict[str, Any]

OTHER_CLAIM = "other"
_COMMON: Variables = {
    "registry_wait_timeout": 90,
    "registry_verify": "none",
    "registry_redirect": False,
    "registry_mode": "operator",
}


class OperatorRegistry:
    """One registry with an operator.

    crash_on: texts that make a Pod crash whose specification has one of them. bad_keys: with them the store answers with an error.
    """

    def __init__(self, server: Path) -> None:
        """server: folder of the API server."""
        self.kubeconfig = str(server / "kubeconfig")
        self.cluster = connect({"kubeconfig": self.kubeconfig}, {}, user_agent=kills.TESTS_AGENT)
        self.namespace = f"test-{uuid.uuid4().hex[:10]}"
        self.crash_on: set[str] = set()
        self.bad_keys: set[str] = set()
        self._lock = server / "operator.lock"
        self._operator = ExitStack()

    @contextmanager
    def running(self) -> Iterator[OperatorRegistry]:
        """The namespace, with Pods that start and the operator."""
        with ExitStack() as stack:
            # An operator serves one registry.
            stack.enter_context(locked(self._lock))
            base = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": operator_model.BASE}}
            for item in (api_server.STORAGE_CLASS, crd(), base):
                with suppress(ClusterError):
                    self.cluster.create(item)
            made = self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
            stack.callback(self.cluster.delete, "Namespace", self.namespace, None, uid=made["metadata"]["uid"])
            stack.callback(self._release)
            self.cluster.create(objects.claim(OTHER_CLAIM, self.namespace))
            stack.enter_context(operator_model.seen(lambda: True))
            stack.enter_context(kubelet(self.kubeconfig, self.namespace, self._crashes))
            stack.enter_context(mock.patch.object(Cluster, "port_forward", _no_connection))
            stack.enter_context(mock.patch.object(registry_access.RunningRegistry, "has_canary", True))
            stack.enter_context(mock.patch.object(repository_count, "lists_canary", lambda *_arguments: True))
            stack.enter_context(mock.patch.object(registry_access, "RegistryApi", functools.partial(_Api, self)))
            stack.callback(self.stop_operator)
            self._operator.enter_context(operator_model.serving(self.kubeconfig, self.namespace))
            yield self

    def stop_operator(self) -> None:
        """The operator reacts to nothing from now on."""
        self._operator.close()

    def create_registry(self, storage: Any) -> None:
        """A registry that the operator has made and the role does not know."""
        self.create_cr(storage)

        def serves() -> bool:
            ready = ((self.get("DockerRegistry", "default") or {}).get("status") or {}).get("state") == "Ready"
            return ready and is_rolled_out(self.deployment())

        until("the operator to make the registry", serves, 60)

    def create_cr(self, storage: Any) -> None:
        """A DockerRegistry that the role does not know."""
        body = {"apiVersion": API_VERSION, "kind": "DockerRegistry", "spec": {"storage": storage}}
        self.cluster.create({**body, "metadata": {"name": "default", "namespace": self.namespace}})

    def run(self, **variables: Any) -> list[Any]:
        """One run of the role, with the results of its modules."""
        return self._role(variables).run()

    def fails(self, **variables: Any) -> str:
        """One run of the role that has to fail. Returns its message."""
        try:
            self.run(**variables)
        except TaskFailed as failure:
            return str(failure)
        raise AssertionError("the run did not fail")

    def unchanged(self, **variables: Any) -> None:
        """One more run of the role that writes nothing."""
        with kills.observed() as writes:
            results = self.run(**variables)
        assert writes.made == [] and not any(item.changed for item in results), writes.made

    def expire_lease(self) -> None:
        """Deletes the Lease that a killed run has left, for which the next one would wait a minute."""
        lease = self.cluster.get("Lease", constants.LEASE, self.namespace)
        if lease is not None:
            self.cluster.delete("Lease", constants.LEASE, self.namespace, uid=lease["metadata"]["uid"])

    def state(self) -> dict[str, Any]:
        """What has to be the same again after a failed run: spec.storage, credentials, and the Deployment without its records."""
        cr, deployment = self.get("DockerRegistry", "default"), self.deployment()
        template = deployment["spec"]["template"]
        storage = (cr or {})["spec"].get("storage")
        uses_ours = constants.OPERATOR_SECRET in json.dumps(storage)
        return {
            "storage": storage,
            "requested": annotations_of(cr).get(constants.REQUESTED_STORAGE),
            "storage_id": annotations_of(deployment).get(constants.STORAGE_ID),
            "env": sorted(json.dumps(item, sort_keys=True) for item in template["spec"]["containers"][0]["env"]),
            "volumes": sorted(json.dumps(item, sort_keys=True) for item in template["spec"]["volumes"]),
            # It is not read if the DockerRegistry does not name it.
            "derived": secret_data(self.get("Secret", constants.OPERATOR_SECRET) if uses_ours else None),
        }

    def is_read_only(self) -> bool:
        """Whether the registry rejects pushes, or the record of the maintenance window exists."""
        deployment = self.deployment()
        return is_open(deployment) or read_only_since(deployment) is not None

    def has_storage_lock(self) -> bool:
        """Whether the storage lock is applied."""
        return CONFIG_MAP in json.dumps(self.deployment()["spec"])

    def deployment(self) -> dict[str, Any]:
        """The registry's Deployment."""
        found = self.get("Deployment", constants.REGISTRY)
        assert found is not None
        return found

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """An object of the namespace."""
        return self.cluster.get(kind, name, self.namespace)

    def accepts_keys(self) -> bool:
        """Whether the store accepts the keys that the registry has."""
        values = secret_data(self.get("Secret", constants.STORAGE_SECRET)).values()
        return not any(key.encode() in value for value in values for key in self.bad_keys)

    def _role(self, variables: Mapping[str, Any]) -> Role:
        given = {**_COMMON, **variables, "registry_namespace": self.namespace}
        return Role(functools.partial(in_process.module, kubeconfig=self.kubeconfig), given)

    def _crashes(self, pod: Mapping[str, Any]) -> bool:
        text = json.dumps(pod["spec"])
        return any(item in text for item in self.crash_on)

    def _release(self) -> None:
        """No operator is left that would take its finalizer off, without which the namespace could not end."""
        for item in self.cluster.list("DockerRegistry", self.namespace):
            body = {"metadata": {"finalizers": None}}
            name = item["metadata"]["name"]
            self.cluster.patch(
                "DockerRegistry", name, self.namespace, body, content_type="application/merge-patch+json"
            )


@contextmanager
def _no_connection(*_arguments: object) -> Iterator[None]:
    """No Pod can be reached; the API below needs none."""
    yield None


class _Api:
    """A registry that has its canary only: it rejects pushes while it is read-only, and everything if the store does not accept its keys."""

    def __init__(self, registry: OperatorRegistry, **_options: Any) -> None:
        self._registry = registry

    def read_store(self) -> None:
        if not self._registry.accepts_keys():
            raise error_from_answer("GET", "/v2/", 503, b"")

    def catalog(self) -> list[str]:
        self.read_store()
        return [constants.CANARY_REPOSITORY]

    def begin_upload(self, _repository: str) -> str:
        if is_open(self._registry.deployment()):
            raise error_from_answer("POST", "/v2/", 405, b"")
        return "/"

    def cancel_upload(self, _location: str) -> None:
        """Nothing is stored."""
