# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a preflight."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.pod_objects import (
    build_network_policy,
    build_pod,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

Object = dict[str, Any]

STORE = Store("s3", "s3", {}, "s3/eu-central-1/images")
VOLUME = Store("filesystem", "filesystem", {}, "persistentvolumeclaim/dockerregistry", claim="dockerregistry")


def _deployment(**pod: Any) -> Object:
    container = {"name": constants.CONTAINER, "image": "registry:1", "command": ["/bin/registry", "serve", "/c.yml"]}
    labels = {**constants.SELECTOR, **constants.MANAGED_BY}
    spec = {"serviceAccountName": constants.REGISTRY, "containers": [container], **pod}
    return {
        "kind": "Deployment",
        "metadata": {"name": constants.REGISTRY, "namespace": "ns"},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": spec}},
    }


@pytest.mark.parametrize(("store", "everything"), [(STORE, True), (VOLUME, False)], ids=["object store", "volume"])
def test_egress_of_the_network_policy(store: Store, everything: bool) -> None:
    """Like the registry's own policies: a volume needs DNS, an object store everything. It selects the Pod of the preflight alone."""
    policy = build_network_policy("ns", store)
    selected = policy["spec"]["podSelector"]["matchLabels"]
    pod = build_pod(_deployment(), has_account=True)
    assert selected and selected.items() <= pod["metadata"]["labels"].items()
    assert not selected.items() & {**constants.SELECTOR, **constants.MANAGED_BY}.items()
    assert policy["spec"]["policyTypes"] == ["Egress"]
    (rule,) = policy["spec"]["egress"]
    assert (rule == {}) is everything
    assert everything or {(port["port"], port["protocol"]) for port in rule["ports"]} == {
        (53, "UDP"),
        (53, "TCP"),
        (8053, "UDP"),
        (8053, "TCP"),
    }


@pytest.mark.parametrize("has_account", [True, False])
def test_account_of_the_pod(has_account: bool) -> None:
    """Without the registry's ServiceAccount the Pod uses the one of the namespace; an account of the user's own stays."""
    spec = build_pod(_deployment(), has_account=has_account)["spec"]
    assert spec.get("serviceAccountName") == (constants.REGISTRY if has_account else None)
    own = build_pod(_deployment(serviceAccountName="own"), has_account=has_account)["spec"]
    assert own["serviceAccountName"] == "own"


def test_no_hook_delays_the_end_of_the_pod() -> None:
    """Its grace period is shorter than the hook, which the API server rejects."""
    deployment = _deployment(terminationGracePeriodSeconds=130)
    deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"] = {"preStop": {"sleep": {"seconds": 5}}}
    spec = build_pod(deployment, has_account=True)["spec"]
    assert spec["terminationGracePeriodSeconds"] == 1
    assert not any("lifecycle" in item for item in spec["containers"])


def test_both_containers_ask_for_no_more_than_the_registry() -> None:
    """Half of each that can be halved; a device is used by one of them."""
    deployment = _deployment()
    deployment["spec"]["template"]["spec"]["containers"][0]["resources"] = {
        "requests": {"cpu": "15m", "memory": "300Mi", "example.com/device": 1},
        "limits": {"cpu": 1, "memory": "800Mi", "example.com/device": 1},
    }
    main, root = build_pod(deployment, has_account=True)["spec"]["containers"]
    half = {"requests": {"cpu": "7m", "memory": "157286400"}, "limits": {"cpu": "500m", "memory": "419430400"}}
    assert root["resources"] == half
    assert {name: main["resources"]["limits"][name] for name in half["limits"]} == half["limits"]
    assert main["resources"]["limits"]["example.com/device"] == 1
    assert deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "800Mi"
    plain = build_pod(_deployment(), has_account=True)["spec"]["containers"]
    assert not any((item.get("resources") or {}).get("limits") for item in plain)


def test_a_volume_is_not_mounted() -> None:
    """An emptyDir in its place, one container with all that the registry's has, and nothing else changed."""
    claim = {"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    other = {"name": "auth", "secret": {"secretName": constants.PRIVATE_SECRET}}
    security = {"runAsUser": 4242, "fsGroup": 4242}
    deployment = _deployment(volumes=[claim, other], securityContext=security)
    resources = {"limits": {"memory": "800Mi"}}
    deployment["spec"]["template"]["spec"]["containers"][0]["resources"] = resources
    spec = build_pod(deployment, has_account=True, volume=True)["spec"]
    assert spec["volumes"] == [{"name": constants.DATA_VOLUME, "emptyDir": {}}, other]
    (container,) = spec["containers"]
    assert container["resources"] == resources and spec["securityContext"] == security
    assert "persistentVolumeClaim" in claim
