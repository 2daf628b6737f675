# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_secret against the real API server."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call

pytestmark = pytest.mark.nodeless


def _data(cluster: Cluster, name: str, namespace: str) -> dict[str, str]:
    return {
        key: base64.b64decode(value).decode() for key, value in cluster.get("Secret", name, namespace)["data"].items()
    }


@pytest.mark.smoke
def test_made_once_and_kept(namespace: str, call: Call, cluster: Cluster) -> None:
    """A password is random, stays, and is the one in every form."""
    first = call("registry_secret", {"namespace": namespace})
    data = _data(cluster, "dockerregistry-config", namespace)
    assert data["pushRegAddr"] == f"dockerregistry.{namespace}.svc.cluster.local:5000"
    assert data["pullRegAddr"] == first.result["pull_address"]
    second = call("registry_secret", {"namespace": namespace})
    assert not second.changed and second.result["fingerprint"] == first.result["fingerprint"]
    assert _data(cluster, "dockerregistry-config", namespace) == data


def test_copies_follow(namespace: str, call: Call, cluster: Cluster) -> None:
    """A copy is made where it is wanted, follows a new password, and goes when it is wanted no more."""
    other = f"{namespace}-b"
    made = cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": other}})
    try:
        arguments = {"namespace": namespace, "pull_secret_namespaces": [other]}
        call("registry_secret", arguments)
        call("registry_secret", {**arguments, "registry_password": "another-password"})
        assert _data(cluster, "dockerregistry-config", other) == _data(cluster, "dockerregistry-config", namespace)
        call("registry_secret", {"namespace": namespace})
        assert cluster.get("Secret", "dockerregistry-config", other) is None
    finally:
        cluster.delete("Namespace", other, None, uid=made["metadata"]["uid"])


def test_two_registries(namespace: str, call: Call, cluster: Cluster) -> None:
    """A namespace with its own registry gets no copy, and loses nothing by a removal of the other one."""
    other = f"{namespace}-b"
    made = cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": other}})
    try:
        call("registry_secret", {"namespace": other})
        theirs = cluster.get("Secret", "dockerregistry-config", other)
        arguments = {"namespace": namespace, "pull_secret_namespaces": [other]}
        assert call("registry_secret", arguments).codes() == ["copy-not-ours"]
        assert cluster.get("Secret", "dockerregistry-config", namespace) is None
        call("registry_secret", {"namespace": namespace})
        call("registry_secret", {"namespace": namespace, "state": "absent"})
        assert cluster.get("Secret", "dockerregistry-config", other) == theirs
    finally:
        cluster.delete("Namespace", other, None, uid=made["metadata"]["uid"])


def test_foreign_secret_is_left_alone(namespace: str, call: Call, cluster: Cluster) -> None:
    """A Secret of that name that another client made is neither read as credentials nor changed."""
    metadata = {"name": "dockerregistry-config", "namespace": namespace}
    cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"a": "Yg=="}})
    assert call("registry_secret", {"namespace": namespace}).codes() == ["object-not-ours"]
    assert _data(cluster, "dockerregistry-config", namespace) == {"a": "b"}


def test_missing_target_namespace(namespace: str, call: Call) -> None:
    """The finding names the place in the list; nothing is written."""
    result = call("registry_secret", {"namespace": namespace, "pull_secret_namespaces": ["no-such-namespace"]})
    assert result.codes() == ["namespace-missing"]
    assert result.result["findings"][0]["path"] == "pull_secret_namespaces[0]"


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [("registry_username", "a:b", "credentials-username"), ("registry_password", "x" * 73, "credentials-password")],
)
def test_bad_values(option: str, value: str, code: str, namespace: str, call: Call) -> None:
    """Reported by form; a password's value is in no text."""
    result = call("registry_secret", {"namespace": namespace, option: value})
    assert result.codes() == [code]
    assert option == "registry_username" or value not in str(result.result)
