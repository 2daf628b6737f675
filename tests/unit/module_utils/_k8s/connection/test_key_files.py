# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys of a kubeconfig are in files only until the connection has loaded them."""

from __future__ import annotations

import base64
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection import key_files
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import tls
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.connection.test_loading import kubeconfig

ENVIRON = {"HOME": "/nonexistent"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _document(name: str = "key", **cluster: Any) -> dict[str, Any]:
    data = base64.b64encode(name.encode()).decode()
    user = {"client-certificate-data": data, "client-key-data": base64.b64encode(f"{name} 2".encode()).decode()}
    return kubeconfig(user, **{"certificate-authority-data": data, **cluster})


def test_files_of_a_connection(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only their owner reads them. They are removed before the first request."""
    seen: list[str] = []

    def load(pool: Any, _configuration: Any) -> None:
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert len(files) == 3 and all(path.stat().st_mode & 0o077 == 0 for path in files)
        seen.append(Path(pool.connection_pool_kw["key_file"]).read_text(encoding="utf-8"))

    monkeypatch.setattr(tls, "load_files", load)
    for _number in range(2):
        connect({"kubeconfig": _document()}, ENVIRON)
        assert list(folder.iterdir()) == []
    assert seen == ["key 2"] * 2


def test_files_that_cannot_be_used(folder: Path) -> None:
    """Each request reports it."""
    cluster = connect({"kubeconfig": _document()}, ENVIRON)
    assert list(folder.iterdir()) == []
    for _request in range(2):
        with pytest.raises(ClusterError) as caught:
            cluster.list("Pod")
        assert caught.value.code == "cluster-tls"


def test_connections_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread removes what another one is about to load."""
    seen = threading.local()

    def read(pool: Any, _configuration: Any) -> None:
        seen.key = Path(pool.connection_pool_kw["key_file"]).read_text(encoding="utf-8")

    monkeypatch.setattr(tls, "load_files", read)

    def load(number: int) -> str:
        connect({"kubeconfig": _document(f"key {number % 3}")}, ENVIRON)
        return str(seen.key)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(load, range(200))) == [f"key {number % 3} 2" for number in range(200)]
    assert list(folder.iterdir()) == []


def test_the_librarys_own_files_stay() -> None:
    """Another user of the library in this process keeps what it has."""
    loaded = key_files.library._create_temp_file_with_content(b"key")
    connect({"kubeconfig": _document()}, ENVIRON).close()
    assert Path(loaded).read_text(encoding="utf-8") == "key"


def test_a_kubeconfig_that_fails(folder: Path) -> None:
    """Nothing is left of it either."""
    with pytest.raises(ClusterError):
        connect({"kubeconfig": _document(server="https://[::1:6443")}, ENVIRON)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("problem", [None, ValueError, KeyboardInterrupt])
def test_a_task(folder: Path, problem: type[BaseException] | None) -> None:
    """While it runs, and however it ends: a worker that is killed leaves no key."""

    def body(context: Context) -> None:
        assert context.cluster.target.host == "https://one:6443" and list(folder.iterdir()) == []
        if problem:
            raise problem

    try:
        run_body(body, {"kubeconfig": _document()}, check_mode=False)
    except KeyboardInterrupt:
        assert problem is KeyboardInterrupt
    assert list(folder.iterdir()) == []


def test_a_token(folder: Path) -> None:
    """The library reads it again before each request, and writes its files each time."""
    data = base64.b64encode(b"authority").decode()
    document = kubeconfig({"token": "first"}, **{"certificate-authority-data": data})
    cluster = connect({"kubeconfig": document}, ENVIRON)
    for _request in range(2):
        assert ("authorization", "Bearer first") in [
            (name.lower(), value) for name, value in cluster._transport.headers()
        ]
        assert list(folder.iterdir()) == []
