# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role in a namespace that the operator serves, and a user who changes the DockerRegistry without the role."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.operator.sandbox import REGISTRY, Sandbox
from ansible_collections.kyma.docker_registry.tests.support import consent, image, playbook, registry_client, roundtrip
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

SITE = playbook.REPOSITORY / "playbooks" / "site.yml"
FINALIZER = "dockerregistry-operator.kyma-project.io/deletion-hook"
MANAGER = "kyma.docker_registry"
_DEFINITION = "dockerregistries.operator.kyma-project.io"
DEFAULT_STORAGE_ID = consent.DEFAULT_STORAGE_ID
# Someone else's registry may still be on its way out.
_PATIENCE = 180.0


def sampled(cases: Iterable[str], *names: str) -> list[Any]:
    """Parameters of a test: one case a class of mistakes by its name, and all others only in make test-long."""
    known = list(cases)
    assert set(names) <= set(known)
    return [pytest.param(name, marks=() if name in names else pytest.mark.long) for name in known]


class RoleRegistry(Sandbox):
    """One registry that the role deploys."""

    def __init__(self, cluster: Cluster, kubeconfig: str) -> None:
        """Take the cluster; nothing is made yet."""
        super().__init__(cluster)
        self.kubeconfig = kubeconfig
        self.image = ""
        self._digest = ""

    def begin(self) -> None:
        """Make the namespace, as soon as the operator, which serves one registry in the cluster, is free."""
        until("the operator to be free", lambda: not self._served(), _PATIENCE)
        self.make_namespace()

    def _served(self) -> list[str]:
        found = self.cluster.list(REGISTRY) if self.cluster.get("CustomResourceDefinition", _DEFINITION) else []
        return [item["metadata"]["namespace"] for item in found if FINALIZER in item["metadata"].get("finalizers", [])]

    def variables(self, **variables: Any) -> dict[str, Any]:
        """Variables of the role, with what all tests want. Redirects are off: the node cannot resolve the clouds' names."""
        common = {"registry_namespace": self.namespace, "registry_wait_timeout": 120, "registry_redirect": False}
        return {**common, **variables}

    def deploy(self, *arguments: str, **variables: Any) -> playbook.Run:
        """Run the role."""
        return playbook.run(
            SITE, kubeconfig=self.kubeconfig, variables=self.variables(**variables), arguments=arguments
        )

    def deployed(self, **variables: Any) -> playbook.Run:
        """Run the role, which has to go well."""
        run = self.deploy(**variables)
        assert run.returncode == 0, run.output
        return run

    def unchanged(self, **variables: Any) -> None:
        """Run the role again: no task says `changed`, and nothing was written."""
        audit = self.audit()
        run = self.deployed(**variables)
        assert run.changed == 0, [(task.task, task.result.get("diff")) for task in run.tasks if task.changed]
        writes = [(item.verb, item.uri) for item in audit.writes()]
        assert writes == []

    def audit(self) -> Audit:
        """The requests of the role from now on."""
        requested = [roundtrip.LAB, "status", "--json"]
        status = json.loads(subprocess.run(requested, stdout=subprocess.PIPE, text=True, check=False).stdout)
        return Audit(status["audit_log"], self.namespace, self.namespace)

    def info(self) -> playbook.TaskResult:
        """What registry_info says."""
        arguments = {"namespace": self.namespace}
        result, output = playbook.module("registry_info", arguments, kubeconfig=self.kubeconfig, execution="action")
        assert not result.failed, output
        return result

    def warned(self) -> set[str]:
        """Codes of what registry_info warns of."""
        return set(self.info().codes("warning"))

    def change(self, storage: Any) -> None:
        """Change spec.storage with kubectl, as a user who does not know the role; None as a value removes."""
        self.by_hand({"spec": {"storage": storage}})

    def by_hand(self, patch: Mapping[str, Any]) -> None:
        """A merge patch of the DockerRegistry with kubectl."""
        command = ["kubectl", "--kubeconfig", self.kubeconfig, "--namespace", self.namespace, "patch", REGISTRY]
        command += ["default", "--type", "merge", "-p", json.dumps(patch)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def await_refusal(self, words: str) -> None:
        """Wait until the operator gives up for now because the API server rejected its apply request."""

        def refused() -> bool:
            message = str(self.condition("Installed").get("message"))
            return self.status().get("state") == "Error" and words in message

        # It tries again at once and says Processing in between; its pauses double.
        until("the API server to refuse", refused)
        until("the operator to rest", lambda: all(refused() for _ in range(5)))

    def cr(self) -> dict[str, Any]:
        """The DockerRegistry."""
        found = self.cluster.get(REGISTRY, "default", self.namespace)
        assert found is not None
        return found

    def storage(self) -> Any:
        """Its spec.storage."""
        return self.cr()["spec"].get("storage")

    def whole(self) -> dict[str, Any]:
        """The Deployment."""
        found = self.cluster.get("Deployment", "dockerregistry", self.namespace)
        assert found is not None
        return found

    def environment(self) -> dict[str, dict[str, Any]]:
        """The variables of the registry's container."""
        containers = self.deployment()["template"]["spec"]["containers"]
        return {item["name"]: item for item in containers[0]["env"]}

    def storage_id(self) -> str:
        """Where the images are, as the role noted it."""
        return str(self.whole()["metadata"]["annotations"]["kyma-docker-registry.ansible/storage-id"])

    def consent(self) -> str:
        """The consent to the loss of what the registry stores now."""
        return consent.fitting(self.cluster, self.namespace, self.storage_id())

    def has_storage_lock(self) -> bool:
        """Whether the variables of the other drivers come from nowhere."""
        return any("dockerregistry-storage-lock" in json.dumps(item) for item in self.environment().values())

    def pods(self) -> set[str]:
        """UIDs of the Pods that serve."""
        return roundtrip.ready_pods(self.cluster, self.namespace)

    @property
    def client(self) -> registry_client.Client:
        """A user of the registry."""
        return registry_client.from_cluster(self.cluster, self.namespace)

    def push(self) -> None:
        """Store an image."""
        self.image = "team/kept:v1"
        with tempfile.TemporaryDirectory(prefix="kyma-image-") as folder:
            self._digest = image.oci_layout(Path(folder, "image"))
            self.client.push(Path(folder, "image"), self.image)

    def assert_kept(self) -> None:
        """The image is served, whole."""
        assert self.client.digest(self.image) == self._digest
        with tempfile.TemporaryDirectory(prefix="kyma-image-") as folder:
            self.client.pull(self.image, Path(folder, "pulled"))
