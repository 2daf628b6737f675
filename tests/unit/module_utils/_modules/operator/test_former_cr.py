# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The former spec.storage is written in one guarded request, together with the annotations that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import former_cr
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "encrypt": False, "secretName": "store"}}
WRITTEN_BACK = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "store"}}
OURS = {f"f:{name}": {} for name in (constants.STORAGE_ID, constants.ACCEPTED_LOSS)}
FIELDS = {"f:metadata": {"f:annotations": OURS}, "f:spec": {"f:storage": {}}}
LOSS = "persistentvolumeclaim/dockerregistry#0123abcd -> s3/eu-central-1/images"
FORMER = {constants.STORAGE_ID: "s3/eu-central-1/images"}
VERSION = {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}
ANNOTATION = {
    "path": "/metadata/annotations/kyma-docker-registry.ansible~1storage-id",
    "op": "add",
    "value": "s3/eu-central-1/images",
}


class _Cluster:
    """One DockerRegistry. storage_id: None without annotations, "" without this one. failures: codes of the answers to the first patches."""

    loss = False

    def __init__(self, storage: Any, storage_id: str | None, failures: tuple[str, ...] = ()) -> None:
        self.storage = storage
        self.storage_id = storage_id
        self.failures = list(failures)
        self.patches: list[Any] = []
        self.applied: list[Any] = []

    def get(self, *_place: str) -> Any:
        entry = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "fieldsV1": FIELDS}
        metadata: dict[str, Any] = {
            "name": "default",
            "namespace": "ns",
            "resourceVersion": "7",
            "managedFields": [entry],
        }
        if self.storage_id is not None:
            metadata["annotations"] = {constants.STORAGE_ID: self.storage_id} if self.storage_id else {}
            if self.loss:
                metadata["annotations"][constants.ACCEPTED_LOSS] = LOSS
        spec = {} if self.storage is None else {"storage": self.storage}
        return {"apiVersion": "v1", "kind": "DockerRegistry", "metadata": metadata, "spec": spec}

    def patch(self, _kind: str, _name: str, _namespace: str, patch: Any) -> Any:
        self.patches.append(patch)
        if self.failures:
            raise ClusterError(self.failures.pop(0), "DockerRegistry/default", "", "")
        return self.get()

    def apply(self, document: Any, **_options: Any) -> None:
        self.applied.append(document)


def _restore(cluster: _Cluster, storage: Any, annotations: Mapping[str, str | None] | None) -> Context:
    context = make_context({"name": "default", "namespace": "ns"}, check_mode=False, cluster=cluster)
    former_cr.restore_cr(context, storage, annotations)
    return context


@pytest.mark.parametrize(
    ("present", "former", "change"),
    [
        ({"pvc": {"name": "other"}}, S3, {"path": "/spec/storage", "op": "add", "value": S3}),
        (S3, None, {"path": "/spec/storage", "op": "remove"}),
        (WRITTEN_BACK, S3, None),
        (None, None, None),
    ],
    ids=["another", "none", "same", "still none"],
)
def test_one_request(present: Any, former: Any, change: Any) -> None:
    """spec.storage is replaced or removed; fields that the operator drops do not count as a difference. Then both are owned by our field manager."""
    cluster = _Cluster(present, "other")
    context = _restore(cluster, former, FORMER)
    assert cluster.patches == [[VERSION, *([change] if change else []), ANNOTATION]]
    (document,) = cluster.applied
    assert document["spec"].get("storage") == former
    assert document["metadata"]["annotations"] == FORMER
    assert bool(context.changes) is (change is not None)


def test_an_annotation_that_did_not_exist() -> None:
    """It is removed: it would name the storage of the run that failed."""
    cluster = _Cluster(S3, "other")
    never = {constants.STORAGE_ID: None, constants.REQUESTED_STORAGE: None}
    _restore(cluster, S3, never)
    assert cluster.patches == [[VERSION, {"path": ANNOTATION["path"], "op": "remove"}]]
    (document,) = cluster.applied
    assert "annotations" not in document["metadata"]


def test_a_docker_registry_without_annotations() -> None:
    """They were taken off by hand: an annotation cannot be added below a field that is not there."""
    cluster = _Cluster(None, None)
    _restore(cluster, S3, {**FORMER, constants.REQUESTED_STORAGE: None})
    added = {"path": "/metadata/annotations", "op": "add", "value": FORMER}
    assert cluster.patches == [[VERSION, {"path": "/spec/storage", "op": "add", "value": S3}, added]]
    (document,) = cluster.applied
    assert document["metadata"]["annotations"] == FORMER


def test_nothing_to_write() -> None:
    """Neither spec.storage nor an annotation differs."""
    cluster = _Cluster(WRITTEN_BACK, FORMER[constants.STORAGE_ID])
    _restore(cluster, S3, FORMER)
    _restore(cluster, S3, None)
    assert cluster.patches == cluster.applied == []


def test_an_operator_that_writes_at_the_same_time() -> None:
    """The request is repeated with the new resourceVersion, and not forever; another failure ends it."""
    cluster = _Cluster(None, "other", ("cluster-precondition", "cluster-invalid"))
    _restore(cluster, S3, FORMER)
    assert len(cluster.patches) == 3 and len(cluster.applied) == 1
    for failures, attempts in ((("cluster-precondition",) * 9, 6), (("cluster-forbidden",), 1)):
        cluster = _Cluster(None, "other", failures)
        with pytest.raises(ClusterError):
            _restore(cluster, S3, FORMER)
        assert len(cluster.patches) == attempts


@pytest.mark.parametrize("present", [S3, None], ids=["same storage", "another storage"])
def test_the_former_storage_without_an_accepted_loss(present: Any) -> None:
    """The switch that the loss was accepted for did not take place: the same consent accepts nothing later."""
    cluster = _Cluster(present, FORMER[constants.STORAGE_ID])
    cluster.loss = True
    context = _restore(cluster, S3, None)
    ((_version, *changes),) = cluster.patches
    assert changes[-1] == {
        "path": "/metadata/annotations/kyma-docker-registry.ansible~1accepted-data-loss",
        "op": "remove",
    }
    (document,) = cluster.applied
    assert document["metadata"]["annotations"] == FORMER and document["spec"]["storage"] == S3
    assert bool(context.changes) is (present is None)


@pytest.mark.parametrize("loss", [True, False])
def test_only_an_accepted_loss_is_removed(loss: bool) -> None:
    """The rest of what we own of the DockerRegistry stays; without the record nothing is written."""
    cluster = _Cluster(S3, FORMER[constants.STORAGE_ID])
    cluster.loss = loss
    context = make_context({"name": "default", "namespace": "ns"}, check_mode=False, cluster=cluster)
    former_cr.remove_accepted_loss(context)
    assert [(item["metadata"]["annotations"], item["spec"]) for item in cluster.applied] == [
        (FORMER, {"storage": S3})
    ] * loss
    assert cluster.patches == context.changes == []


def test_an_accepted_loss_that_is_the_only_annotation() -> None:
    """No empty field stays: it would have an owner, and the next run would write again."""
    cluster = _Cluster({}, "")
    cluster.loss = True
    context = make_context({"name": "default", "namespace": "ns"}, check_mode=False, cluster=cluster)
    former_cr.remove_accepted_loss(context)
    (document,) = cluster.applied
    assert "annotations" not in document["metadata"] and document["spec"] == {"storage": {}}
