# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the last verified Deployment is restored, and when nothing is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import restore
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.previous_deployment import (
    previous_replicas,
    read_previous_deployment,
    record_previous,
    record_restored,
    record_verified,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Deployment = dict[str, Any]

FIELDS = {"f:spec": {"f:replicas": {}}, "f:metadata": {"f:labels": {"f:app": {}}}}
FORMER = {"s3": {"bucket": "former", "region": "eu-central-1", "secretName": "bucket"}}
ENTRY = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": FIELDS}


class _Cluster:
    """One Deployment; notes the patches."""

    def __init__(self, deployment: Deployment | None) -> None:
        self.deployment = deployment
        self.patches: list[Any] = []

    def get(self, kind: str, name: str, namespace: str) -> Deployment | None:
        return self.deployment if kind == "Deployment" else None

    def list(self, kind: str, namespace: str, label_selector: str) -> list[dict[str, Any]]:
        assert kind in ("ConfigMap", "Secret") and label_selector
        return []

    def patch(self, kind: str, name: str, namespace: str, patch: Any, *, content_type: str) -> Deployment:
        self.patches.append(patch)
        assert self.deployment is not None
        metadata = self.deployment["metadata"]
        changed = {**metadata, "annotations": {**metadata["annotations"], **patch["metadata"]["annotations"]}}
        return {**self.deployment, "metadata": changed}


def _deployment(*, verified: str | None, previous: bool = False, ours: bool = True) -> Deployment:
    annotations = {REVISION: "2"}
    if verified is not None:
        annotations[constants.VERIFIED_REVISION] = verified
    if previous:
        annotations[constants.PREVIOUS_DEPLOYMENT] = json.dumps({"kind": "Deployment"})
    metadata = {"name": constants.REGISTRY, "namespace": "ns", "uid": "1", "annotations": annotations}
    metadata["labels"] = {"app": "registry", **(constants.MANAGED_BY if ours else {})}
    metadata["managedFields"] = [ENTRY]
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1}}


def _wanted(replicas: int) -> Deployment:
    metadata = {"name": constants.REGISTRY, "namespace": "ns", "labels": {"app": "registry"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": replicas}}


def _context(cluster: _Cluster, *, check_mode: bool = False, codes: list[str] | None = None) -> Context:
    params = {"namespace": "ns", "failed_with": codes, "wait_timeout": 1, "mode": "direct"}
    return make_context(params, check_mode, cluster=cluster)


@pytest.mark.parametrize(
    ("deployment", "codes", "check_mode", "due"),
    [
        (None, ["rollout-crashloop"], False, True),
        (_deployment(verified=None), ["rollout-crashloop"], False, True),
        (_deployment(verified="2", previous=True), ["store-unreachable"], False, True),
        (_deployment(verified="1", previous=True, ours=False), ["rollout-crashloop"], False, True),
        (_deployment(verified="1", previous=True), ["cluster-forbidden"], False, False),
        (_deployment(verified="1", previous=True), [], False, False),
        (_deployment(verified="1", previous=True), ["rollout-crashloop"], True, True),
    ],
    ids=["no Deployment", "first", "verified", "another's", "another cause", "no finding", "check mode"],
)
def test_nothing_is_restored(deployment: Deployment | None, codes: list[str], check_mode: bool, due: bool) -> None:
    """Nothing is written, and the result says whether the revision can be the cause."""
    cluster = _Cluster(deployment)
    context = _context(cluster, check_mode=check_mode, codes=codes)
    restore.restore_deployment(context)
    assert context.result == {"restored": False, "due_to_revision": due}
    assert cluster.patches == [] and context.changes == []


@pytest.mark.parametrize("observed", [1, 2], ids=["not observed", "observed"])
def test_a_change_that_the_controller_has_not_observed(monkeypatch: pytest.MonkeyPatch, observed: int) -> None:
    """The revision is still that of the former template: the change counts as not verified, is undone, and is not kept."""
    live = _deployment(verified="2")
    live["metadata"]["annotations"][constants.PREVIOUS_DEPLOYMENT] = json.dumps(
        {**_wanted(3), "spec": {"template": {"spec": {}}}}
    )
    live["metadata"]["generation"], live["status"] = 2, {"observedGeneration": observed}
    live["spec"]["template"] = {"spec": {}}
    asked: list[str] = []
    monkeypatch.setattr(restore, "keeps_images", lambda *_arguments: asked.append("images"))
    cluster = _Cluster(live)
    restore.restore_deployment(_context(cluster, codes=["rollout-timeout"]))
    assert asked == (["images"] if observed == 1 else [])
    record_previous(_context(cluster), live, _wanted(5))
    assert len(cluster.patches) == observed - 1


@pytest.mark.parametrize("mode", ["direct", "operator"])
@pytest.mark.parametrize("code", ["lease-held", "lease-lost"])
def test_another_run_holds_the_lease(code: str, mode: str) -> None:
    """Its maintenance window is open: nothing is read or written, so that this run does not wait for the Lease again."""
    context = make_context({"namespace": "ns", "failed_with": [code], "mode": mode}, check_mode=False, cluster=object())
    restore.restore_deployment(context)
    assert context.result == {"restored": False, "due_to_revision": False}


@pytest.mark.parametrize("codes", [["rollout-admission"], ["cluster-forbidden"], []], ids=str)
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_the_docker_registry_of_a_switch_that_was_not_made(
    monkeypatch: pytest.MonkeyPatch, codes: list[str], check_mode: bool
) -> None:
    """The write of the Deployment was rejected: it uses the former storage, and the DockerRegistry asks for that again, whatever the cause.

    The result names its Secret, whose values may be new.
    """
    deployment = _deployment(verified="2", previous=True)
    deployment["metadata"]["annotations"][constants.REQUESTED_STORAGE] = json.dumps(FORMER)
    storages: list[Any] = []
    monkeypatch.setattr(restore, "restore_cr", lambda _context, storage: storages.append(storage))
    cluster = _Cluster(deployment)
    context = _context(cluster, check_mode=check_mode, codes=codes)
    restore.restore_deployment(context)
    assert storages == ([] if check_mode else [FORMER])
    assert not context.result["restored"] and cluster.patches == []
    named = {"storage_secret": "bucket", "storage_restored": False}
    assert {key: context.result.get(key) for key in named} == (dict.fromkeys(named) if check_mode else named)


@pytest.mark.parametrize(
    ("verified", "replicas", "check_mode", "kept"),
    [
        ("2", 3, False, True),
        ("2", 1, False, False),
        ("1", 3, False, False),
        (None, 3, False, False),
        ("2", 3, True, False),
    ],
    ids=["changed", "same", "unverified", "never verified", "check mode"],
)
def test_what_is_kept(verified: str | None, replicas: int, check_mode: bool, kept: bool) -> None:
    """A verified Deployment that changes: what we own of it. Anything else leaves the record as it is."""
    cluster = _Cluster(_deployment(verified=verified))
    assert cluster.deployment is not None
    after = record_previous(_context(cluster, check_mode=check_mode), cluster.deployment, _wanted(replicas))
    assert len(cluster.patches) == int(kept)
    assert previous_replicas(after) == (1 if kept else None)
    assert read_previous_deployment(after) == (_wanted(1) if kept else None)


def _restarted(**options: Any) -> Deployment:
    """A verified Deployment, after `kubectl rollout restart`: another revision, in which the fields that this collection owns are the same."""
    deployment = _deployment(verified="1", **options)
    deployment["metadata"]["annotations"][constants.PREVIOUS_DEPLOYMENT] = json.dumps(_wanted(1))
    return deployment


@pytest.mark.parametrize("changed", [False, True], ids=["restarted", "changed by another client"])
def test_what_is_kept_of_another_revision(changed: bool) -> None:
    """The Deployment counts as verified if what we own of it is what a run has verified. The number of replicas can be that of another client."""
    deployment = _restarted()
    deployment["spec"]["replicas"] = 4
    if changed:
        deployment["metadata"]["labels"]["app"] = "another"
    cluster = _Cluster(deployment)
    after = record_previous(_context(cluster), deployment, {**_wanted(5), "kind": "Deployment"})
    assert previous_replicas(after) == (None if changed else 4)
    assert read_previous_deployment(after) == _wanted(1 if changed else 4)


def test_what_is_kept_of_a_verified_revision() -> None:
    """The revision, and what we own of it; nothing is written again if nothing differs."""
    cluster = _Cluster(_deployment(verified="1", previous=True))
    assert cluster.deployment is not None
    record_verified(_context(cluster), cluster.deployment)
    (patch,) = cluster.patches
    annotations = patch["metadata"]["annotations"]
    assert annotations[constants.VERIFIED_REVISION] == "2"
    assert json.loads(annotations[constants.PREVIOUS_DEPLOYMENT]) == _wanted(1)
    cluster.deployment["metadata"]["annotations"].update(annotations)
    record_verified(_context(cluster), cluster.deployment)
    assert len(cluster.patches) == 1


def test_a_restarted_deployment_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that failed before it changed the Deployment: there is nothing else to restore than spec.storage."""
    live = _restarted()
    live["metadata"]["annotations"][constants.REQUESTED_STORAGE] = json.dumps(FORMER)
    storages: list[Any] = []
    monkeypatch.setattr(restore, "restore_cr", lambda _context, storage: storages.append(storage))
    cluster = _Cluster(live)
    context = _context(cluster, codes=["rollout-crashloop"])
    restore.restore_deployment(context)
    assert storages == [FORMER] and cluster.patches == [] and not context.result["restored"]


def test_objects_of_the_last_verified_deployment_are_missing() -> None:
    """Its Secret with former credentials was deleted: with it the Pods would never start."""
    volumes = [{"name": "private", "secret": {"secretName": f"{constants.RUNTIME_SECRET}-0123456789"}}]
    previous = {**_wanted(1), "spec": {"template": {"spec": {"containers": [], "volumes": volumes}}}}
    live = _deployment(verified="1")
    live["metadata"]["annotations"][constants.PREVIOUS_DEPLOYMENT] = json.dumps(previous)
    cluster = _Cluster(live)
    context = _context(cluster, codes=["rollout-crashloop"])
    restore.restore_deployment(context)
    (finding,) = context.findings
    assert (finding.code, finding.severity) == ("restore-at-risk", "warning")
    assert f"Secret/{constants.RUNTIME_SECRET}-0123456789" in finding.message
    assert cluster.patches == [] and not context.result["restored"]


def test_the_record_of_a_restoration_is_removed() -> None:
    """By the next run that deploys, whether it changes something or not; check mode writes nothing."""
    for replicas in (1, 3):
        deployment = _deployment(verified="2")
        deployment["metadata"]["annotations"][constants.RESTORED_AFTER] = "rollout-crashloop"
        cluster = _Cluster(deployment)
        assert record_previous(_context(cluster, check_mode=True), deployment, _wanted(replicas)) == deployment
        record_previous(_context(cluster), deployment, _wanted(replicas))
        (patch,) = cluster.patches
        assert patch["metadata"]["annotations"][constants.RESTORED_AFTER] is None


@pytest.mark.parametrize(
    ("codes", "recorded"), [(["store-unreachable", "x"], "store-unreachable,x"), ([], "unknown")], ids=["codes", "none"]
)
def test_a_restoration_is_recorded(codes: list[str], recorded: str) -> None:
    """With what failed, for registry_info and an alert."""
    cluster = _Cluster(_deployment(verified="2"))
    record_restored(_context(cluster), codes)
    (patch,) = cluster.patches
    assert patch["metadata"]["annotations"] == {constants.RESTORED_AFTER: recorded}


@pytest.mark.parametrize(
    ("code", "read_only"),
    [("rollout-image-pull", False), ("cluster-unreachable", True)],
    ids=["the new revision", "an outage before the switch, which left the registry read-only"],
)
def test_the_record_of_a_maintenance_window(monkeypatch: pytest.MonkeyPatch, code: str, read_only: bool) -> None:
    """After a failed switch, Pods that reject pushes may serve until the restored ones do; the record stays as long."""
    live = _deployment(verified="1", previous=True)
    if read_only:
        live["spec"]["template"] = {"metadata": {"labels": dict(constants.READ_ONLY_LABEL)}}
    live["metadata"]["annotations"][constants.READ_ONLY_SINCE] = "2026-01-02T03:04:05Z"
    previous = {
        **_wanted(1),
        "metadata": {**_wanted(1)["metadata"], "annotations": {constants.REQUESTED_STORAGE: json.dumps(FORMER)}},
    }
    live["metadata"]["annotations"][constants.PREVIOUS_DEPLOYMENT] = json.dumps(previous)
    steps: list[str] = []

    def apply(_context: Context, document: Deployment, *_arguments: Any, **_options: Any) -> None:
        steps.append(f"apply {document['metadata']['annotations'][constants.READ_ONLY_SINCE]}")

    def wait(_context: Context) -> Deployment:
        steps.append("wait")
        return {**live, "spec": {}}

    monkeypatch.setattr(restore, "keeps_images", lambda *_arguments: True)
    monkeypatch.setattr(restore, "storage_id_of", lambda item: "new" if item is live else "former")
    monkeypatch.setattr(restore, "apply_object", apply)
    monkeypatch.setattr(restore, "wait_for_pods", wait)
    monkeypatch.setattr(restore, "confirm_deployment", lambda _context, revision: steps.append(f"confirm {revision}"))
    monkeypatch.setattr(restore, "restore_cr", lambda *_arguments: None)
    monkeypatch.setattr(restore, "report_status", lambda *_arguments: True)
    monkeypatch.setattr(restore, "_deployed_storage", lambda *_arguments: None)
    cluster = _Cluster(live)
    context = _context(cluster, codes=[code])
    restore.restore_deployment(context)
    assert (context.result["storage_secret"], context.result["storage_restored"]) == ("bucket", True)
    assert steps == ["apply 2026-01-02T03:04:05Z", "wait", "confirm 2"]
    assert [item["metadata"]["annotations"] for item in cluster.patches] == [
        dict.fromkeys(constants.WINDOW_RECORD),
        {constants.RESTORED_AFTER: code},
    ]
