# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the nodes serve `localhost:<NodePort>`, from which kubelets pull: as kube-proxy is configured. Pure.

kube-proxy serves NodePorts on the loopback address in mode iptables only, for IPv4 only, and only if iptables.localhostNodePorts is not false.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning

try:
    import yaml

    HAS_YAML = True
except ImportError:
    HAS_YAML = False

NAMESPACE = "kube-system"
# kubeadm: kube-proxy; EKS: kube-proxy-config; Gardener: kube-proxy-config-<hash>.
_PREFIX = "kube-proxy"
_KIND = "KubeProxyConfiguration"


def check_localhost(config_maps: Iterable[Mapping[str, Any]], addresses: Collection[str]) -> list[Finding]:
    """A warning if kubelets cannot pull from localhost. config_maps: those of NAMESPACE. addresses: of a Pod of the registry."""
    reason = next(_reasons(config_maps), "")
    if not reason and addresses and all(":" in address for address in addresses):
        reason = "the cluster has IPv6 addresses only"
    if not reason:
        return []
    text = f"is not reachable on the nodes as localhost:<NodePort>, so Pods cannot use images with that name: {reason}."
    remedy = "Run kube-proxy in mode iptables with localhostNodePorts, or configure a mirror for that name on the nodes (README.md, Pulling)."
    return [warning("node-port-localhost", f"Service/{constants.REGISTRY}", text, remedy)]


def _reasons(config_maps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for config_map in config_maps:
        name = str(config_map["metadata"]["name"])
        if not name.startswith(_PREFIX):
            continue
        for text in (config_map.get("data") or {}).values():
            reason = _read_reason(text)
            if reason:
                yield f"{reason} (ConfigMap {NAMESPACE}/{name})"


def _read_reason(text: str) -> str:
    """Why a kube-proxy with this configuration does not serve them, '' if it does or the text is none."""
    if not HAS_YAML:
        return ""
    try:
        config = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return ""
    if not isinstance(config, Mapping) or config.get("kind") != _KIND:
        return ""
    mode, section = config.get("mode") or "iptables", config.get("iptables")
    if mode != "iptables":
        return f"kube-proxy runs in mode {mode}"
    if isinstance(section, Mapping) and section.get("localhostNodePorts") is False:
        return "kube-proxy's iptables.localhostNodePorts is false"
    return ""
