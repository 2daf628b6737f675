"""Where the lab lives: addresses, names and folders. Every other file takes them from here."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
GO_SOURCE = SOURCE / "go"
NPM_SOURCE = SOURCE / "npm"

# The benchmarking range 198.18.0.0/15: not part of a real network, so nothing real can be hidden by it.
NODE_NAME = "lab-node"
NODE_IP = "198.18.255.1"
POD_NETWORK = "198.18.0.0/17"
SERVICE_NETWORK = "198.19.0.0/16"
KUBERNETES_SERVICE_IP = "198.19.0.1"
CLUSTER_DOMAIN = "cluster.local"

API_PORT = 6443
KUBELET_PORT = 10250
KUBELET_HEALTH_PORT = 10248
PROXY_HEALTH_PORT = 10256
PROXY_METRICS_PORT = 10249
CONTROLLER_MANAGER_PORT = 10257
SCHEDULER_PORT = 10259
ETCD_PORT = 23790
ETCD_PEER_PORT = 23800
SERVER = f"https://{NODE_IP}:{API_PORT}"

NODE_BRIDGE = "kymalab-node"
POD_BRIDGE = "kymalab-pods"
POD_NETWORK_NAME = "kymalab"
CGROUP = "kyma-registry-lab"

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
STORAGE_CLASS = "local-path"

# One lab per machine: its lock and the record of what runs are the same for every checkout.
MACHINE_FOLDER = Path("/run/kyma-registry-lab")

COMMAND_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """Something that the user has to know: printed without a traceback."""


@dataclass(frozen=True)
class Paths:
    """The folders of one lab."""

    state: Path
    cache: Path

    @property
    def run(self) -> Path:
        """What lives only as long as the cluster: wiped by `up` and `down`."""
        return self.state / "run"

    @property
    def pki(self) -> Path:
        """Certificates, keys and tokens: kept, so that a kubeconfig stays valid."""
        return self.state / "pki"

    @property
    def cloud_keys(self) -> Path:
        """Certificates and keys of the clouds: kept as well."""
        return self.pki / "clouds"

    @property
    def clouds(self) -> Path:
        """What the clouds store, and how to reach them."""
        return self.run / "clouds"

    @property
    def logs(self) -> Path:
        """One file per component."""
        return self.state / "logs"

    @property
    def audit_log(self) -> Path:
        """One JSON line per request that the API server answered."""
        return self.logs / "audit.log"

    @property
    def kubeconfigs(self) -> Path:
        """One kubeconfig per user."""
        return self.state / "kubeconfigs"

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of the cluster's administrator."""
        return self.kubeconfigs / "admin.yaml"

    @property
    def config(self) -> Path:
        """Configuration files of the components."""
        return self.run / "config"

    @property
    def containerd_socket(self) -> Path:
        """The lab's own containerd."""
        return self.run / "containerd.sock"

    @property
    def archives(self) -> Path:
        """The node's images as docker-archive files."""
        return self.run / "images"

    @property
    def volumes(self) -> Path:
        """Folders of the provisioned volumes."""
        return self.run / "volumes"

    def log_of(self, component: str) -> Path:
        """Return the path of a component's log."""
        return self.logs / f"{component}.log"


def paths_from_environment() -> Paths:
    """Return the folders that the environment asks for."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    paths = Paths(
        state=Path(os.path.realpath(os.environ.get("KYMA_LAB_STATE") or "/var/lib/kyma-registry-lab")),
        cache=Path(os.path.realpath(os.environ.get("KYMA_LAB_CACHE") or f"{cache_home}/kyma-registry-lab")),
    )
    if not re.fullmatch(r"(/[A-Za-z0-9._-]+){2,}", str(paths.state)) or len(str(paths.state)) > 60:
        raise LabError(
            f"KYMA_LAB_STATE is {paths.state}: give a folder below another one, of at most 60 characters"
            " from A-Z, a-z, 0-9, '.', '_', '-' and '/' (it goes into socket paths and mount tables)."
        )
    return paths


def definition() -> str:
    """Return a fingerprint of everything in the checkout that decides what the lab is."""
    digest = hashlib.sha256()
    suffixes = {".py", ".go", ".mod", ".sum", ".json"}
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in suffixes and path.is_file():
            digest.update(f"{path.relative_to(SOURCE)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def say(message: str) -> None:
    """Print a line for the person who waits."""
    print(message, flush=True)
