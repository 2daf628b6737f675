"""The components of the node: how each is started and how one sees that it works."""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kymalab import settings
from kymalab.pki import kubeconfig_of
from kymalab.preconditions import find_command
from kymalab.settings import NODE_IP, Paths


@dataclass(frozen=True)
class Component:
    """One process of the node."""

    name: str
    command: list[str]
    works: Callable[[], bool]
    environment: dict[str, str] = field(default_factory=dict)


def components(paths: Paths, binaries: dict[str, Path]) -> dict[str, Component]:
    """Return the table of components in the order in which they start; the add-ons only if they are built."""
    table = [
        _etcd(paths, binaries),
        _containerd(paths),
        _apiserver(paths, binaries),
        _controller_manager(paths, binaries),
        _scheduler(paths, binaries),
        Component(
            "kube-proxy",
            [str(binaries["kube-proxy"]), f"--config={paths.config}/kube-proxy.yaml",
             f"--hostname-override={settings.NODE_NAME}"],
            lambda: http_ok("127.0.0.1", settings.PROXY_HEALTH_PORT, "/healthz"),
        ),
        _kubelet(paths, binaries),
    ]  # fmt: skip
    table += [make(paths, binaries) for name, make in ADDONS.items() if name in binaries]
    return {component.name: component for component in table}


def _etcd(paths: Paths, binaries: dict[str, Path]) -> Component:
    client = f"http://127.0.0.1:{settings.ETCD_PORT}"
    peer = f"http://127.0.0.1:{settings.ETCD_PEER_PORT}"
    return Component(
        "etcd",
        [str(binaries["etcd"]), "--name=lab", f"--data-dir={paths.run}/etcd", "--unsafe-no-fsync",
         f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
         f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=lab={peer}",
         "--log-level=warn"],
        lambda: http_ok("127.0.0.1", settings.ETCD_PORT, "/health"),
    )  # fmt: skip


def _containerd(paths: Paths) -> Component:
    return Component(
        "containerd",
        [find_command("containerd"), f"--config={paths.config}/containerd.toml"],
        lambda: accepts(str(paths.containerd_socket)),
    )


def _apiserver(paths: Paths, binaries: dict[str, Path]) -> Component:
    return Component(
        "kube-apiserver",
        [str(binaries["kube-apiserver"]),
         f"--etcd-servers=http://127.0.0.1:{settings.ETCD_PORT}",
         f"--bind-address={NODE_IP}", f"--advertise-address={NODE_IP}", f"--secure-port={settings.API_PORT}",
         f"--tls-cert-file={paths.pki}/apiserver.crt", f"--tls-private-key-file={paths.pki}/apiserver.key",
         f"--token-auth-file={paths.pki}/tokens.csv", "--authorization-mode=Node,RBAC",
         f"--service-account-issuer=https://kubernetes.default.svc.{settings.CLUSTER_DOMAIN}",
         f"--service-account-key-file={paths.pki}/service-account.key",
         f"--service-account-signing-key-file={paths.pki}/service-account.key",
         f"--service-cluster-ip-range={settings.SERVICE_NETWORK}", "--allow-privileged=true",
         "--kubelet-preferred-address-types=InternalIP",
         f"--kubelet-client-certificate={paths.pki}/kubelet-client.crt",
         f"--kubelet-client-key={paths.pki}/kubelet-client.key",
         f"--audit-policy-file={paths.config}/audit-policy.yaml", f"--audit-log-path={paths.audit_log}",
         "--audit-log-maxsize=10000",
         f"--cert-dir={paths.run}/apiserver"],
        lambda: http_ok(NODE_IP, settings.API_PORT, "/readyz", tls=True),
    )  # fmt: skip


def _controller_manager(paths: Paths, binaries: dict[str, Path]) -> Component:
    kubeconfig = kubeconfig_of(paths, "controller-manager")
    return Component(
        "kube-controller-manager",
        [str(binaries["kube-controller-manager"]), f"--kubeconfig={kubeconfig}", "--leader-elect=false",
         "--use-service-account-credentials=true", "--bind-address=127.0.0.1",
         "--kube-api-qps=200", "--kube-api-burst=400",
         f"--secure-port={settings.CONTROLLER_MANAGER_PORT}",
         f"--root-ca-file={paths.pki}/ca.crt",
         f"--service-account-private-key-file={paths.pki}/service-account.key",
         f"--cert-dir={paths.run}/controller-manager"],
        lambda: http_ok("127.0.0.1", settings.CONTROLLER_MANAGER_PORT, "/healthz", tls=True),
    )  # fmt: skip


def _scheduler(paths: Paths, binaries: dict[str, Path]) -> Component:
    return Component(
        "kube-scheduler",
        [str(binaries["kube-scheduler"]), f"--kubeconfig={kubeconfig_of(paths, 'scheduler')}", "--leader-elect=false",
         "--bind-address=127.0.0.1", f"--secure-port={settings.SCHEDULER_PORT}", f"--cert-dir={paths.run}/scheduler"],
        lambda: http_ok("127.0.0.1", settings.SCHEDULER_PORT, "/healthz", tls=True),
    )  # fmt: skip


def _kubelet(paths: Paths, binaries: dict[str, Path]) -> Component:
    return Component(
        "kubelet",
        [str(binaries["kubelet"]), f"--config={paths.config}/kubelet.yaml",
         f"--kubeconfig={kubeconfig_of(paths, 'kubelet')}", f"--root-dir={paths.run}/kubelet",
         f"--cert-dir={paths.run}/kubelet/pki",
         f"--hostname-override={settings.NODE_NAME}", f"--node-ip={NODE_IP}"],
        lambda: http_ok("127.0.0.1", settings.KUBELET_HEALTH_PORT, "/healthz"),
    )  # fmt: skip


def _coredns(paths: Paths, binaries: dict[str, Path]) -> Component:
    return Component(
        "coredns",
        [str(binaries["coredns"]), "-conf", f"{paths.config}/Corefile"],
        lambda: resolve(f"kubernetes.default.svc.{settings.CLUSTER_DOMAIN}") == settings.KUBERNETES_SERVICE_IP,
    )


def _provisioner(paths: Paths, binaries: dict[str, Path]) -> Component:
    return Component(
        "local-path-provisioner",
        [str(binaries["local-path-provisioner"]), "start", "--namespace=kube-system",
         f"--kubeconfig={kubeconfig_of(paths, 'local-path-provisioner')}",
         "--service-account-name=default"],
        lambda: True,
    )  # fmt: skip


ADDONS: dict[str, Callable[[Paths, dict[str, Path]], Component]] = {
    "coredns": _coredns,
    "local-path-provisioner": _provisioner,
}


def http_ok(host: str, port: int, path: str, *, tls: bool = False) -> bool:
    """Whether a health address of this machine answers 200."""
    return http_status(host, port, path, tls=tls) == 200


def http_status(host: str, port: int, path: str, *, tls: bool = False) -> int:
    """Return the status that an address of this machine answers, 0 for none; who answers is not the question here."""
    connection: http.client.HTTPConnection
    if tls:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=3, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def accepts(path: str) -> bool:
    """Whether a process listens on a socket file."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
        return True


def resolve(name: str) -> str:
    """Ask the cluster's DNS for an IPv4 address; empty if there is no answer."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        try:
            client.sendto(struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + question, (NODE_IP, 53))
            answer = client.recv(512)
        except OSError:
            return ""
    answers = struct.unpack(">H", answer[6:8])[0] if len(answer) >= 12 else 0
    return socket.inet_ntoa(answer[-4:]) if answers else ""
