# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the test operator around its rendering, and its start and stop, without a cluster."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kymalab import images, processes
from kymalab.operator import lifecycle
from kymalab.operator.record import OperatorRecord, load
from kymalab.settings import LabError, Paths
from kymaoperator import client, gostruct, status
from kymaoperator.deployment import INIT_IMAGE, REGISTRY_IMAGE
from kymaoperator.queue import Queue
from kymaoperator.scope import Scope
from kymaoperator.storage import secret_name

KEY, OTHER = ("a", "one"), ("a", "two")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A lab's folders."""
    found = Paths(tmp_path / "state", tmp_path / "cache")
    found.run.mkdir(parents=True)
    found.logs.mkdir()
    return found


def test_images_are_those_of_the_node() -> None:
    """The lab has the images under the names that the operator renders."""
    assert (INIT_IMAGE, REGISTRY_IMAGE) == (images.REGISTRY_INIT_IMAGE, images.REGISTRY_IMAGE)


def test_queue_gives_each_key_once_and_the_earliest_first() -> None:
    """A later entry for the same key does not delay it."""
    queue = Queue()
    queue.add(KEY, 0.05)
    queue.add(OTHER)
    queue.add(KEY, 10)
    queue.add(OTHER)
    assert [queue.next(), queue.next()] == [OTHER, KEY]


def test_queue_waits_longer_after_each_error() -> None:
    """5 ms, doubled, at most 1000 s; a success resets it."""
    queue = Queue()
    assert [queue.retry(KEY) for _ in range(3)] == [0.005, 0.01, 0.02]
    assert [queue.retry(KEY) for _ in range(40)][-1] == 1000
    queue.forget(KEY)
    assert queue.retry(KEY) == 0.005


def test_scope() -> None:
    """Names with wildcards."""
    assert Scope().everywhere and Scope().has("anything")
    scope = Scope(("op-*", "docker-registry"))
    assert scope.has("op-1") and scope.has("docker-registry")
    assert not scope.everywhere and not scope.has("test-1") and not scope.has("shop-1")


@pytest.mark.parametrize(
    ("storage", "name"),
    [
        (None, ""),
        ({}, ""),
        ({"pvc": {"name": "c"}}, ""),
        ({"s3": {"bucket": "b"}}, ""),
        ({"azure": {"secretName": "s"}}, "s"),
        ({"btpObjectStore": {"secretName": "s"}}, "s"),
    ],
)
def test_secret_that_matters(storage: dict[str, Any] | None, name: str) -> None:
    """Which Secret's changes start a round."""
    assert secret_name(storage) == name


@pytest.mark.parametrize(
    "text",
    [
        "clusters:\n  - name: lab\n    cluster:\n      server: https://h:1\nusers:\n  - user:\n      token: t",
        '{"clusters": [{"cluster": {\n"server": "https://h:1"}}], "users": [{"user": {\n"token": "t"}}]}',
    ],
)
def test_kubeconfig(text: str) -> None:
    """In YAML and in JSON."""
    assert (client._entry(text, "server"), client._entry(text, "token")) == ("https://h:1", "t")


class _Server:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer with what came."""
        self.sent.append((method, path, body))
        return body


def test_status_is_written_where_it_changed_and_reported() -> None:
    """One write and one event a change; a condition's time belongs to its status."""
    server = _Server()
    metadata = {"name": "default", "namespace": "n", "uid": "u"}
    found = {"apiVersion": "v", "kind": "DockerRegistry", "metadata": metadata}
    instance = status.Instance(server, found)  # type: ignore[arg-type]
    instance.save()
    assert server.sent == []
    instance.set_condition("Installed", "True", "Installed", "good")
    instance.save()
    instance.save()
    assert [(method, path.rpartition("/")[2]) for method, path, _ in server.sent] == [
        ("PUT", "status"),
        ("POST", "events"),
    ]
    assert instance.condition("Installed") is not None
    instance.condition("Installed")["lastTransitionTime"] = "before"  # type: ignore[index]
    instance.set_condition("Installed", "True", "Installed", "Warning: less good")
    assert instance.condition("Installed")["lastTransitionTime"] == "before"  # type: ignore[index]
    instance.set_condition("Installed", "False", "InstallationErr", "bad")
    assert instance.condition("Installed")["lastTransitionTime"] != "before"  # type: ignore[index]
    instance.drop_condition("Installed")
    assert instance.condition("Installed") is None


@pytest.mark.parametrize("wanted", [True, False])
def test_spec_is_written_with_the_finalizer(wanted: bool) -> None:
    """The whole object is sent, as Go writes it: false, 0 and "" are left out where the types say `omitempty`."""
    server = _Server()
    s3 = {"bucket": "b", "region": "r", "secretName": "s"}
    storage = {"deleteEnabled": False, "s3": {**s3, "regionEndpoint": "", "encrypt": False, "secure": True}}
    spec = {"storage": storage, "logging": {"accessLogEnabled": False}, "externalAccess": {"enabled": False}}
    metadata = {"name": "default", "namespace": "n", "finalizers": ["others"]}
    instance = status.Instance(server, {"metadata": metadata, "spec": spec, "status": {}})  # type: ignore[arg-type]
    instance.set_finalizer(wanted)
    ((method, _, sent),) = server.sent
    assert method == "PUT"
    assert sent["metadata"]["finalizers"] == ["others", *([status.FINALIZER] if wanted else [])]
    assert sent["spec"] == {
        "storage": {"s3": {**s3, "secure": True}},
        "logging": {},
        "externalAccess": {"enabled": False},
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, {}),
        ({"storage": {}}, {"storage": {}}),
        ({"storage": {"deleteEnabled": False, "azure": None}}, {"storage": {}}),
        ({"storage": {"deleteEnabled": True, "pvc": {"name": "c"}}}, None),
        ({"storage": {"azure": {"secretName": ""}}}, None),
        (
            {"storage": {"gcs": {"bucket": "b", "chunksize": 0, "rootdirectory": ""}}},
            {"storage": {"gcs": {"bucket": "b"}}},
        ),
        ({"storage": {"gcs": {"bucket": "b", "chunksize": 262144, "rootdirectory": "d"}}}, None),
        ({"storage": {"btpObjectStore": {"secretName": ""}}}, {"storage": {"btpObjectStore": {}}}),
        ({"logging": {"level": "debug", "format": "", "colour": "red"}}, {"logging": {"level": "debug"}}),
    ],
)
def test_go_types(given: dict[str, Any] | None, kept: dict[str, Any] | None) -> None:
    """What a spec is after a way through the operator's types; None: as it was."""
    assert gostruct.spec(given) == (given if kept is None else kept)


def _started(paths: Paths, command: list[str]) -> OperatorRecord:
    process = processes.start(command, paths.log_of(lifecycle.LOG), {"PATH": os.environ["PATH"]})
    record = OperatorRecord(command, {"OPERATOR_NAMESPACES": "op-*"}, "d", "n", process)
    record.save(paths)
    return record


def test_operator_ends_with_its_children(paths: Paths) -> None:
    """Another command may have children, and may not listen to a polite signal."""
    script = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid, flush=True); input()"
    record = _started(paths, ["sh", "-c", f'sleep 600 & exec {sys.executable} -c "{script}; " < /dev/zero'])
    log = paths.log_of(lifecycle.LOG)
    deadline = time.monotonic() + 10
    while not log.read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.02)
    child = processes.find(int(log.read_text()))
    assert child and child.alive and load(paths) == record
    try:
        lifecycle.remove(paths)
        assert not record.process.alive and load(paths) is None
        deadline = time.monotonic() + 5
        while child.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not child.alive
    finally:
        with suppress(ProcessLookupError):
            os.killpg(record.process.pid, signal.SIGKILL)
    lifecycle.remove(paths)


def test_command_of_the_environment(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """LAB_OPERATOR takes the place of the lab's own."""
    monkeypatch.delenv("LAB_OPERATOR", raising=False)
    own = lifecycle._wanted(paths, "kyma-system", "op-*", fast=False)
    assert own.command[3:] == ["kymaoperator", f"--kubeconfig={paths.kubeconfig}"]
    fast = lifecycle._wanted(paths, "kyma-system", "op-*", fast=True)
    assert fast.command == [*own.command, "--fast"] and not fast.is_same(own)
    monkeypatch.setenv("LAB_OPERATOR", "sh -c 'sleep 1'")
    other = lifecycle._wanted(paths, "kyma-system", "*", fast=True)
    assert os.path.isabs(other.command[0]) and other.command[1:] == ["-c", "sleep 1"]
    assert other.environment["KUBECONFIG"] == str(paths.kubeconfig)
    assert other.environment["OPERATOR_NAMESPACES"] == "*" and not other.is_same(own)
    monkeypatch.setenv("LAB_OPERATOR", "no-such-program")
    with pytest.raises(LabError, match="no-such-program"):
        lifecycle._wanted(paths, "kyma-system", "op-*", fast=False)


def test_own_controller_is_found_without_a_record(paths: Paths) -> None:
    """By its module and the lab's kubeconfig, as they are in its command line."""
    command = [sys.executable, "-c", "import time; time.sleep(60)", "kymaoperator", f"--kubeconfig={paths.kubeconfig}"]
    process = processes.start(command, paths.log_of(lifecycle.LOG), {})
    try:
        assert [found.pid for found in processes.of_operator(paths)] == [process.pid]
        assert processes.of_operator(Paths(paths.state / "other", paths.cache)) == []
    finally:
        processes.stop([process], 0)
