# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API server of a test's own, on loopback: empty, without nodes, from the programs that the lab has built.

For what cannot be tried in a cluster that others use: no definition of the DockerRegistry, or an operator's Deployment. With Kubernetes'
controllers, for tests that need no Pod, while the lab has an operator.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.support import keys, playbook
from ansible_collections.kyma.docker_registry.tests.support.shared import locked
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

# The default class, as in the lab; nothing makes volumes here.
STORAGE_CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "local-path", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "rancher.io/local-path",
    "volumeBindingMode": "WaitForFirstConsumer",
}
_TOKEN = "administrator"
_SERVER = ("etcd", "kube-apiserver")
_CONTROLLERS = "kube-controller-manager"
# Locked by every process that uses a shared server; there as soon as it answers.
_USERS, _READY = "users", "ready"
# On a machine that does other things besides; idle it takes 4 s.
_PATIENCE = 300.0
_POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}


def program(name: str) -> Path | None:
    """The newest program of this name in the lab's cache, None if there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kyma-registry-lab"
    found = (Path(os.environ.get("KYMA_LAB_CACHE") or cache) / "bin").glob(f"*/{name}")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


@contextlib.contextmanager
def own() -> Iterator[Path]:
    """The folder of a running server, with `kubeconfig` of its administrator and `audit.log`; a machine that has no programs skips the test."""
    programs = _programs(*_SERVER)
    with tempfile.TemporaryDirectory(prefix="kyma-api-") as name, _started(Path(name), *programs):
        yield Path(name)


@contextlib.contextmanager
def shared(place: Path, *, controllers: bool = False) -> Iterator[Path]:
    """As own(), one for all processes that use this place at the same time. It ends with the last of them, even if that is killed.

    controllers: Kubernetes' own run as well, so Deployments are observed and deleted namespaces end.
    """
    programs = (*_SERVER, *([_CONTROLLERS] if controllers else []))
    _programs(*programs)
    place.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        with locked(place / "lock"):
            folder = next((item for item in place.glob("server-*") if _joined(item, stack)), None)
            folder = folder or _beginning(Path(tempfile.mkdtemp(prefix="server-", dir=place)), stack, programs)
        yield folder


def _joined(folder: Path, stack: contextlib.ExitStack) -> bool:
    """Whether the server keeps running for us; it may be about to end."""
    try:
        users = stack.enter_context((folder / _USERS).open("rb"))
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return False
    return True


def _beginning(folder: Path, stack: contextlib.ExitStack, programs: Sequence[str]) -> Path:
    (folder / _USERS).touch()
    assert _joined(folder, stack)
    command = [sys.executable, "-m", __spec__.name, str(folder), *programs]
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            command,
            cwd=playbook.COLLECTIONS,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    ready = folder / _READY
    until("the shared API server", lambda: ready.exists() or keeper.poll() is not None, _PATIENCE)
    assert ready.exists(), (folder / "keeper.log").read_text(encoding="utf-8")
    return folder


def keep(folder: Path, *programs: str) -> None:
    """Run a server in the folder until it has no users."""
    with (folder / _USERS).open("rb") as users:
        with _started(folder, *_programs(*programs)):
            (folder / _READY).touch()
            # A process that comes later finds the lock, and starts another server.
            fcntl.flock(users, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)


def _programs(*names: str) -> list[Path]:
    programs = [program(name) for name in names]
    if None in programs:
        pytest.skip("this machine has no programs of the lab: `tests/lab/lab up` builds them")
    return [item for item in programs if item]


@contextlib.contextmanager
def _started(folder: Path, etcd: Path, server: Path, controllers: Path | None = None) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        port, store, peer = _free_ports(3)
        stack.enter_context(_running(_etcd(etcd, folder, store, peer), folder / "etcd.log"))
        stack.enter_context(_running(_api_server(server, folder, port, store), folder / "server.log"))
        until("the API server", lambda: _is_ready(port), _PATIENCE)
        _write_kubeconfig(folder, port)
        if controllers:
            command = [str(controllers), f"--kubeconfig={folder}/kubeconfig", "--leader-elect=false", "--secure-port=0"]
            stack.enter_context(_running(command, folder / "controllers.log"))
        yield


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


def _etcd(program_: Path, folder: Path, port: int, peer: int) -> list[str]:
    client, peers = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
    return [
        str(program_),
        "--name=own",
        f"--data-dir={folder}/etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=own={peers}",
        "--log-level=warn",
    ]


def _api_server(program_: Path, folder: Path, port: int, store: int) -> list[str]:
    (folder / "tokens.csv").write_text(f'{_TOKEN},admin,admin,"system:masters"\n', encoding="utf-8")
    (folder / "policy.yaml").write_text(yaml.safe_dump(_POLICY), encoding="utf-8")
    (folder / "account.key").write_text(keys.private_key(), encoding="utf-8")
    return [
        str(program_),
        f"--etcd-servers=http://127.0.0.1:{store}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=198.19.0.0/16",
        f"--cert-dir={folder}/certificates",
        "--authorization-mode=RBAC",
        f"--token-auth-file={folder}/tokens.csv",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder}/account.key",
        f"--service-account-signing-key-file={folder}/account.key",
        # No controller makes the ServiceAccount `default`, without which no Pod is taken.
        "--disable-admission-plugins=ServiceAccount",
        f"--audit-policy-file={folder}/policy.yaml",
        f"--audit-log-path={folder}/audit.log",
    ]


@contextlib.contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            yield
        finally:
            process.kill()  # Nothing of it is kept.
            process.wait()


def _is_ready(port: int) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _write_kubeconfig(folder: Path, port: int) -> None:
    authority = base64.b64encode((folder / "certificates" / "apiserver.crt").read_bytes()).decode("ascii")
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": authority}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "own", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": _TOKEN}}],
        "contexts": [{"name": "own", "context": {"cluster": "own", "user": "admin"}}],
        "current-context": "own",
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(document), encoding="utf-8")


if __name__ == "__main__":
    keep(Path(sys.argv[1]), *sys.argv[2:])
