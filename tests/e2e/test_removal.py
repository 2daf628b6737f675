# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook `remove` removes the registry that is named, or nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

MANIFEST = """apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: team-registry
  namespace: {namespace}
"""


def test_by_the_wrong_name_and_by_the_manifest(
    deploy: Deploy, cluster: Cluster, namespace: str, kubeconfig: str, audit: Audit
) -> None:
    """The default name is rejected where the registry has another; the manifest that it was deployed with removes it."""
    manifest = MANIFEST.format(namespace=namespace)

    def remove(**variables: Any) -> playbook.Run:
        return playbook.run("kyma.docker_registry.remove", kubeconfig=kubeconfig, variables=variables)

    assert deploy(registry_manifest=manifest).returncode == 0
    audit.restart()
    wrong = remove(registry_namespace=namespace)
    assert wrong.failure.codes() == ["cr-name-mismatch"], wrong.output
    assert "team-registry" in wrong.failure.result["msg"] and audit.writes() == []

    removed = remove(registry_manifest=manifest)
    assert removed.returncode == 0, removed.output
    assert f"DockerRegistry {namespace}/team-registry: removed" in removed.output
    for kind, name in (
        ("Deployment", "dockerregistry"),
        ("DockerRegistry", "team-registry"),
        ("Secret", "dockerregistry-config"),
    ):
        assert cluster.get(kind, name, namespace) is None, kind

    again = remove(registry_manifest=manifest)
    assert again.returncode == 0 and again.changed == 0, again.output
    assert f"DockerRegistry {namespace}/team-registry: there was nothing to remove" in again.output
