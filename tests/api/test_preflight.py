# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight writes to the API server, and what it leaves there. No Pod starts here."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight import (
    run_preflight,
    service_account,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.service_account import (
    FORMER_ANNOTATIONS,
    PreflightAccount,
    restore_account,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.references import (
    referenced_names,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.api.cases import LABELS, STORAGE_SECRETS, objects
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.support import in_process, kills, operator_cases, policies, rights
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.support.kubelet import kubelet
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult
from ansible_collections.kyma.docker_registry.tests.support.role_in_process import Role
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

pytestmark = pytest.mark.nodeless

Annotations = dict[str, str]
ROLE = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/new"}
FORMER = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/old", "company.example/team": "registry"}


def _account(namespace: str, annotations: Annotations | None) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": constants.REGISTRY, "namespace": namespace, "labels": LABELS}
    if annotations is not None:
        metadata["annotations"] = annotations
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata,
        "automountServiceAccountToken": False,
    }


def _live(cluster: Cluster, namespace: str) -> dict[str, Any] | None:
    return cluster.get("ServiceAccount", constants.REGISTRY, namespace)


def _annotations(cluster: Cluster, namespace: str) -> Annotations:
    live = _live(cluster, namespace)
    assert live is not None
    return dict(live["metadata"].get("annotations") or {})


def _context(cluster: Cluster, namespace: str) -> Context:
    return make_context({"namespace": namespace}, False, cluster=cluster)


def _interrupt(cluster: Cluster, namespace: str, account: dict[str, Any]) -> Annotations:
    """A run that is killed during the preflight. Returns the annotations at that moment."""

    def stop(context: Context, namespace: str) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(service_account, "_restore", stop)
        with PreflightAccount(_context(cluster, namespace), namespace, account):
            pass
    return _annotations(cluster, namespace)


@pytest.mark.parametrize("former", [FORMER, {}, None], ids=["others", "empty", "none"])
@pytest.mark.parametrize("killed", [False, True], ids=["ends", "killed"])
def test_new_annotations_are_written_for_the_preflight_only(
    former: Annotations | None, killed: bool, cluster: Cluster, namespace: str
) -> None:
    """An account gets the new annotations and then its former ones, so that the next deployment of the former state writes nothing."""
    cluster.apply(_account(namespace, former))
    foreign = {"metadata": {"annotations": {"other.example/note": "kept"}}}
    path = ("ServiceAccount", constants.REGISTRY, namespace)
    cluster.patch(*path, foreign, content_type="application/merge-patch+json")
    cluster.apply(_account(namespace, former))
    context = _context(cluster, namespace)
    if killed:
        seen = _interrupt(cluster, namespace, _account(namespace, ROLE))
        restore_account(context, namespace)
    else:
        with PreflightAccount(context, namespace, _account(namespace, ROLE)) as account:
            assert account.exists
            seen = _annotations(cluster, namespace)
    assert seen.items() >= ROLE.items() and FORMER_ANNOTATIONS in seen and "company.example/team" not in seen
    assert _annotations(cluster, namespace) == {**(former or {}), "other.example/note": "kept"}
    assert not cluster.apply(_account(namespace, former)).changed
    assert [(item.code, item.severity) for item in context.findings] == [("preflight-account", "info")]
    assert len(context.changes) == (1 if killed else 0)


@pytest.mark.parametrize("killed", [False, True], ids=["ends", "killed"])
def test_an_account_that_did_not_exist_is_deleted_again(killed: bool, cluster: Cluster, namespace: str) -> None:
    """It is there during the preflight only."""
    context = _context(cluster, namespace)
    if killed:
        assert _interrupt(cluster, namespace, _account(namespace, ROLE)).items() >= ROLE.items()
        restore_account(context, namespace)
    else:
        with PreflightAccount(context, namespace, _account(namespace, ROLE)) as account:
            assert account.exists and _annotations(cluster, namespace).items() >= ROLE.items()
    assert _live(cluster, namespace) is None
    assert [item.code for item in context.findings] == ["preflight-account"]
    assert len(context.changes) == (1 if killed else 0)


@pytest.mark.parametrize(
    ("live", "wanted", "exists"),
    [(ROLE, ROLE, True), (FORMER, {}, True), (None, {}, False)],
    ids=["same", "none-wanted", "no-account"],
)
def test_nothing_is_written_without_new_annotations(
    live: Annotations | None, wanted: Annotations, exists: bool, cluster: Cluster, namespace: str
) -> None:
    """The live account is used as it is; without one the Pod uses the namespace's default account."""
    if live is not None:
        cluster.apply(_account(namespace, live))
    before, context = _live(cluster, namespace), _context(cluster, namespace)
    with PreflightAccount(context, namespace, _account(namespace, wanted)) as account:
        assert account.exists is exists
        assert _live(cluster, namespace) == before
    assert _live(cluster, namespace) == before
    assert not context.findings and not context.changes


def test_a_deployment_after_a_killed_preflight_leaves_no_record(cluster: Cluster, namespace: str) -> None:
    """The deployment applies the account as it is wanted, also if no preflight runs before it."""
    cluster.apply(_account(namespace, FORMER))
    _interrupt(cluster, namespace, _account(namespace, ROLE))
    cluster.apply(_account(namespace, ROLE))
    assert _annotations(cluster, namespace) == ROLE


S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "store"}}
KINDS = ("pods", "configmaps", "secrets", "networkpolicies", "serviceaccounts")


def _preflight(call: Call, namespace: str, user: int | None = None, **container: Any) -> TaskResult:
    """A preflight for S3 with an account that gets an identity. user: ID. container: fields of the registry's container."""
    workload, config = objects(namespace)
    workload["spec"]["template"]["spec"]["securityContext"] = {"runAsUser": user}
    command = ["/bin/registry", "serve", "/etc/config.yml"]
    workload["spec"]["template"]["spec"]["containers"][0].update(command=command, **container)
    arguments = {
        "state": "preflight",
        "namespace": namespace,
        "storage": S3,
        "secret_source": {"values": STORAGE_SECRETS["s3"]},
        "objects": [workload, config, _account(namespace, ROLE)],
        "wait_timeout": 1,
    }
    return call("registry_deployment", arguments)


def _left(cluster: Cluster, namespace: str) -> list[str]:
    kinds = ("Pod", "ConfigMap", "Secret", "NetworkPolicy")
    return [kind for kind in kinds if cluster.get(kind, constants.PREFLIGHT, namespace) is not None]


def _writes(made: list[str]) -> Iterator[str]:
    """Verb and resource of each write."""
    for entry in made:
        method, path = entry.split(" ")
        yield f"{method} {next(kind for kind in KINDS if kind in path)}"


def test_objects_of_a_preflight(call: Call, cluster: Cluster, namespace: str) -> None:
    """The NetworkPolicy comes first and is deleted last, the Pod comes before what it owns, and no object of the registry's own is left changed."""
    call("registry_secret", {"namespace": namespace})
    cluster.apply(_account(namespace, FORMER))
    with kills.observed() as writes:
        done = _preflight(call, namespace)
    assert done.codes() == ["preflight-timeout"] and not done.changed
    assert done.codes("info") == ["preflight-account"]
    # The garbage collector may be faster with what the Pod owns.
    assert [write for write in _writes(writes.made) if write != "DELETE configmaps"] == [
        "POST networkpolicies",
        "PATCH serviceaccounts",
        "POST pods",
        "POST configmaps",
        "POST secrets",
        "DELETE secrets",
        "DELETE pods",
        "PATCH serviceaccounts",
        "DELETE networkpolicies",
    ]
    assert _left(cluster, namespace) == [] and _annotations(cluster, namespace) == FORMER


@pytest.mark.parametrize("state", ["preflight", "present", "absent"])
def test_the_next_run_removes_what_a_killed_one_has_left(
    state: str, call: Call, cluster: Cluster, namespace: str
) -> None:
    """After a kill at any of its writes: the next preflight, a deployment without one, or the removal of the registry."""
    call("registry_secret", {"namespace": namespace})
    for number in range(1, 10):
        cluster.apply(_account(namespace, FORMER))
        with kills.observed(number) as writes, suppress(kills.Killed):
            _preflight(call, namespace)
        assert writes.killed
        lease = cluster.get("Lease", constants.LEASE, namespace)
        assert lease is not None
        cluster.delete("Lease", constants.LEASE, namespace, uid=lease["metadata"]["uid"])
        if state == "preflight":
            assert _preflight(call, namespace).codes() == ["preflight-timeout"], number
            assert _annotations(cluster, namespace) == FORMER, number
        elif state == "present":
            wanted = [*objects(namespace), _account(namespace, FORMER)]
            given = {"storage": S3, "secret_source": {"values": STORAGE_SECRETS["s3"]}, "wait": False}
            assert not call("registry_deployment", {"namespace": namespace, "objects": wanted, **given}).failed, number
            assert _annotations(cluster, namespace) == FORMER, number
            deployed = cluster.get("Deployment", constants.REGISTRY, namespace)
            assert deployed is not None
            # So that the next one is a first deployment too, which has a preflight.
            cluster.delete("Deployment", constants.REGISTRY, namespace, uid=deployed["metadata"]["uid"])
        else:
            assert not call("registry_deployment", {"state": "absent", "namespace": namespace}).failed, number
            assert _live(cluster, namespace) is None
        assert _left(cluster, namespace) == [], (number, writes.made)


def test_a_quota_with_room_for_one_more_pod_of_the_registry(
    call: Call, cluster: Cluster, namespace: str, kubeconfig: str
) -> None:
    """The preflight Pod asks for as much; if there is less room, the finding says that a quota rejects it."""
    call("registry_secret", {"namespace": namespace})
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": namespace},
        "spec": {"hard": {"limits.memory": "800Mi"}},
    }
    rights.make(kubeconfig, [quota])
    get = ("get", "resourcequota", "small", "-n", namespace, "-o", "jsonpath={.status.used}")
    until("the quota to be counted", lambda: rights.kubectl(kubeconfig, *get))
    for limit, code in (("800Mi", "preflight-timeout"), ("900Mi", "preflight-quota")):
        done = _preflight(call, namespace, resources={"limits": {"memory": limit}})
        assert done.codes() == [code], limit
        assert _left(cluster, namespace) == []
    assert "exceeded quota: small" in done.result["msg"] and "ResourceQuota" in done.result["msg"]


def test_a_policy_that_rejects_user_ids(call: Call, cluster: Cluster, namespace: str, kubeconfig: str) -> None:
    """The Pod is rejected at once, in the words of the policy, and nothing is left."""
    call("registry_secret", {"namespace": namespace})
    words = "the cluster assigns user IDs"
    with policies.rejecting_user(kubeconfig, namespace, 1000, words):
        done = _preflight(call, namespace, 1000)
        assert done.codes() == ["preflight-admission"]
        assert words in done.result["msg"] and "registry_security_context" in done.result["msg"]
        assert _left(cluster, namespace) == []
        assert _preflight(call, namespace, 4242).codes() == ["preflight-timeout"]


def test_a_volume(call: Call, cluster: Cluster, namespace: str) -> None:
    """Before the first deployment and without a change nothing is written. A new image is tested in a Pod that mounts no volume."""
    call("registry_secret", {"namespace": namespace})
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": constants.DEFAULT_CLAIM}}

    def run(state: str, image: str) -> TaskResult:
        workload, config = objects(namespace, claim)
        workload["spec"]["strategy"] = {"type": "Recreate"}
        command = ["/bin/registry", "serve", "/etc/distribution/config.yml"]
        workload["spec"]["template"]["spec"]["containers"][0].update(command=command, image=image)
        common = {"namespace": namespace, "storage": {}, "objects": [workload, config]}
        return call("registry_deployment", {**common, "state": state, "wait": False, "wait_timeout": 1})

    with kills.observed() as before:
        first = run("preflight", "one")
    assert not first.failed and first.result["preflight_run"] is False and before.made == []
    assert not run("present", "one").failed
    with kills.observed() as same:
        second = run("preflight", "one")
    assert not second.failed and second.result["preflight_run"] is False and same.made == []
    with kills.observed() as other:
        changed = run("preflight", "two")
    assert changed.codes() == ["preflight-timeout"] and not changed.changed
    assert list(_writes(other.made))[:3] == ["POST networkpolicies", "POST pods", "POST configmaps"]
    assert _left(cluster, namespace) == []


@pytest.mark.parametrize("store", [False, True], ids=["volume", "store"])
def test_a_run_of_the_role_without_a_change(store: bool, cluster: Cluster, namespace: str, kubeconfig: str) -> None:
    """The role's own objects, as the API server returns them, do not count as a change: there is no preflight, and nothing is written."""
    common = {"registry_namespace": namespace, "registry_verify": "none", "registry_redirect": False}
    storage = {"registry_storage": S3, "registry_storage_secret": STORAGE_SECRETS["s3"]} if store else {}
    variables = {**common, **storage, "registry_wait_timeout": 60}
    call = functools.partial(in_process.module, kubeconfig=kubeconfig)
    with kubelet(kubeconfig, namespace):
        # No registry answers here.
        Role(call, {**variables, "registry_preflight": False}).run()
        with kills.observed() as writes:
            results = Role(call, variables).run()
    assert writes.made == []
    tried = [item.result["preflight_run"] for item in results if "preflight_run" in item.result]
    assert tried == [False]


def _operator(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The Deployment of an operator for S3, as it was recorded."""
    recorded = copy.deepcopy(operator_cases.CASES["s3"].live_deployment())
    # The operator's chart makes the class, and the API server rejects a Pod without it.
    recorded["spec"]["template"]["spec"].pop("priorityClassName")
    place = {"name": constants.REGISTRY, "namespace": namespace, "labels": recorded["metadata"]["labels"]}
    return cluster.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place, "spec": recorded["spec"]})


def _operator_preflight(call: Call, namespace: str, **options: Any) -> TaskResult:
    arguments = {
        "state": "preflight",
        "mode": "operator",
        "namespace": namespace,
        "storage": S3,
        "secret_source": {"values": STORAGE_SECRETS["s3"]},
        "environment": {"GREETING": "hello"},
        "wait_timeout": 1,
    }
    return call("registry_deployment", {**arguments, **options})


def test_operator_mode(call: Call, cluster: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The image of the operator's Deployment with our own configuration, and with credentials that only the preflight has."""
    assert _operator_preflight(call, namespace).result["preflight_run"] is False, (
        "there is no image before the first deployment"
    )
    live = _operator(cluster, namespace)
    seen: dict[str, Any] = {}

    def look(context: Context, namespace: str, path: str, *, replaces_pods: bool) -> None:
        assert replaces_pods, "the operator replaces Pods"
        for kind in ("Pod", "ConfigMap", "Secret"):
            seen[kind] = context.cluster.get(kind, constants.PREFLIGHT, namespace)
        raise Refusal([error("preflight-timeout", path, "seen.")])

    monkeypatch.setattr(run_preflight, "await_start", look)
    done = _operator_preflight(call, namespace)
    assert done.codes() == ["preflight-timeout"] and not done.changed
    spec = seen["Pod"]["spec"]
    template = live["spec"]["template"]["spec"]
    assert {item["image"] for item in spec["containers"]} == {template["containers"][0]["image"]}
    assert "initContainers" not in spec and len(spec["containers"]) == 2
    named = {name for kind, name in referenced_names(spec) if kind in ("Secret", "ConfigMap")}
    assert named == {constants.PREFLIGHT}
    variables = {item["name"]: item for item in spec["containers"][0]["env"]}
    assert variables["GREETING"]["value"] == "hello"
    keys = {item["valueFrom"]["secretKeyRef"]["key"] for item in variables.values() if "valueFrom" in item}
    keys |= {item["key"] for volume in spec["volumes"] for item in (volume.get("secret") or {}).get("items", [])}
    assert keys == seen["Secret"]["data"].keys()
    assert {"config.yml", "root.yml"} == seen["ConfigMap"]["data"].keys()
    assert _left(cluster, namespace) == []


def test_operator_mode_without_the_optional_rights(
    call: Call, cluster: Cluster, namespace: str, kubeconfig: str
) -> None:
    """A warning that names the right and the manifest; the run continues, and nothing is written."""
    _operator(cluster, namespace)
    user = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": namespace}
    bound = [item for role in rights.roles("operator") for item in rights.bound(role, user, namespace, namespace)]
    rights.make(kubeconfig, bound)
    rights.await_rights(kubeconfig, namespace, rights.rights("operator"), namespace)
    with kills.observed() as writes:
        done = _operator_preflight(call, namespace, impersonate_user=namespace)
    assert not done.failed and done.result["preflight_run"] is False and not done.changed
    assert done.codes("warning") == ["preflight-skipped"]
    (finding,) = [item for item in done.result["findings"] if item["code"] == "preflight-skipped"]
    assert "is not allowed to create networkpolicies" in finding["message"]
    assert "operator-preflight.yml" in finding["remedy"]
    assert [write for write in writes.made if not write.endswith("/networkpolicies")] == []
