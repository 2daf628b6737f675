# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator left in the cluster is reported without the secrets in it: conditions, variables, annotations."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.cases import objects
from ansible_collections.kyma.docker_registry.tests.support import consent, leaks, playbook

pytestmark = pytest.mark.nodeless


@pytest.fixture
def left(namespace: str, cluster: Cluster) -> dict[str, str]:
    """A DockerRegistry whose condition quotes a value, and a Deployment with a random one; the canaries by their place."""
    canaries = {place: leaks.canary() for place in ("condition", "variable", "annotation", "command")}
    deployment: dict[str, Any] = copy.deepcopy(objects(namespace)[0])
    deployment["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
    deployment["metadata"]["annotations"] = {"example.com/token": canaries["annotation"]}
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": "REGISTRY_HTTP_SECRET", "value": canaries["variable"]}]
    container["args"] = [f"--token={canaries['command']}"]
    cluster.create(deployment)
    cr = {
        "apiVersion": "operator.kyma-project.io/v1alpha1",
        "kind": "DockerRegistry",
        "metadata": {"name": "default", "namespace": namespace},
    }
    live = cluster.create({**cr, "spec": {}})
    message = f"failed to parse secrets.s3.secretKey={canaries['condition']},tail flag"
    entry = {"type": "Installed", "status": "False", "reason": "InstallationErr", "message": message}
    entry["lastTransitionTime"] = "2026-01-01T00:00:00Z"
    cluster.apply_status({**cr, "status": {"state": "Ready", "served": "True", "conditions": [entry]}}, live=live)
    return canaries


def test_nothing_of_it_is_reported(
    namespace: str, kubeconfig: str, cluster: Cluster, execution: str, left: dict[str, str]
) -> None:
    """In a look, in the overlay's diff and in the one of a removal."""
    overlay = {"namespace": namespace, "mode": "operator", "storage": {}}
    accepted = consent.fitting(cluster, namespace, "unknown/dockerregistry")
    calls = [
        ("registry_info", {"namespace": namespace}, False),
        ("registry_deployment", overlay, True),
        ("docker_registry_storage", {"namespace": namespace, "accept_data_loss": accepted}, True),
    ]
    run = playbook.run(
        [
            {f"kyma.docker_registry.{name}": arguments, "check_mode": check, "ignore_errors": True}
            for name, arguments, check in calls
        ],
        kubeconfig=kubeconfig,
        execution=execution,
        arguments=["-vvv", "--diff"],
        extra_environment={"ANSIBLE_INJECT_INVOCATION": "1"},
    )
    look, overlaid, removed = run.tasks
    assert "the message is not shown" in look.result["conditions"][0]["message"]
    for task in (overlaid, removed):
        assert "REGISTRY_HTTP_SECRET" in str(task.result.get("diff")), task.result
    assert leaks.found({"output": run.output}, left.values()) == []
