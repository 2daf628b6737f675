# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode with an object store shows the whole plan and only reads; a second run writes nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

PLAN = (
    "Secret/s3-storage",
    "Secret/dockerregistry-config",
    "Secret/dockerregistry-private",
    "Secret/dockerregistry-runtime",
    "DockerRegistry/default",
    "ServiceAccount/dockerregistry",
    "ConfigMap/dockerregistry-config",
    "Service/dockerregistry",
    "PodDisruptionBudget/dockerregistry",
    "Deployment/dockerregistry",
)


def _assert_only_reported(run: playbook.Run, audit: Audit, *parts: str) -> None:
    assert run.returncode == 0, run.output
    assert run.of("Run the preflight").codes("info") == ["preflight-planned"]
    assert [part for part in parts if part not in run.output] == []
    assert audit.writes() == []


def test_plans_and_second_run(
    deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any], audit: Audit
) -> None:
    """The plan for an empty namespace, the plan for a change of the running registry, and nothing to do."""
    variables = lab_clouds.own_s3(clouds, namespace)
    _assert_only_reported(deploy("--check", "--diff", **variables, registry_replicas=2), audit, *PLAN)

    assert deploy(**variables, registry_replicas=1).returncode == 0
    version = cluster.get("Deployment", "dockerregistry", namespace)["metadata"]["resourceVersion"]
    audit.restart()
    other = lab_clouds.s3_key(f"KYMA{namespace[-10:].upper()}", "another-key-of-the-same-store")
    changed = deploy("--check", "--diff", **{**variables, "registry_storage_secret": other}, registry_replicas=2)
    _assert_only_reported(changed, audit, "Secret/s3-storage", "PodDisruptionBudget/dockerregistry", "(new value)")
    assert changed.of("Write the storage Secret").changed and changed.of("Deploy and wait").changed
    assert cluster.get("Deployment", "dockerregistry", namespace)["metadata"]["resourceVersion"] == version

    audit.restart()
    again = deploy("--diff", **variables, registry_replicas=1)
    assert (again.returncode, again.changed) == (0, 0), again.output
    sent = [request for request in audit.requests() if request.verb not in ("get", "list", "watch")]
    # The verification's port-forward is a stream; not even a dry run is among the rest.
    assert [request for request in sent if not request.resource.endswith("portforward")] == []
