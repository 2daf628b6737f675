# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded and deleted when a revision works."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import confirmation
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

LOSS = "persistentvolumeclaim/dockerregistry#0123abcd -> s3/r/images"


class _Cluster:
    """A Deployment and a DockerRegistry with the record of an accepted loss."""

    def __init__(self, *, ours: bool) -> None:
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
        return []

    def patch(self, *_arguments: Any, **_options: Any) -> None:
        pass

    def apply(self, document: Any, **_options: Any) -> None:
        self.applied.append(document)


@pytest.mark.parametrize("mode", ["direct", "operator"])
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_an_accepted_loss_is_used_up(mode: str, check_mode: bool) -> None:
    """The switch is completed: the same consent accepts nothing later."""
    cluster = _Cluster(ours=mode == "direct")
    context = Context({"name": "default", "namespace": "ns", "mode": mode}, check_mode, _cluster=cluster)  # type: ignore[arg-type]
    confirmation.confirm_deployment(context)
    if check_mode:
        assert cluster.applied == []
        return
    (document,) = cluster.applied
    assert document["kind"] == "DockerRegistry" and document["metadata"]["annotations"] == {}
    assert context.result["confirmed"] and context.changes == []
