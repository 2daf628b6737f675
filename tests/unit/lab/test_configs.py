# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration files of the node's components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tomllib
from kymalab import configs, settings
from kymalab.images import PAUSE_IMAGE
from kymalab.settings import Paths

FILES = {
    "audit-policy.yaml",
    "containerd.toml",
    "cni/10-lab.conflist",
    "kubelet.yaml",
    "kube-proxy.yaml",
    "Corefile",
    "resolv.conf",
}


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A lab whose files are written; the machine needs no CNI plugins for that."""
    monkeypatch.setattr(
        configs, "find_file", lambda package: {"containernetworking-plugins": "/some/cni/bridge"}[package]
    )
    found = Paths(tmp_path / "state", tmp_path / "cache")
    configs.write_all(found)
    return found


def _json(paths: Paths, name: str) -> Any:
    return json.loads((paths.config / name).read_text(encoding="utf-8"))


def test_files(paths: Paths) -> None:
    """All of them, and a second time over the first."""
    configs.write_all(paths)
    written = {str(path.relative_to(paths.config)) for path in paths.config.rglob("*") if path.is_file()}
    assert written == FILES


def test_everything_stays_in_the_labs_folder(paths: Paths) -> None:
    """No file names a folder of the machine's own node."""
    for path in paths.config.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace(str(paths.run), "RUN")
            for folder in ("/var/lib/kubelet", "/var/lib/containerd", "/run/containerd", "/etc/cni", "/var/log/pods"):
                assert folder not in text, path.name


def test_containerd(paths: Paths) -> None:
    """TOML that parses; the pause image is the lab's, so nothing is pulled."""
    found = tomllib.loads((paths.config / "containerd.toml").read_text(encoding="utf-8"))
    cri = found["plugins"]["io.containerd.grpc.v1.cri"]
    assert found["version"] == 2 and cri["sandbox_image"] == PAUSE_IMAGE
    assert found["root"] == f"{paths.run}/containerd" and found["grpc"]["address"] == str(paths.containerd_socket)
    assert cri["cni"] == {"bin_dir": "/some/cni", "conf_dir": f"{paths.config}/cni"}
    assert cri["containerd"]["runtimes"]["runc"]["options"]["Root"] == f"{paths.run}/runc"


def test_pod_network(paths: Paths) -> None:
    """The bridge and the network that the clean-up knows by name."""
    found = _json(paths, "cni/10-lab.conflist")
    (plugin,) = found["plugins"]
    assert found["name"] == settings.POD_NETWORK_NAME and plugin["bridge"] == settings.POD_BRIDGE
    assert plugin["ipam"]["ranges"] == [[{"subnet": settings.POD_NETWORK}]]
    assert plugin["ipam"]["dataDir"].startswith(f"{paths.run}/")
    assert len(settings.POD_BRIDGE) < 16 and len(settings.NODE_BRIDGE) < 16, "Linux' names of interfaces end at 15"


def test_kubelet(paths: Paths) -> None:
    """No anonymous access, its own ports, its own folders."""
    found = _json(paths, "kubelet.yaml")
    assert found["authentication"]["anonymous"] == {"enabled": False} and found["address"] == settings.NODE_IP
    assert (found["port"], found["healthzPort"]) == (settings.KUBELET_PORT, settings.KUBELET_HEALTH_PORT)
    assert found["containerRuntimeEndpoint"] == f"unix://{paths.containerd_socket}"
    assert found["cgroupRoot"] == f"/{settings.CGROUP}" and found["resolvConf"] == f"{paths.config}/resolv.conf"
    assert all(found[key].startswith(f"{paths.run}/") for key in ("podLogsDir", "volumePluginDir"))


def test_kube_proxy(paths: Paths) -> None:
    """NodePorts on the loopback and the node's address only; connection tracking is left alone."""
    found = _json(paths, "kube-proxy.yaml")
    assert found["nodePortAddresses"] == ["127.0.0.0/8", f"{settings.NODE_IP}/32"]
    assert found["conntrack"]["maxPerCore"] == found["conntrack"]["min"] == 0
    assert found["clientConnection"]["kubeconfig"] == f"{paths.kubeconfigs}/proxy.yaml"


def test_audit_policy(paths: Paths) -> None:
    """Each request once, without bodies: they would hold Secrets."""
    found = _json(paths, "audit-policy.yaml")
    assert found["rules"] == [{"level": "Metadata"}] and found["omitStages"] == ["RequestReceived"]


def test_dns(paths: Paths) -> None:
    """A block per zone, braces closed; all else is answered with a no."""
    text = (paths.config / "Corefile").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    assert text.startswith("cluster.local:53 {") and "\n.:53 {" in text and "rcode NXDOMAIN" in text
    assert f"kubeconfig {paths.kubeconfigs}/coredns.yaml" in text
    assert (paths.config / "resolv.conf").read_text() == f"nameserver {settings.NODE_IP}\n"
