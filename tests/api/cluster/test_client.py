# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every request of the client against a real API server."""

from __future__ import annotations

import base64
import copy
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import resources
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import listing
from ansible_collections.kyma.docker_registry.tests.api.cluster.samples import samples

pytestmark = [pytest.mark.smoke, pytest.mark.beside]


def config_map(namespace: str, **data: str) -> dict[str, Any]:
    """A ConfigMap `c`."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}, "data": data}


def fails(action: Callable[[], Any], code: str) -> str:
    """The text of the finding, which has this code."""
    with pytest.raises(ClusterError) as caught:
        action()
    assert caught.value.code == code, caught.value
    return str(caught.value)


@pytest.mark.parametrize("kind", [obj["kind"] for obj in samples("x")])
def test_apply_once_twice_and_changed(cluster: Cluster, namespace: str, kind: str) -> None:
    """Created, then nothing, then one label; a dry run says the same and stores nothing."""
    obj = next(obj for obj in samples(namespace) if obj["kind"] == kind)
    planned = cluster.apply(obj, dry_run=True)
    assert planned.changed
    assert cluster.get(kind, "sample", namespace) is None
    first = cluster.apply(obj)
    assert first.changed
    assert "metadata.labels.app" in first.fields
    again = cluster.apply(obj)
    assert (again.changed, again.fields) == (False, [])
    obj["metadata"]["labels"]["new"] = "x"
    planned = cluster.apply(obj, dry_run=True)
    assert (planned.changed, _ours(planned.fields)) == (True, ["metadata.labels.new"])
    done = cluster.apply(obj)
    assert (done.changed, _ours(done.fields)) == (True, ["metadata.labels.new"])


def _ours(fields: list[str]) -> list[str]:
    """Without what controllers write at any moment."""
    return [
        field for field in fields if not field.startswith(("status", "metadata.annotations.deployment.kubernetes.io"))
    ]


def test_a_live_object_at_hand_saves_the_reading(cluster: Cluster, namespace: str) -> None:
    """Given, or known to be absent."""
    made = cluster.apply(config_map(namespace, a="1"), live=None)
    assert made.changed
    assert not cluster.apply(config_map(namespace, a="1"), live=made.after).changed


def test_fields_left_out_are_given_up(cluster: Cluster, namespace: str) -> None:
    """What we applied before and no longer want goes."""
    cluster.apply(config_map(namespace, a="1", b="2"))
    done = cluster.apply(config_map(namespace, a="1"))
    assert (done.fields, done.after["data"]) == (["data.b"], {"a": "1"})


def test_conflicts_name_manager_and_field(cluster: Cluster, namespace: str) -> None:
    """And are overcome by force only."""
    path = f"/api/v1/namespaces/{namespace}/configmaps/c"
    call = Call("patch", "ConfigMap", "configmaps")
    query = [("fieldManager", "somebody-else")]
    body = config_map(namespace, a="theirs")
    cluster._transport.json(call, "PATCH", path, query=query, body=body, content_type="application/apply-patch+yaml")
    text = fails(lambda: cluster.apply(config_map(namespace, a="ours")), "cluster-conflict")
    assert "somebody-else" in text
    assert "data.a" in text
    fails(lambda: cluster.apply(config_map(namespace, a="ours"), dry_run=True), "cluster-conflict")
    assert cluster.apply(config_map(namespace, a="ours"), force=True).after["data"] == {"a": "ours"}


def test_a_resource_version_guards(cluster: Cluster, namespace: str) -> None:
    """Also an object that has to be new."""
    first = cluster.apply(config_map(namespace, a="1")).after
    cluster.apply(config_map(namespace, a="2"))
    guarded = config_map(namespace, a="3")
    guarded["metadata"]["resourceVersion"] = first["metadata"]["resourceVersion"]
    fails(lambda: cluster.apply(guarded), "cluster-precondition")
    guarded["metadata"]["resourceVersion"] = cluster.get("ConfigMap", "c", namespace)["metadata"]["resourceVersion"]  # type: ignore[index]
    assert cluster.apply(guarded).changed


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("dat",), {"a": "b"}, ".dat: field not declared in schema"),
        (("metadata", "labels"), {"a b": "c d"}, 'metadata.labels: Invalid value: "a b"'),
        (("metadata", "labels"), 3, ".metadata.labels: expected map"),
        (("data",), {"a": 5}, ".data.a: expected string"),
        (("metadata", "name"), "No_Name", 'metadata.name: Invalid value: "No_Name"'),
    ],
)
def test_wrong_objects_are_reported(
    cluster: Cluster, namespace: str, path: tuple[str, ...], value: Any, words: str
) -> None:
    """As cluster-invalid, with the server's words: the field and what is wrong with it."""
    obj = config_map(namespace, a="b")
    at: Any = obj
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert words in fails(lambda: cluster.apply(obj), "cluster-invalid")


@pytest.mark.parametrize("value", ["!geheimer-wert!", 12345678, ["geheimer-wert"], {"geheimer-wert": "x"}, True])
def test_a_secrets_value_is_in_no_message(cluster: Cluster, namespace: str, value: Any) -> None:
    """Whatever the server says about it, for each way to send it."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": namespace},
        "data": {"k": value},
    }
    for action in (lambda: cluster.apply(secret), lambda: cluster.create(secret)):
        text = fails(action, "cluster-invalid")
        assert "geheim" not in text
        assert "12345678" not in text
    cluster.apply({**secret, "data": {"k": base64.b64encode(b"x").decode()}})
    patch = [{"op": "replace", "path": "/data/k", "value": value}]
    assert "geheim" not in fails(lambda: cluster.patch("Secret", "s", namespace, patch), "cluster-invalid")


def test_create_and_missing_namespace(cluster: Cluster, namespace: str) -> None:
    """A taken name, a namespace that is not there."""
    assert cluster.create(config_map(namespace, a="1"), dry_run=True)
    assert cluster.get("ConfigMap", "c", namespace) is None
    cluster.create(config_map(namespace, a="1"))
    assert "already exists" in fails(lambda: cluster.create(config_map(namespace)), "cluster-conflict")
    missing = f"missing-{uuid.uuid4().hex[:8]}"
    assert missing in fails(lambda: cluster.apply(config_map(missing)), "cluster-not-found")


def test_status(cluster: Cluster, namespace: str) -> None:
    """Its own ownership, nothing else sent, nothing sent twice."""
    service = next(obj for obj in samples(namespace) if obj["kind"] == "Service")
    cluster.apply(service)
    wanted = {**copy.deepcopy(service), "status": {"conditions": [_condition("1")]}}
    wanted["metadata"]["labels"]["not"] = "sent"
    assert cluster.apply_status(wanted, dry_run=True).changed
    assert cluster.apply_status(wanted).changed
    assert not cluster.apply_status(wanted).changed
    live = cluster.get("Service", "sample", namespace)
    assert live is not None
    assert "not" not in live["metadata"]["labels"]
    assert not cluster.apply(service).changed
    wanted["status"]["conditions"] = [_condition("2")]
    assert cluster.apply_status(wanted).fields == ["status.conditions[0].message"]
    wanted["metadata"]["name"] = "none"
    assert cluster.apply_status(wanted, dry_run=True).fields == ["status"]
    fails(lambda: cluster.apply_status(wanted), "cluster-not-found")


def _condition(message: str) -> dict[str, str]:
    return {
        "type": "X",
        "status": "True",
        "reason": "R",
        "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }


def test_patch(cluster: Cluster, namespace: str) -> None:
    """Both kinds, dry run, and a test that does not hold."""
    cluster.apply(config_map(namespace, a="1"))
    operations = [{"op": "test", "path": "/data/a", "value": "1"}, {"op": "replace", "path": "/data/a", "value": "2"}]
    assert cluster.patch("ConfigMap", "c", namespace, operations, dry_run=True)["data"] == {"a": "2"}
    assert cluster.patch("ConfigMap", "c", namespace, operations)["data"] == {"a": "2"}
    fails(lambda: cluster.patch("ConfigMap", "c", namespace, operations), "cluster-invalid")
    merge = {"data": {"a": None, "b": "3"}}
    answer = cluster.patch("ConfigMap", "c", namespace, merge, content_type="application/merge-patch+json")
    assert answer["data"] == {"b": "3"}


def test_delete(cluster: Cluster, namespace: str) -> None:
    """Only the one of the UID; gone is false."""
    metadata = cluster.apply(config_map(namespace)).after["metadata"]
    uid = metadata["uid"]
    fails(lambda: cluster.delete("ConfigMap", "c", namespace, uid="another"), "cluster-precondition")
    fails(lambda: cluster.delete("ConfigMap", "c", namespace, uid=uid, resource_version="1"), "cluster-precondition")
    version = metadata["resourceVersion"]
    assert cluster.delete("ConfigMap", "c", namespace, uid=uid, resource_version=version, dry_run=True)
    assert cluster.delete("ConfigMap", "c", namespace, uid=uid, dry_run=True)
    assert cluster.get("ConfigMap", "c", namespace) is not None
    assert cluster.delete("ConfigMap", "c", namespace, uid=uid)
    assert cluster.get("ConfigMap", "c", namespace) is None
    assert not cluster.delete("ConfigMap", "c", namespace, uid=uid)


def test_list(cluster: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By label, by field, page by page, over all namespaces."""
    for number in range(5):
        obj = config_map(namespace)
        obj["metadata"].update(name=f"c{number}", labels={"odd": str(number % 2), "test": namespace})
        cluster.apply(obj)
    monkeypatch.setattr(listing, "_PAGE", "2")
    everywhere = cluster.list("ConfigMap", label_selector=f"test={namespace}")
    assert [item["metadata"]["name"] for item in everywhere] == ["c0", "c1", "c2", "c3", "c4"]
    assert {(item["kind"], item["apiVersion"]) for item in everywhere} == {("ConfigMap", "v1")}
    assert len(cluster.list("ConfigMap", namespace, label_selector="odd=1")) == 2
    assert len(cluster.list("ConfigMap", namespace, field_selector="metadata.name=c3")) == 1


def test_what_is_not_there(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects, namespaces, kinds: None and empty."""
    assert cluster.get("Secret", "none", "none") is None
    assert cluster.list("Secret", "none") == []
    undefined = resources.Resource("Undefined", "undefined.example", "v1", "undefineds", True)
    monkeypatch.setitem(resources.RESOURCES, "Undefined", undefined)
    assert cluster.get("Undefined", "x", "y") is None
    assert cluster.list("Undefined") == []
    assert cluster.serves("Secret", "none") and not cluster.serves("Undefined", "y")


def test_names_without_content(cluster: Cluster, namespace: str) -> None:
    """The API server sends no value of a Secret."""
    cluster.create(secret_object("one", namespace, {"password": "content-of-the-test"}))
    found = listing.read_list(cluster._transport, "Secret", namespace, accept=listing.METADATA)
    assert found is not None and "one" in cluster.list_names("Secret", namespace)
    assert {key for item in found for key in item} <= {"apiVersion", "kind", "metadata"}


def test_watch(cluster: Cluster, kubeconfig: str, namespace: str) -> None:
    """Absence, creation, change, deletion."""
    other = connect({"kubeconfig": kubeconfig}, {})

    def act() -> None:
        time.sleep(0.5)
        other.apply(config_map(namespace, a="1"))
        uid = other.apply(config_map(namespace, a="2")).after["metadata"]["uid"]
        other.delete("ConfigMap", "c", namespace, uid=uid)

    thread = threading.Thread(target=act)
    thread.start()
    seen = []
    for obj in cluster.watch("ConfigMap", "c", namespace, time.monotonic() + 20):
        seen.append(obj and obj["data"]["a"])
        if len(seen) == 4:
            break
    thread.join()
    assert seen == [None, "1", "2", None]


def test_rights(kubeconfig: str, cluster: Cluster, namespace: str) -> None:
    """Who may not do what; impersonation with groups."""
    eve = connect({"kubeconfig": kubeconfig, "impersonate_user": "eve", "impersonate_groups": ["visitors"]}, {})
    text = fails(lambda: eve.list("Secret", namespace), "cluster-forbidden")
    assert f"eve is not allowed to list secrets in namespace {namespace}" in text
    assert "eve is not allowed to get deployments.apps" in fails(
        lambda: eve.get("Deployment", "d", namespace), "cluster-forbidden"
    )
    text = fails(lambda: eve.apply(config_map(namespace), live=None), "cluster-forbidden")
    assert "patch" in text or "create" in text
    boss = {"kubeconfig": kubeconfig, "impersonate_user": "eve", "impersonate_groups": ["system:masters", "others"]}
    assert connect(boss, {}).get("Namespace", namespace) is not None
    eve.close()


def test_credentials_that_nobody_knows(kubeconfig: str) -> None:
    """The API server answers 401."""
    document = yaml.safe_load(Path(kubeconfig).read_text())
    host = document["clusters"][0]["cluster"]["server"]
    unknown = connect({"host": host, "api_key": "nobody-knows-me", "validate_certs": False}, {"HOME": "/nonexistent"})
    text = fails(lambda: unknown.list("Secret"), "cluster-unauthorized")
    assert "nobody-knows-me" not in text


def test_warnings_of_the_api(cluster: Cluster, namespace: str) -> None:
    """Passed on, once each."""
    pod = {
        "containers": [{"name": "c", "image": "i", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}]
    }
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": namespace}, "spec": pod}
    before = len(cluster.warnings)
    for _ in range(2):
        cluster.create(obj, dry_run=True)
    assert len(cluster.warnings) == before + 1
    assert "hides previous definition" in cluster.warnings[-1]
