"""The configuration files of the components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kymalab.clouds.resolving import dns_templates
from kymalab.images import PAUSE_IMAGE
from kymalab.pki import kubeconfig_of
from kymalab.preconditions import find_file
from kymalab.settings import (
    CGROUP,
    CLUSTER_DOMAIN,
    KUBELET_HEALTH_PORT,
    KUBELET_PORT,
    NODE_IP,
    POD_BRIDGE,
    POD_NETWORK,
    POD_NETWORK_NAME,
    PROXY_HEALTH_PORT,
    PROXY_METRICS_PORT,
    Paths,
)


def write_all(paths: Paths) -> None:
    """Write every configuration file; YAML files are written as JSON, which YAML includes."""
    folder = paths.config
    (folder / "cni").mkdir(parents=True, exist_ok=True)
    files: dict[str, str | dict[str, Any]] = {
        "audit-policy.yaml": _audit_policy(),
        "containerd.toml": _containerd(paths),
        "cni/10-lab.conflist": _cni(paths),
        "kubelet.yaml": _kubelet(paths),
        "kube-proxy.yaml": _kube_proxy(paths),
        "Corefile": "\n".join(_dns_zones(paths)),
        "resolv.conf": f"nameserver {NODE_IP}\n",
    }
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        (folder / name).write_text(text, encoding="utf-8")


def _audit_policy() -> dict[str, Any]:
    """Every request of any client, once: who, what, with which query, which answer."""
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "Metadata"}],
    }


def _containerd(paths: Paths) -> str:
    """A containerd of the lab's own, with everything that it keeps in the state folder."""
    bridge = Path(find_file("containernetworking-plugins"))
    return f"""\
version = 2
root = "{paths.run}/containerd"
state = "{paths.run}/containerd-state"
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
  address = "{paths.containerd_socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "{paths.run}/runc"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{bridge.parent}"
    conf_dir = "{paths.config}/cni"
"""


def _cni(paths: Paths) -> dict[str, Any]:
    """Pods on a bridge of the lab's own."""
    return {
        "cniVersion": "0.4.0",
        "name": POD_NETWORK_NAME,
        "plugins": [
            {
                "type": "bridge",
                "bridge": POD_BRIDGE,
                "isGateway": True,
                "ipMasq": True,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": f"{paths.run}/cni",
                    "ranges": [[{"subnet": POD_NETWORK}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def _kubelet(paths: Paths) -> dict[str, Any]:
    """A node that does not mind swap, a full disk or missing systemd."""
    little = dict.fromkeys(("nodefs.available", "nodefs.inodesFree", "imagefs.available"), "1%")
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_IP,
        "port": KUBELET_PORT,
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": KUBELET_HEALTH_PORT,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": f"{paths.pki}/ca.crt"},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "clusterDNS": [NODE_IP],
        "clusterDomain": CLUSTER_DOMAIN,
        "containerRuntimeEndpoint": f"unix://{paths.containerd_socket}",
        "evictionHard": {"memory.available": "50Mi", **little},
        "failSwapOn": False,
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "makeIPTablesUtilChains": False,
        "oomScoreAdj": 0,
        "podLogsDir": f"{paths.run}/pods",
        "registryPullQPS": 0,
        "resolvConf": f"{paths.config}/resolv.conf",
        "serializeImagePulls": False,
        "volumePluginDir": f"{paths.run}/volume-plugins",
        # Tests wait for these figures; the default is a minute.
        "volumeStatsAggPeriod": "10s",
    }


def _kube_proxy(paths: Paths) -> dict[str, Any]:
    """NodePorts answer on the loopback and the node's own address, nowhere else."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "bindAddress": NODE_IP,
        "healthzBindAddress": f"127.0.0.1:{PROXY_HEALTH_PORT}",
        "metricsBindAddress": f"127.0.0.1:{PROXY_METRICS_PORT}",
        "clientConnection": {"kubeconfig": str(kubeconfig_of(paths, "proxy"))},
        "clusterCIDR": POD_NETWORK,
        "detectLocalMode": "ClusterCIDR",
        "nodePortAddresses": ["127.0.0.0/8", f"{NODE_IP}/32"],
        "iptables": {"localhostNodePorts": True, "minSyncPeriod": "100ms", "syncPeriod": "30s"},
        # 0 leaves the machine's connection tracking as it is.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "oomScoreAdj": 0,
    }


def _dns_zones(paths: Paths) -> list[str]:
    """One server block per zone: in one block `template` would run before `kubernetes` and shadow it."""
    cluster = f"""\
{CLUSTER_DOMAIN}:53 {{
    bind {NODE_IP}
    errors
    kubernetes {CLUSTER_DOMAIN} {{
        kubeconfig {kubeconfig_of(paths, "coredns")}
        pods insecure
        ttl 1
    }}
}}
"""
    everything_else = f"""\
.:53 {{
    bind {NODE_IP}
    errors
{dns_templates(NODE_IP)}\
    template ANY ANY . {{
        rcode NXDOMAIN
    }}
}}
"""
    return [cluster, everything_else]
