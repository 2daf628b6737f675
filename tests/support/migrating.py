# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migrations through the playbook, judged by a client of the tests: nothing is lost, nothing is added."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import label_selector
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import (
    image_set,
    in_process,
    kills,
    playbook,
    registry_client,
)
from ansible_collections.kyma.docker_registry.tests.support.image_set import Contents
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY, Run

SITE = REPOSITORY / "playbooks/site.yml"
MIGRATE = REPOSITORY / "playbooks/migrate.yml"
_DRY_RUN = ("/bin/registry", "garbage-collect", "--dry-run", "/etc/distribution/config.yml")
_KINDS = ("Pod", "Secret", "ConfigMap", "NetworkPolicy")


class MigratingRegistry:
    """A registry that is deployed and migrated. Its image set is pushed once."""

    def __init__(self, kubeconfig: str, cluster: Cluster, namespace: str) -> None:
        """In the namespace of a test."""
        self.cluster, self.namespace = cluster, namespace
        self._kubeconfig = kubeconfig
        self.contents = Contents()

    def run(self, path: Any, variables: Mapping[str, Any], *arguments: str) -> Run:
        """A playbook. The copies go through the API server, so that no other image is needed."""
        known = {
            "registry_namespace": self.namespace,
            "registry_wait_timeout": 120,
            "registry_env": {"REGISTRY_VALIDATION_DISABLED": True},
            "registry_copy_mode": "controller",
            **variables,
        }
        return playbook.run(path, kubeconfig=self._kubeconfig, variables=known, arguments=arguments)

    def deploy(self, variables: Mapping[str, Any], repositories: int = image_set.MORE_THAN_A_PAGE) -> None:
        """Deploys it and pushes the set. repositories: how many small ones the set has."""
        run = self.run(SITE, variables)
        assert run.returncode == 0, run.output
        self.contents = image_set.push_set(registry_client.from_cluster(self.cluster, self.namespace), repositories)

    def migrate(self, variables: Mapping[str, Any], *arguments: str) -> Run:
        """Migrates it."""
        return self.run(MIGRATE, variables, *arguments)

    def killed(self, arguments: Mapping[str, Any], number: int) -> bool:
        """Ends a run of the module after the write of this number. False if the run makes fewer writes, and has ended by itself."""
        with kills.observed(number) as writes, suppress(kills.Killed):
            self.module(arguments)
        # The next run would wait a minute for it.
        lease = self.cluster.get("Lease", constants.LEASE, self.namespace)
        if lease is not None:
            self.cluster.delete("Lease", constants.LEASE, self.namespace, uid=lease["metadata"]["uid"])
        return bool(writes.killed)

    def module(self, arguments: Mapping[str, Any]) -> playbook.TaskResult:
        """The module alone, in this process."""
        given = {"namespace": self.namespace, "copy_mode": "controller", "wait_timeout": 120, **arguments}
        result = in_process.module("registry_migration", given, kubeconfig=self._kubeconfig)
        assert not result.failed, result.result["msg"]
        return result

    def differences(self) -> list[str]:
        """What is not as it was pushed."""
        pods = self.cluster.list("Pod", self.namespace, label_selector=label_selector(constants.SELECTOR))
        names = [pod["metadata"]["name"] for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        answer = self.cluster.exec((self.namespace, names[0], constants.CONTAINER), _DRY_RUN, 10_000_000, 120.0)
        client = registry_client.from_cluster(self.cluster, self.namespace)
        return image_set.find_differences(client, self.contents, answer.stdout)

    def left_behind(self) -> list[str]:
        """Objects that a migration leaves only while it runs."""
        return [kind for kind in _KINDS if self.cluster.get(kind, constants.MIGRATION, self.namespace) is not None]

    def is_read_only(self) -> bool:
        """Whether the Deployment has the record of a maintenance window."""
        found = self.cluster.get("Deployment", constants.REGISTRY, self.namespace) or {}
        return constants.READ_ONLY_SINCE in (found["metadata"].get("annotations") or {})
