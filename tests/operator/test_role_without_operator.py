# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operator that comes and goes: the mode that is detected, and a registry whose owner changes while its images stay. Runs last."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import FINALIZER, MANAGER, RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support.roundtrip import LAB
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

OPERATOR = "dockerregistry-operator"


class Switch:
    """The lab's operator, to be taken down and up again as it was."""

    def __init__(self) -> None:
        self.was = self._status()
        self.namespace = str(self.was.get("namespace"))

    def _status(self) -> dict[str, Any]:
        requested = [LAB, "operator", "status", "--json"]
        return dict(json.loads(subprocess.run(requested, stdout=subprocess.PIPE, text=True, check=False).stdout))

    def up(self, namespace: str = "", *, fast: bool = False) -> None:
        """Start it, where it was or with its Deployment in another namespace. A hand-over is tested with Kyma's own waits."""
        self.namespace = namespace or str(self.was["namespace"])
        options = ["--namespace", self.namespace, "--namespaces", str(self.was["serves"])]
        options += ["--fast"] if fast else []
        subprocess.run([LAB, "operator", "up", *options], check=True, capture_output=True, timeout=120)

    def down(self) -> None:
        """Stop it and delete its Deployment."""
        subprocess.run([LAB, "operator", "down"], check=True, capture_output=True, timeout=120)


@pytest.fixture
def switch(role_registry: RoleRegistry) -> Iterator[Switch]:
    """Stops the operator for a test, after role_registry. Starts it again before the registry is deleted, which needs the operator."""
    switch = Switch()
    if not switch.was["running"]:
        pytest.skip("the operator was not started by the lab")
    yield switch
    switch.up(fast=bool(switch.was["fast"]))


def _managers(role_registry: RoleRegistry) -> set[str]:
    """Who owns fields of the Deployment; its controllers aside, which write the status."""
    found = role_registry.whole()["metadata"]["managedFields"]
    return {item["manager"] for item in found if item.get("subresource") != "status"}


def _port(role_registry: RoleRegistry) -> int:
    service = role_registry.cluster.get("Service", "dockerregistry", role_registry.namespace)
    assert service is not None
    return next(port["nodePort"] for port in service["spec"]["ports"] if port["port"] == 5000)


def _inside(role_registry: RoleRegistry) -> tuple[list[str], set[str], set[str]]:
    """Init containers, volumes and variables of the Pod template."""
    pod = role_registry.deployment()["template"]["spec"]
    return (
        [item["name"] for item in pod.get("initContainers") or []],
        set(role_registry.volumes()),
        set(role_registry.environment()),
    )


def test_hand_over_and_back(role_registry: RoleRegistry, switch: Switch) -> None:
    """Direct mode, an operator that is installed later, and direct mode again: image, NodePort and password stay."""
    switch.down()
    first = role_registry.deployed()
    assert first.of("Validate").result["mode"] == "direct"
    role_registry.push()
    password, port, direct = role_registry.client.password, _port(role_registry), _inside(role_registry)
    assert FINALIZER not in role_registry.cr()["metadata"].get("finalizers", [])

    switch.up()
    until(
        "the operator to take the DockerRegistry up",
        lambda: FINALIZER in role_registry.cr()["metadata"].get("finalizers", []),
    )
    role_registry.deployed()
    assert (role_registry.client.password, _port(role_registry)) == (password, port)
    role_registry.assert_kept()
    assert _managers(role_registry) == {OPERATOR, MANAGER}
    init, volumes, variables = _inside(role_registry)
    assert init and init != direct[0]
    assert not volumes & (direct[1] - {"data"} - _operators(role_registry, "volumes"))
    assert variables >= {"REGISTRY_HTTP_SECRET", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"}
    assert role_registry.has_storage_lock()
    assert role_registry.cluster.get("Secret", "dockerregistry-private", role_registry.namespace) is None
    role_registry.unchanged()
    with pytest.raises(AssertionError):
        role_registry.deployed(registry_mode="direct")

    switch.down()
    back = role_registry.deployed()
    assert back.of("Validate").result["mode"] == "direct"
    assert (role_registry.client.password, _port(role_registry)) == (password, port)
    role_registry.assert_kept()
    assert _managers(role_registry) == {MANAGER}
    assert _inside(role_registry) == direct
    assert FINALIZER not in role_registry.cr()["metadata"].get("finalizers", [])
    assert not role_registry.warned()
    role_registry.unchanged()


def _operators(role_registry: RoleRegistry, key: str) -> set[str]:
    """Names in a list of the Pod template that the operator owns."""
    entries = [item for item in role_registry.whole()["metadata"]["managedFields"] if item["manager"] == OPERATOR]
    owned = entries[0]["fieldsV1"]["f:spec"]["f:template"]["f:spec"].get(f"f:{key}", {})
    return {json.loads(name[2:])["name"] for name in owned if name.startswith("k:")}


def test_who_reconciles(role_registry: RoleRegistry, switch: Switch) -> None:
    """An operator that runs counts in whatever namespace; without a ready Pod the user decides. The other mode than what is there is rejected."""
    checked: dict[str, Any] = {"registry_preflight": False}
    refused = role_registry.deploy("--check", registry_mode="direct", **checked)
    assert refused.failure.codes() == ["mode-operator-runs"]

    switch.up("docker-registry")
    found = role_registry.deploy("--check", **checked)
    assert found.of("Validate").result["mode"] == "operator"

    _scale(role_registry, switch.namespace, 0)
    refused = role_registry.deploy("--check", **checked)
    assert refused.failure.codes() == ["mode-ambiguous"]
    assert "(0 ready)" in refused.failure.result["msg"]
    for mode in ("operator", "direct"):
        found = role_registry.deploy("--check", registry_mode=mode, **checked)
        assert found.of("Validate").result["mode"] == mode
    assert "mode-ambiguous-direct" in found.of("Validate").codes("warning")

    switch.down()
    refused = role_registry.deploy("--check", registry_mode="operator", **checked)
    assert refused.failure.codes() == ["mode-no-operator"]
    found = role_registry.deploy("--check", **checked)
    assert found.of("Validate").result["mode"] == "direct"


def _scale(role_registry: RoleRegistry, namespace: str, replicas: int) -> None:
    change = [{"op": "replace", "path": "/spec/replicas", "value": replicas}]
    role_registry.cluster.patch("Deployment", OPERATOR, namespace, change)
    until(
        "the operator's Pods to be gone",
        lambda: not (role_registry.cluster.get("Deployment", OPERATOR, namespace) or {})["status"].get("readyReplicas"),
    )
