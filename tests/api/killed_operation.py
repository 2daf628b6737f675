# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry for each kill, and what has to hold after it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import condition, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out, is_verified
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import has_finalizer
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    list_revision_objects,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import crd
from ansible_collections.kyma.docker_registry.tests.api.kill_cases import OTHER_CLAIM, Operation, Variables
from ansible_collections.kyma.docker_registry.tests.support import (
    api_server,
    consent,
    in_process,
    kills,
    objects,
    operator_model,
)
from ansible_collections.kyma.docker_registry.tests.support.fault_proxy import Faults, Proxy
from ansible_collections.kyma.docker_registry.tests.support.kubelet import kubelet
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult
from ansible_collections.kyma.docker_registry.tests.support.references import required_names
from ansible_collections.kyma.docker_registry.tests.support.role_in_process import Role, TaskFailed
from ansible_collections.kyma.docker_registry.tests.support.shared import locked
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

# No registry answers, so neither a verification nor a preflight can talk to one.
_COMMON: Variables = {
    "registry_wait_timeout": 60,
    "registry_verify": "none",
    "registry_preflight": False,
    "registry_redirect": False,
}
_EGRESS = ("NetworkPolicy", constants.NETWORK_POLICIES[-1])


class KilledOperation:
    """One operation, done and killed in fresh namespaces."""

    def __init__(self, server: Path, operation: Operation, start_seconds: float = 0) -> None:
        """server: folder of the API server. start_seconds: how long a Pod takes to start."""
        self.start_seconds = start_seconds
        self.kubeconfig = str(server / "kubeconfig")
        self.operation = operation
        self.cluster = connect({"kubeconfig": self.kubeconfig}, {}, user_agent=kills.TESTS_AGENT)
        self._lock = server / "operator.lock"
        self._stack = ExitStack()

    def __enter__(self) -> KilledOperation:
        base = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": operator_model.BASE}}
        for item in (api_server.STORAGE_CLASS, crd(), base):
            with suppress(ClusterError):
                self.cluster.create(item)
        if self.operation.hands_over:
            # An operator serves one registry.
            self._stack.enter_context(locked(self._lock))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def complete(self) -> int:
        """Does the operation without a kill. Returns the number of its writes."""
        with self._registry() as registry:
            with kills.observed() as writes:
                registry.run(self.operation.after)
            registry.check(killed=False)
            registry.check_complete()
        return len(writes.made)

    def kill(self, number: int, *, in_flight: bool = False) -> None:
        """Ends the operation after the write of this number, and then completes it."""
        with self._registry() as registry:
            with kills.observed(number, in_flight=in_flight) as writes, suppress(kills.Killed):
                registry.run(self.operation.after)
            assert writes.killed or self.operation.races, f"the run made {len(writes.made)} writes: {writes.made}"
            with _explained(writes):
                registry.check(killed=writes.killed)
                registry.expire_lease()
                registry.run(self.operation.after)
                registry.check(killed=False)
                registry.check_complete()

    def disturb(self, proxy: Proxy, faults: Faults, **limits: int) -> list[str]:
        """Does the operation through the proxy, and then completes it. Returns why the disturbed run failed, [] if it succeeded.

        limits: connection options.
        """
        with self._registry() as registry:
            proxy.faults = faults
            failures = registry.run_disturbed(self.operation.after, {"kubeconfig": proxy.kubeconfig, **limits})
            proxy.faults = None
            registry.check(killed=bool(failures))
            registry.expire_lease()
            registry.run(self.operation.after)
            registry.check(killed=False)
            registry.check_complete()
        return failures

    @contextmanager
    def _registry(self) -> Iterator[_Registry]:
        name = f"test-{uuid.uuid4().hex[:10]}"
        made = self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        registry = _Registry(self, name)
        try:
            with registry.prepared():
                yield registry
        finally:
            registry.release()
            self.cluster.delete("Namespace", name, None, uid=made["metadata"]["uid"])


@contextmanager
def _explained(writes: kills.Writes) -> Iterator[None]:
    try:
        yield
    except Exception as problem:
        problem.add_note(f"killed after write {len(writes.made)}: {writes.made}")
        raise


class _Registry:
    def __init__(self, killed: KilledOperation, namespace: str) -> None:
        self._kubeconfig = killed.kubeconfig
        self._start_seconds = killed.start_seconds
        self._operation = killed.operation
        self._cluster: Cluster = killed.cluster
        self._namespace = namespace
        self._operator_runs = self._operation.operator_before
        self._consent = ""
        self._claims: dict[str, str] = {}
        self._passwords: set[str | None] = set()

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """The registry as it is before the operation, with Pods that run, and the operator if there is one then."""
        self._cluster.create(objects.claim(OTHER_CLAIM, self._namespace))
        runs = operator_model.seen(lambda: self._operator_runs)
        with kubelet(self._kubeconfig, self._namespace, start_seconds=self._start_seconds), runs:
            with self._operator(self._operation.operator_before):
                self._deploy_first()
            self._operator_runs = self._operation.operator_after
            with self._operator(self._operation.operator_after):
                if self._operation.taken:
                    until("the operator to take the registry", self._is_taken)
                yield

    def _deploy_first(self) -> None:
        if self._operation.before is None:
            return
        self.run(self._operation.before)
        if self._operation.switches:
            self._consent = consent.fitting(self._cluster, self._namespace, self._operation.storage_ids[0])
        self._claims = self._read_claims()
        self._passwords = {self._password()}

    def run(self, variables: Variables) -> list[Any]:
        """One run of the role."""
        return self._role(variables, {}).run()

    def run_disturbed(self, variables: Variables, connection: Variables) -> list[str]:
        """One run of the role with options of the connection. Returns why it failed, [] if it succeeded; findings say it."""
        role = self._role(variables, connection)
        try:
            role.run()
        except TaskFailed as failure:
            assert any(item.result.get("findings") for item in role.results if item.failed), failure
        messages = [str(item.result.get("msg")) for item in role.results if item.failed]
        assert not [text for text in messages if "internal error" in text], messages
        return messages

    def _role(self, variables: Variables, connection: Variables) -> Role:
        given = {
            **_COMMON,
            **variables,
            "registry_namespace": self._namespace,
            "registry_accept_data_loss": self._consent,
        }

        def call(name: str, arguments: Variables, *, check: bool = False) -> TaskResult:
            return in_process.module(name, {**arguments, **connection}, kubeconfig=self._kubeconfig, check=check)

        return Role(call, given)

    def expire_lease(self) -> None:
        """Deletes the Lease that a killed run has left, for which the next one would wait a minute."""
        lease = self._cluster.get("Lease", constants.LEASE, self._namespace)
        if lease is not None:
            self._cluster.delete("Lease", constants.LEASE, self._namespace, uid=lease["metadata"]["uid"])

    def check(self, *, killed: bool) -> None:
        """What runs can start again with the storage of before or after; claims and credentials are there."""
        deployment = self._deployment()
        former, requested = self._operation.storage_ids
        if deployment is not None:
            assert storage_id_of(deployment) in ({former, requested} if killed else {requested})
            missing = [
                item for item in required_names(deployment["spec"]["template"]["spec"]) if not self._exists(*item)
            ]
            assert missing == [], "a Pod of the Deployment cannot start"
            self._check_configuration(deployment)
            if former.startswith("s3/") and not is_verified(deployment):
                assert self._exists(*_EGRESS), "Pods of the former revision cannot reach their store"
            self._restart_pods()
        else:
            assert self._operation.removes or (
                killed and (self._operation.before is None or self._operation.hands_over)
            )
        claims = self._read_claims()
        assert self._claims.items() <= claims.items(), "a claim was deleted or created again"
        if self._operation.before is not None and not self._operation.removes:
            wanted = self._operation.after.get("registry_password")
            assert self._password() in {*self._passwords, *([wanted] if wanted else [])}

    def check_complete(self) -> None:
        """The change is done, nothing of another mode is left, and one more run writes nothing."""
        assert (self._deployment() is None) == self._operation.removes
        if not self._operation.removes:
            assert self._operation.after.get("registry_password") in (None, self._password())
        if self._operation.operator_after:
            assert list(list_revision_objects(self._cluster, self._namespace)) == []
        elif not self._operation.removes:
            # The runs neither try a store nor write to it.
            store = self._operation.storage_ids[1].startswith("s3/")
            assert is_verified(self._deployment()) is not store
            assert self._exists(*_EGRESS) is store
        with kills.observed() as writes:
            results = self.run(self._operation.after)
        assert writes.made == [] and not any(item.changed for item in results), writes.made
        if self._operation.removes:
            left = {
                item["metadata"]["name"]
                for kind in ("Secret", "ConfigMap")
                for item in self._cluster.list(kind, self._namespace)
            }
            assert (
                left <= {"kube-root-ca.crt"} and self._cluster.get("DockerRegistry", "default", self._namespace) is None
            )

    def _check_configuration(self, deployment: Any) -> None:
        """config.yml is of the storage that the Deployment says."""
        volumes = deployment["spec"]["template"]["spec"]["volumes"]
        (name,) = [
            item["configMap"]["name"]
            for item in volumes
            if constants.CONFIG_MAP in (item.get("configMap") or {}).get("name", "")
        ]
        found = self._cluster.get("ConfigMap", name, self._namespace)
        assert found is not None
        storage = yaml.safe_load(found["data"]["config.yml"])["storage"]
        storage_id = storage_id_of(deployment)
        assert storage_id is not None
        driver, *place = storage_id.split("/")
        if driver == "s3":
            assert storage["s3"]["bucket"] in place
        else:
            assert "filesystem" in storage

    def _restart_pods(self) -> None:
        """What runs is rolled out; its Pods are deleted, and others take their place."""
        for _turn in range(2):
            until("the rollout", lambda: is_rolled_out(self._deployment() or {}), 20)
            pods = self._cluster.list("Pod", self._namespace)
            for pod in pods if not _turn else ():
                self._cluster.delete("Pod", pod["metadata"]["name"], self._namespace, uid=pod["metadata"]["uid"])

    def _is_taken(self) -> bool:
        """The API server rejects the operator's Deployment, which has other probes than that of direct mode; all before it was applied."""
        cr = self._cluster.get("DockerRegistry", constants.CR_NAME, self._namespace)
        return has_finalizer(cr) and condition(cr, "Installed").get("reason") == "InstallationErr"

    def _deployment(self) -> Any:
        return self._cluster.get("Deployment", constants.REGISTRY, self._namespace)

    def _exists(self, kind: str, name: str) -> bool:
        return self._cluster.get(kind, name, self._namespace) is not None

    def _read_claims(self) -> dict[str, str]:
        found = self._cluster.list("PersistentVolumeClaim", self._namespace)
        return {
            item["metadata"]["name"]: item["metadata"]["uid"]
            for item in found
            if "deletionTimestamp" not in item["metadata"]
        }

    def _password(self) -> str | None:
        return secret_text(self._cluster.get("Secret", constants.CREDENTIALS_SECRET, self._namespace), "password")

    def _operator(self, runs: bool) -> AbstractContextManager[None]:
        return operator_model.serving(self._kubeconfig, self._namespace) if runs else nullcontext()

    def release(self) -> None:
        """No operator is left that would take its finalizer off, without which the namespace could not end."""
        for item in self._cluster.list("DockerRegistry", self._namespace):
            patch = {"metadata": {"finalizers": None}}
            self._cluster.patch(
                "DockerRegistry",
                item["metadata"]["name"],
                self._namespace,
                patch,
                content_type="application/merge-patch+json",
            )
