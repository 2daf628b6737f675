# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights of docs/rbac suffice for direct mode and info. tests/api/rights takes them away one by one."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.tests.support import image, objects, registry_client, rights
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.rights import Give, Right

PVC = {"pvc": {"name": "existing-pvc"}}


def test_they_suffice(grant: Give, audit: Audit, cluster: Cluster, namespace: str) -> None:
    """The plan, a run, a second one, a look by an account that may only look, and the removal."""
    run = grant("direct")
    planned = run("check")
    assert planned.returncode == 0, planned.output
    assert "Deployment/dockerregistry" in planned.output and audit.writes() == []
    assert f"DockerRegistry {namespace}/default: planned, nothing was written" in planned.output
    assert "would be created: " in planned.output and "created: " not in planned.output.replace(
        "would be created: ", ""
    )

    first = run("site")
    assert first.returncode == 0, first.output
    assert first.of("Verify").result["verified"]
    assert run("site").changed == 0

    look = grant("info")
    seen = look("info")
    assert seen.returncode == 0, seen.output
    result = seen.tasks[0].result
    assert (result["state"], result["mode"], result["images"]["known"]) == ("Ready", "direct", True), result
    assert f"DockerRegistry {namespace}/default: Ready" in seen.output
    requested = look("info", info_query="storage_types.running")
    assert requested.tasks[0].result["queried"] == "filesystem"
    assert "images" not in look("info", info_count_images=False).tasks[0].result
    refused = look("site")
    assert refused.failure.codes() == ["cluster-forbidden"]

    removed = run("remove")
    assert removed.returncode == 0, removed.output
    assert cluster.get("Deployment", "dockerregistry", namespace) is None
    assert cluster.get("PersistentVolumeClaim", "dockerregistry", namespace) is not None, "the images stay"


def test_a_removal_is_refused_whole(grant: Give, cluster: Cluster, namespace: str) -> None:
    """Who may not look for an operator removes nothing beside its finalizer, the workload neither."""
    deployed = grant("direct")("site", registry_verify="none")
    assert deployed.returncode == 0, deployed.output
    finalizers = [{"op": "add", "path": "/metadata/finalizers", "value": [FINALIZER]}]
    cluster.patch("DockerRegistry", "default", namespace, finalizers)
    try:
        run = grant("direct", missing=Right("ClusterRole", "deployments", "list"))("remove", registry_mode="direct")
        assert run.failure.codes() == ["operator-owns-registry"], run.output
        assert cluster.get("Deployment", "dockerregistry", namespace) is not None
    finally:  # No controller removes the finalizer, so the namespace would never be deleted.
        cluster.patch("DockerRegistry", "default", namespace, [{"op": "remove", "path": "/metadata/finalizers"}])


def test_a_stream_less(grant: Give, cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """The verification ends without a port-forward; the data guard refuses where it may not look for images without a tag."""
    runs = {
        verb: grant("direct", missing=Right("Role", "pods/portforward", verb))("site") for verb in ("create", "get")
    }
    (requested,) = [
        verb for verb, run in runs.items() if run.returncode != 0
    ]  # It depends on the API server's version.
    failure = runs[requested].failure
    assert rights.named(failure, Right("Role", "pods/portforward", requested)), failure
    assert "Verify" in failure.task

    cluster.create(objects.claim("existing-pvc", namespace))
    digest = image.oci_layout(tmp_path / "image")
    registry_client.from_cluster(cluster, namespace).push(tmp_path / "image", f"team/app@{digest}")
    run = grant("direct", missing=Right("Role", "pods/exec", requested))
    guarded = run("site", registry_storage=PVC)
    assert guarded.failure.codes() == ["images-at-risk"]
    assert f"is not allowed to {requested} pods/exec" in guarded.failure.result["msg"], guarded.output
