"""What the lab changes on the machine around its processes, and how all of it is taken back."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from kymalab import iptables, settings
from kymalab.processes import Process, find, of_lab, stop
from kymalab.settings import CGROUP, NODE_BRIDGE, NODE_IP, POD_BRIDGE, LabError, Paths

# Value that the lab needs; None: only saved, since the kubelet or kube-proxy sets it.
_SYSCTLS: dict[str, str | None] = {
    "net/ipv4/ip_forward": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/ipv4/conf/all/route_localnet": None,
    "vm/overcommit_memory": None,
    "vm/panic_on_oom": None,
    "kernel/panic": None,
    "kernel/panic_on_oops": None,
    "kernel/keys/root_maxkeys": None,
    "kernel/keys/root_maxbytes": None,
}

# Where the CNI library remembers attachments, whatever containerd it serves.
_CNI_RESULTS = Path("/var/lib/cni/results")
_NODE_PROGRAMS = {"kubelet", "kube-proxy", "k3s-server", "k3s-agent"}


def read_sysctls() -> dict[str, str]:
    """Return the kernel settings that a node changes, as they are now."""
    return {
        name: path.read_text(encoding="ascii").strip()
        for name in _SYSCTLS
        if (path := Path("/proc/sys", name)).exists()
    }


def write_sysctls(values: dict[str, str]) -> None:
    """Set kernel settings where they differ."""
    for name, value in values.items():
        path = Path("/proc/sys", name)
        if path.exists() and path.read_text(encoding="ascii").strip() != value:
            path.write_text(value, encoding="ascii")


def prepare(paths: Paths) -> None:
    """Set up the node's address, its cgroup and forwarding."""
    if not Path("/proc/sys/net/bridge").exists() and shutil.which("modprobe", path=settings.COMMAND_PATH):
        subprocess.run(["modprobe", "br_netfilter"], check=False, capture_output=True)
    write_sysctls({name: value for name, value in _SYSCTLS.items() if value is not None})
    _ip("link", "add", NODE_BRIDGE, "type", "bridge")
    _ip("address", "add", f"{NODE_IP}/32", "dev", NODE_BRIDGE)
    _ip("link", "set", NODE_BRIDGE, "up")
    iptables.allow_pods()
    for folder in _cgroups():
        _offer_controllers(folder.parent)
        folder.mkdir(exist_ok=True)
    paths.volumes.mkdir(parents=True, exist_ok=True)
    _require_free_ports()


def refuse_foreign_node(paths: Paths) -> None:
    """Fail beside another Kubernetes node: two would rewrite each other's iptables chains."""
    own = {process.pid for process in of_lab(paths)}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        if name in _NODE_PROGRAMS and int(folder.name) not in own and find(int(folder.name)):
            raise LabError(
                f"Process {folder.name} ({name}) is a Kubernetes node of this machine's own: the lab would disturb it."
                " Set KUBECONFIG to that cluster instead."
            )


def clean(paths: Paths, recorded: list[Process]) -> None:
    """Remove every process, mount, interface, namespace, rule, cgroup and file of a cluster, however it ended."""
    stop([*recorded, *of_lab(paths)], grace=0)
    _kill_containers()
    stop(of_lab(paths), grace=0)
    _remove_shim_sockets(paths)
    _unmount(paths.run)
    _remove_interfaces()
    iptables.clean()
    for folder in _cgroups():
        for root, _, _ in os.walk(folder, topdown=False):
            _remove_cgroup(root)
    for link in Path("/var/log/containers").glob("*"):
        if link.is_symlink() and str(link.readlink()).startswith(f"{paths.run}/"):
            link.unlink()
    for result in _CNI_RESULTS.glob(f"{settings.POD_NETWORK_NAME}-*-eth0"):
        sandbox = result.name.split("-")[1]
        for attachment in _CNI_RESULTS.glob(f"*-{sandbox}-*"):
            attachment.unlink(missing_ok=True)
    if paths.run.exists():
        shutil.rmtree(paths.run)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise LabError(f"`ip {' '.join(arguments)}` failed: {done.stderr.strip()}")


def _mounts() -> Iterator[tuple[str, str]]:
    """Yield (target, type) of every mount in the order in which they were made."""
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split()
        yield fields[1], fields[2]


def _cgroups() -> list[Path]:
    """Return the lab's cgroup in each hierarchy of the machine, whether or not it is there."""
    return [Path(target, CGROUP) for target, kind in _mounts() if kind in ("cgroup", "cgroup2")]


def _offer_controllers(root: Path) -> None:
    """Let cgroups below a hierarchy's root use its controllers (cgroup version 2 asks for that)."""
    control = root / "cgroup.subtree_control"
    if not control.exists():
        return
    wanted = set((root / "cgroup.controllers").read_text(encoding="ascii").split())
    for name in sorted(wanted - set(control.read_text(encoding="ascii").split())):
        control.write_text(f"+{name}", encoding="ascii")


def _kill_containers() -> None:
    """Kill everything in the Pods' cgroups until nothing is left."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        numbers = {
            int(number)
            for folder in _cgroups()
            for tasks in folder.rglob("cgroup.procs")
            for number in tasks.read_text(encoding="ascii").split()
        }
        processes = [process for number in numbers if (process := find(number))]
        if not processes:
            return
        for process in processes:
            process.send(signal.SIGKILL)
        time.sleep(0.02)
    raise LabError("Containers of the lab do not end; look for processes in state D.")


def _remove_cgroup(folder: str) -> None:
    """Remove a cgroup; the kernel may need a moment after its last process."""
    for _ in range(50):
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            time.sleep(0.02)
        else:
            return


def _remove_shim_sockets(paths: Paths) -> None:
    """Remove the sockets that shims keep outside the state folder."""
    for address in paths.run.glob("containerd-state/io.containerd.runtime.v2.task/*/*/address"):
        socket_path = address.read_text(encoding="utf-8").strip().removeprefix("unix://")
        if socket_path.startswith("/run/containerd/s/"):
            Path(socket_path).unlink(missing_ok=True)


def _unmount(folder: Path) -> None:
    """Unmount everything below a folder; nothing may stay, for the folder is removed after this."""
    for _ in range(20):
        targets = [target for target, _ in _mounts() if target.startswith(f"{folder}/")]
        if not targets:
            return
        subprocess.run(["umount", "-l", *reversed(targets)], check=False, capture_output=True)
    raise LabError(f"These mounts cannot be taken away: {' '.join(targets)}")


def _remove_interfaces() -> None:
    """Remove the bridges and what is still attached to them."""
    attached = [path.name for path in Path(f"/sys/class/net/{POD_BRIDGE}/brif").glob("*")]
    for name in (*attached, POD_BRIDGE, NODE_BRIDGE):
        if Path(f"/sys/class/net/{name}").exists():
            subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)


def _require_free_ports() -> None:
    """Name the first address that another process uses, instead of letting a component die of it."""
    loopback = (
        settings.ETCD_PORT, settings.ETCD_PEER_PORT, settings.CONTROLLER_MANAGER_PORT, settings.SCHEDULER_PORT,
        settings.KUBELET_HEALTH_PORT, settings.PROXY_HEALTH_PORT, settings.PROXY_METRICS_PORT,
    )  # fmt: skip
    addresses = [("127.0.0.1", port) for port in loopback]
    addresses += [(NODE_IP, port) for port in (53, settings.API_PORT, settings.KUBELET_PORT)]
    for address in addresses:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(address)
            except OSError as error:
                raise LabError(f"{address[0]}:{address[1]} cannot be used by the lab: {error.strerror}.") from error
