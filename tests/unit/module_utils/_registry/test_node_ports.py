# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether kubelets can pull from `localhost:<NodePort>`, as far as kube-proxy's ConfigMap and the Pod's addresses show it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import node_ports

HEAD = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"


def _config_map(text: str, key: str = "config.conf", name: str = "kube-proxy") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "kube-system"}, "data": {key: text, "kubeconfig.conf": "a: b"}}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("mode: nftables", "runs in mode nftables"),
        ("mode: ipvs", "runs in mode ipvs"),
        ("mode: iptables\niptables: {localhostNodePorts: false}", "iptables.localhostNodePorts is false"),
        ("iptables: {localhostNodePorts: false}", "iptables.localhostNodePorts is false"),
        ("mode: iptables", ""),
        ("mode: ''\niptables: {localhostNodePorts: true}", ""),
        ("mode: iptables\niptables: {localhostNodePorts: null}", ""),
        ("", ""),
        ("iptables: 1", ""),
        ("mode: [", ""),
    ],
)
def test_mode_of_kube_proxy(config: str, words: str) -> None:
    """Only mode iptables serves them, unless that is switched off."""
    found = node_ports.check_localhost([_config_map(HEAD + config)], ("10.0.0.1",))
    assert [(item.code, item.severity) for item in found] == ([("node-port-localhost", "warning")] if words else [])
    assert all(words in item.message and "kube-system/kube-proxy" in item.message for item in found)


@pytest.mark.parametrize(
    ("name", "key", "found"),
    [
        ("kube-proxy-config", "config", True),
        ("kube-proxy-config-3f9c2b1a", "config.yaml", True),
        ("another", "config.conf", False),
    ],
)
def test_where_distributions_of_kubernetes_keep_it(name: str, key: str, found: bool) -> None:
    """kubeadm, EKS and Gardener."""
    config_map = _config_map(f"{HEAD}mode: nftables", key, name)
    assert bool(node_ports.check_localhost([config_map], ())) == found


def test_documents_that_are_none() -> None:
    """Another kind, a text, no data."""
    for config_map in (
        _config_map("kind: Config\nmode: nftables"),
        _config_map("nftables"),
        {"metadata": {"name": "kube-proxy"}},
    ):
        assert node_ports.check_localhost([config_map], ()) == []


@pytest.mark.parametrize(
    ("addresses", "reported"),
    [((), False), (("10.0.0.1",), False), (("fd00::1",), True), (("fd00::1", "10.0.0.1"), False)],
)
def test_addresses_of_the_pod(addresses: tuple[str, ...], reported: bool) -> None:
    """No mode serves a NodePort on ::1."""
    found = node_ports.check_localhost([], addresses)
    assert [item.code for item in found] == (["node-port-localhost"] if reported else [])


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known."""
    monkeypatch.setattr(node_ports, "HAS_YAML", False)
    assert node_ports.check_localhost([_config_map(f"{HEAD}mode: nftables")], ()) == []
