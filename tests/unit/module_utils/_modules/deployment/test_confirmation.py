# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded and deleted when a revision works."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import confirmation
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

LOSS = "persistentvolumeclaim/dockerregistry#0123abcd -> s3/r/images"


class _Cluster:
    """A Deployment and a DockerRegistry with the record of an accepted loss; notes what is written."""

    failure: ClusterError | None = None

    def __init__(self, *, ours: bool) -> None:
        self.patches: list[Any] = []
        annotations = {REVISION: "2"}
        labels = dict(constants.MANAGED_BY) if ours else {}
        metadata = {
            "name": constants.REGISTRY,
            "namespace": "ns",
            "uid": "1",
            "annotations": annotations,
            "labels": labels,
        }
        template = {"spec": {"containers": []}}
        self.deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"template": template},
        }
        owned = {"f:metadata": {"f:annotations": {f"f:{constants.ACCEPTED_LOSS}": {}}}}
        entry = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "fieldsV1": owned}
        named = {"name": "default", "namespace": "ns", "annotations": {constants.ACCEPTED_LOSS: LOSS}}
        self.cr = {
            "apiVersion": "v1",
            "kind": "DockerRegistry",
            "metadata": {**named, "managedFields": [entry]},
            "spec": {},
        }
        self.applied: list[Any] = []

    def get(self, kind: str, _name: str, _namespace: str) -> Any:
        return {"Deployment": self.deployment, "DockerRegistry": self.cr}.get(kind)

    def list(self, *_place: str, **_options: Any) -> list[Any]:
        if self.failure is not None:
            raise self.failure
        return []

    def patch(self, _kind: str, _name: str, _namespace: str, patch: Any, **_options: Any) -> None:
        self.patches.append(patch["metadata"]["annotations"])

    def apply(self, document: Any, **_options: Any) -> None:
        self.applied.append(document)


@pytest.mark.parametrize("mode", ["direct", "operator"])
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_an_accepted_loss_is_used_up(mode: str, check_mode: bool) -> None:
    """The switch is completed: the same consent accepts nothing later."""
    cluster = _Cluster(ours=mode == "direct")
    context = make_context({"name": "default", "namespace": "ns", "mode": mode}, check_mode, cluster=cluster)
    confirmation.confirm_deployment(context, None)
    if check_mode:
        assert cluster.applied == []
        return
    (document,) = cluster.applied
    assert document["kind"] == "DockerRegistry" and "annotations" not in document["metadata"]
    assert context.result["confirmed"] and context.changes == []


@pytest.mark.parametrize("mode", ["direct", "operator"])
@pytest.mark.parametrize(
    ("verified", "observed", "confirmed"),
    [("2", 5, True), (None, 5, True), ("1", 5, False), ("2", 4, False)],
    ids=["same revision", "not given", "changed", "changed, and not observed"],
)
def test_only_the_verified_revision_is_recorded(
    monkeypatch: pytest.MonkeyPatch, mode: str, verified: str | None, observed: int, confirmed: bool
) -> None:
    """Another client changes the image between the verification and the confirmation: nothing is recorded or deleted."""
    monkeypatch.setattr(confirmation, "_OBSERVATION", 0.0)
    cluster = _Cluster(ours=mode == "direct")
    cluster.deployment["metadata"]["generation"], cluster.deployment["status"] = 5, {"observedGeneration": observed}
    context = make_context({"name": "default", "namespace": "ns", "mode": mode}, check_mode=False, cluster=cluster)
    confirmation.confirm_deployment(context, verified)
    assert context.result["confirmed"] is confirmed
    assert bool(cluster.patches) is bool(cluster.applied) is confirmed
    assert [(item.code, item.severity) for item in context.findings] == (
        [] if confirmed else [("deployment-changed", "warning")]
    )


def test_a_change_that_is_being_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's own annotation makes another generation: its observation is waited for."""
    cluster = _Cluster(ours=True)
    cluster.deployment["metadata"]["generation"], cluster.deployment["status"] = 5, {"observedGeneration": 4}
    monkeypatch.setattr(
        confirmation.time, "sleep", lambda _seconds: cluster.deployment["status"].update(observedGeneration=5)
    )
    context = make_context({"name": "default", "namespace": "ns", "mode": "direct"}, check_mode=False, cluster=cluster)
    confirmation.confirm_deployment(context, "2")
    assert context.result["confirmed"] and context.findings == []


@pytest.mark.parametrize("code", ["cluster-forbidden", "cluster-server-error"])
def test_objects_that_cannot_be_deleted(code: str) -> None:
    """The registry works, and is confirmed: the run does not fail, and reports what is left."""
    cluster = _Cluster(ours=True)
    cluster.failure = ClusterError(code, "Secret", "no.")
    context = make_context({"name": "default", "namespace": "ns", "mode": "direct"}, check_mode=False, cluster=cluster)
    confirmation.confirm_deployment(context, "2")
    assert context.result["confirmed"] and cluster.patches
    assert [(item.code, item.severity) for item in context.findings] == [(code, "warning")]
