# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded as verified on an operator's Deployment, and when it is restored."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import restore, verified_state
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import overlay
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": constants.OPERATOR_SECRET}}
STORAGE_ID = "s3/eu-central-1/images"
FIELDS = {"f:metadata": {"f:annotations": {f"f:{constants.STORAGE_ID}": {}}}}


class _Cluster:
    """A DockerRegistry and the operator's Deployment; a patch changes the annotations."""

    def __init__(self, storage: Any = S3, *, managed: bool = False, state: str = "Ready") -> None:
        self.secrets: dict[str, Any] = {}
        self.patches: list[Any] = []
        self.cr: dict[str, Any] = {
            "metadata": {"name": "default", "annotations": {constants.STORAGE_ID: STORAGE_ID, "other": "x"}},
            "spec": {"storage": storage},
            "status": {"state": state},
        }
        entry = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "fieldsV1": FIELDS}
        counts = dict.fromkeys(("updatedReplicas", "replicas", "readyReplicas", "availableReplicas"), 1)
        self.deployment: dict[str, Any] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": constants.REGISTRY,
                "namespace": "ns",
                "uid": "1",
                "generation": 1,
                "annotations": {REVISION: "4", constants.STORAGE_ID: STORAGE_ID},
                "labels": dict(constants.MANAGED_BY) if managed else {},
                "managedFields": [entry],
            },
            "spec": {"replicas": 1, "template": {"spec": {"containers": []}}},
            "status": {"observedGeneration": 1, **counts},
        }

    @property
    def annotations(self) -> dict[str, Any]:
        """Of the Deployment."""
        found: dict[str, Any] = self.deployment["metadata"]["annotations"]
        return found

    def get(self, kind: str, name: str, _namespace: str) -> Any:
        return {"Deployment": self.deployment, "DockerRegistry": self.cr}.get(kind) or self.secrets.get(name)

    def patch(self, _kind: str, _name: str, _namespace: str, patch: Any, *, content_type: str) -> None:
        assert "merge-patch" in content_type
        self.patches.append(patch)
        changed = {**self.annotations, **patch["metadata"]["annotations"]}
        self.deployment["metadata"]["annotations"] = {key: item for key, item in changed.items() if item is not None}

    def context(self, *, check_mode: bool = False) -> Context:
        """The context of a module that uses this cluster."""
        params = {"name": "default", "namespace": "ns", "values_restored": False, "login_fingerprint": ""}
        return make_context(params, check_mode, cluster=self)


def test_a_verified_state() -> None:
    """It is the recorded one until spec.storage, an annotation of it, the overlay or the revision changes, or a restoration is recorded."""
    cluster = _Cluster()
    context = cluster.context()
    assert not verified_state.is_state_verified(context, cluster.cr, cluster.deployment)
    verified_state.record_verified_state(context, cluster.cr, cluster.deployment, None)
    assert verified_state.is_state_verified(context, cluster.cr, cluster.deployment)
    state = verified_state.read_verified_state(cluster.deployment)
    assert state is not None
    assert (state.storage, state.storage_id) == (S3, STORAGE_ID)
    assert state.annotations == {constants.STORAGE_ID: STORAGE_ID}
    assert state.overlay["metadata"]["annotations"] == {constants.STORAGE_ID: STORAGE_ID}

    cluster.cr["metadata"]["annotations"]["other"] = "y"
    assert verified_state.is_state_verified(context, cluster.cr, cluster.deployment)
    spec, annotation, overlay, revision = (_Cluster() for _ in range(4))
    for item in (spec, annotation, overlay, revision):
        item.deployment["metadata"]["annotations"] = dict(cluster.annotations)
    spec.cr["spec"] = {}
    annotation.cr["metadata"]["annotations"][constants.STORAGE_ID] = "other"
    overlay.annotations[constants.STORAGE_ID] = "other"
    revision.annotations[REVISION] = "5"
    for item in (spec, annotation, overlay, revision):
        assert not verified_state.is_state_verified(context, item.cr, item.deployment)

    verified_state.record_verified_state(context, cluster.cr, cluster.deployment, "rollout-crashloop")
    assert cluster.annotations[constants.RESTORED_AFTER] == "rollout-crashloop"
    assert not verified_state.is_state_verified(context, cluster.cr, cluster.deployment)
    verified_state.record_verified_state(context, cluster.cr, cluster.deployment, None)
    assert constants.RESTORED_AFTER not in cluster.annotations


def test_a_registry_that_was_found() -> None:
    """It is recorded once if it serves; a registry of direct mode, one with an overlay, one that is read-only or not ready, and check mode are not."""

    def found(**options: Any) -> _Cluster:
        cluster = _Cluster(**options)
        cluster.deployment["metadata"]["managedFields"] = []
        return cluster

    cluster = found()
    verified_state.record_found_state(cluster.context(check_mode=True), cluster.cr, cluster.deployment)
    verified_state.record_found_state(cluster.context(), cluster.cr, None)
    assert cluster.patches == []
    verified_state.record_found_state(cluster.context(), cluster.cr, cluster.deployment)
    verified_state.record_found_state(cluster.context(), cluster.cr, cluster.deployment)
    assert len(cluster.patches) == 1
    assert verified_state.read_verified_state(cluster.deployment) is not None
    assert constants.VERIFIED_REVISION not in cluster.annotations

    read_only, rolling = found(), found()
    read_only.annotations[constants.READ_ONLY_SINCE] = "2026-01-02T03:04:05Z"
    rolling.deployment["status"]["updatedReplicas"] = 0
    of_a_failed_run = _Cluster()
    for other in (read_only, rolling, found(managed=True), found(state="Processing"), of_a_failed_run):
        verified_state.record_found_state(other.context(), other.cr, other.deployment)
        assert other.patches == []


@pytest.mark.parametrize(
    ("due_to_values", "requested", "restored"),
    [(True, STORAGE_ID, True), (False, STORAGE_ID, False), (False, "s3/eu-central-1/other", True)],
    ids=["the values can be the cause", "another cause", "they belong to another storage"],
)
def test_when_the_credentials_are_restored(due_to_values: bool, requested: str, restored: bool) -> None:
    """The Secret for the operator: if the store or the values can be the cause, or if the storage was switched; only kept values."""
    cluster = _Cluster()
    verified_state.record_verified_state(cluster.context(), cluster.cr, cluster.deployment, None)
    former = verified_state.read_verified_state(cluster.deployment)
    assert former is not None
    cluster.cr["metadata"]["annotations"][constants.STORAGE_ID] = requested
    kept = {"metadata": {"labels": dict(constants.MANAGED_BY)}}

    def values(state: verified_state.VerifiedState) -> Any:
        switched = restore._is_switched(cluster.context(), cluster.cr, cluster.deployment, state)
        return restore._former_values(cluster.context(), state, due_to_values=due_to_values, switched=switched)

    assert values(former) is None, "verified values are not kept"
    cluster.secrets[constants.PREVIOUS_OPERATOR_SECRET] = kept
    assert values(former) == (kept if restored else None)
    users_own = {"s3": {**S3["s3"], "secretName": "store"}}
    for storage in (users_own, {"pvc": {"name": "other"}}, None):
        assert values(verified_state.VerifiedState(storage, {}, {}, STORAGE_ID)) is None


def test_nothing_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a record, if nothing differs from it, and if direct mode has the registry. A consent to the switch is used up if nothing differs."""
    removed: list[Context] = []
    monkeypatch.setattr(restore, "remove_accepted_loss", removed.append)
    never, same, managed = _Cluster(), _Cluster(), _Cluster(managed=True)
    for cluster in (same, managed):
        verified_state.record_verified_state(cluster.context(), cluster.cr, cluster.deployment, None)
    managed.cr["spec"] = {}
    for cluster in (never, same, managed):
        cluster.patches.clear()
        context = cluster.context()
        restore.restore_with_operator(context, ["rollout-crashloop"], due_to_revision=True)
        assert "restored" not in context.result and cluster.patches == [] and context.changes == []
        assert context.result.get("storage_secret") == (constants.OPERATOR_SECRET if cluster is same else None)
        assert removed.count(context) == (cluster is same)


@pytest.mark.parametrize("due", [True, False])
def test_the_secret_of_the_user(due: bool) -> None:
    """The storage that is in use as before was asked for with the Secret of the user, not with the one that the operator reads."""
    cluster = _Cluster()
    asked_for = {"s3": {**S3["s3"], "secretName": "bucket"}}
    cluster.cr["metadata"]["annotations"][constants.REQUESTED_STORAGE] = json.dumps(asked_for)
    verified_state.record_verified_state(cluster.context(), cluster.cr, cluster.deployment, None)
    context = cluster.context()
    restore.restore_with_operator(context, ["cluster-unreachable"], due_to_revision=due)
    assert context.result == {"storage_secret": "bucket", "storage_restored": False}


@pytest.mark.parametrize(
    ("due", "read_only", "values_restored", "changed", "tried"),
    [
        (True, False, False, True, True),
        (False, False, False, True, False),
        (False, True, False, True, True),
        (True, False, False, False, False),
        (True, False, True, False, True),
    ],
    ids=["the change", "another cause", "another cause, read-only", "nothing changed", "values of the storage Secret"],
)
def test_what_is_restored(
    monkeypatch: pytest.MonkeyPatch, due: bool, read_only: bool, values_restored: bool, changed: bool, tried: bool
) -> None:
    """A change that can be the cause, a registry that is left read-only, and values that the operator has to deploy."""
    cluster = _Cluster()
    verified_state.record_verified_state(cluster.context(), cluster.cr, cluster.deployment, None)
    if changed:
        cluster.cr["spec"] = {}
    if read_only:
        cluster.deployment["spec"]["template"]["metadata"] = {"labels": dict(constants.READ_ONLY_LABEL)}
    asked: list[str | None] = []

    def keeps_images(_context: Context, _live: Any, former_storage_id: str | None) -> bool:
        asked.append(former_storage_id)
        return False

    monkeypatch.setattr(restore, "keeps_images", keeps_images)
    context = cluster.context()
    context.options = replace(context.options, values_restored=values_restored)
    restore.restore_with_operator(context, ["rollout-crashloop"], due_to_revision=due)
    assert asked == ([STORAGE_ID] if tried else [])
    assert "restored" not in context.result


@pytest.mark.parametrize("published", [True, False])
def test_the_user_that_the_former_pods_accept(monkeypatch: pytest.MonkeyPatch, published: bool) -> None:
    """The one that clients have: the changed one if it was published, else the one that the present Pods accept."""
    cluster = _Cluster()
    context = cluster.context()
    context.options = replace(context.options, login_fingerprint="changed")
    template = cluster.deployment["spec"]["template"]
    verified_state.record_verified_state(context, cluster.cr, cluster.deployment, None)
    template["metadata"] = {"annotations": {constants.LOGIN_FINGERPRINT: "present"}}
    annotation = {f"f:{constants.LOGIN_FINGERPRINT}": {}}
    fields = {**FIELDS, "f:spec": {"f:template": {"f:metadata": {"f:annotations": annotation}}}}
    cluster.deployment["metadata"]["managedFields"][0]["fieldsV1"] = fields
    logins: list[str] = []

    def deploy_former(_context: Any, _cr: Any, _live: Any, former: verified_state.VerifiedState, _values: Any) -> Any:
        logins.append(overlay.login_of(former.overlay))
        return SimpleNamespace(cr=cluster.cr)

    def published_login_mark(_context: Any, fingerprint: str) -> str:
        return f"{fingerprint}-7" if published and fingerprint == "changed" else ""

    monkeypatch.setattr(restore, "published_login_mark", published_login_mark)
    monkeypatch.setattr(restore, "keeps_images", lambda *_args: True)
    monkeypatch.setattr(restore, "_deploy_former", deploy_former)
    restore.restore_with_operator(context, ["cluster-forbidden"], due_to_revision=False)
    assert logins == (["changed-7"] if published else [])
    assert [item.message for item in context.findings if "only new Pods accept" in item.message] or not published
    logins.clear()
    restore.restore_with_operator(context, ["rollout-crashloop"], due_to_revision=True)
    assert logins == (["changed-7"] if published else [])
    cluster.cr["spec"] = {}
    restore.restore_with_operator(context, ["rollout-crashloop"], due_to_revision=True)
    assert logins[-1] == ("changed-7" if published else "present")


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (Refusal([error("rollout-timeout", "Deployment/x", "is not ready.", "Wait.")]), "restore-failed", "failed too"),
        (ClusterError("cluster-unreachable", "host", "no answer.", "Later."), "restore-not-confirmed", "not known"),
    ],
    ids=["rollout", "outage"],
)
def test_a_former_state_that_does_not_become_ready(refusal: Refusal, code: str, words: str) -> None:
    """No answer from the API server means nothing for the rollout."""
    (found,) = restore.restore_failure(refusal).findings
    assert (found.code, found.remedy) == (code, refusal.findings[0].remedy)
    assert words in found.message and refusal.findings[0].message in found.message


def test_why_it_was_restored() -> None:
    """A registry that was only left read-only has not failed."""
    assert "the registry failed" in restore.restored_warning(due_to_revision=True).message
    read_only = restore.restored_warning(due_to_revision=False).message
    assert "read-only" in read_only and "the registry failed" not in read_only
