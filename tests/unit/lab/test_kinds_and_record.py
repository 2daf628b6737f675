# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds as the cluster returns them, and the record of the started processes."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from kymalab import kinds, processes, record
from kymalab.api import DISCOVERY
from kymalab.kinds import Kind
from kymalab.processes import Process
from kymalab.settings import Paths

POD = Kind("", "v1", "pods", True)
WIDGET = Kind("example.com", "v1beta1", "widgets", False)


@pytest.mark.parametrize(
    ("kind", "arguments", "path"),
    [
        (POD, (), "/api/v1/pods"),
        (POD, ("ns",), "/api/v1/namespaces/ns/pods"),
        (POD, ("ns", "a"), "/api/v1/namespaces/ns/pods/a"),
        (WIDGET, (), "/apis/example.com/v1beta1/widgets"),
        (WIDGET, ("", "a"), "/apis/example.com/v1beta1/widgets/a"),
        (WIDGET, ("ns", "a"), "/apis/example.com/v1beta1/namespaces/ns/widgets/a"),
    ],
)
def test_paths(kind: Kind, arguments: tuple[str, ...], path: str) -> None:
    """Of the core group and of others."""
    assert kind.path(*arguments) == path


def test_names_of_kinds() -> None:
    """In the baseline, and as a definition says it."""
    assert (POD.key, WIDGET.key, WIDGET.resource) == ("pods.", "widgets.example.com", ("example.com", "widgets"))


def _resource(name: str, scope: str, *verbs: str) -> dict[str, Any]:
    return {"resource": name, "scope": scope, "verbs": list(verbs)}


ALL = ("get", "list", "delete", "create")
GROUPS: dict[str, list[dict[str, Any]]] = {
    "/api": [
        {
            "metadata": {},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        _resource("pods", "Namespaced", *ALL),
                        _resource("nodes", "Cluster", *ALL),
                        _resource("namespaces", "Cluster", *ALL),
                        _resource("bindings", "Namespaced", "create"),
                        _resource("componentstatuses", "Cluster", "get", "list"),
                    ],
                }
            ],
        }
    ],
    "/apis": [
        {
            "metadata": {"name": "example.com"},
            "versions": [
                {"version": "v2", "resources": [_resource("widgets", "Cluster", *ALL)]},
                {
                    "version": "v1",
                    "resources": [_resource("widgets", "Cluster", *ALL), _resource("old", "Cluster", *ALL)],
                },
            ],
        },
        {
            "metadata": {"name": "flowcontrol.apiserver.k8s.io"},
            "versions": [{"version": "v1", "resources": [_resource("flowschemas", "Cluster", *ALL)]}],
        },
        {"metadata": {"name": "stale.example.com"}, "versions": [{"version": "v1"}]},
    ],
}


class _Api:
    """Answers discovery and the list of definitions."""

    def __init__(self, definitions: Any = None) -> None:
        self.definitions = definitions or {}

    def call(self, method: str, path: str, *, accept: str) -> dict[str, Any]:
        assert (method, accept) == ("GET", DISCOVERY)
        return {"items": GROUPS[path]}

    def get(self, path: str) -> dict[str, Any]:
        assert path.endswith("/customresourcedefinitions")
        found: dict[str, Any] = self.definitions
        return found


def test_every_kind() -> None:
    """What can be listed and deleted, each once in its preferred version."""
    found = kinds.every(_Api())  # type: ignore[arg-type]
    assert found == [
        POD,
        Kind("", "v1", "nodes", False),
        Kind("", "v1", "namespaces", False),
        Kind("example.com", "v2", "widgets", False),
        Kind("example.com", "v1", "old", False),
        Kind("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", False),
    ]


def test_cluster_wide_kinds() -> None:
    """Without the system's own."""
    found = kinds.cluster_wide(_Api())  # type: ignore[arg-type]
    assert [kind.plural for kind in found] == ["namespaces", "widgets", "old"]


def test_custom_kinds() -> None:
    """As their definitions name them; none if there is no definition."""
    definitions = {"items": [{"spec": {"group": "example.com", "names": {"plural": "widgets", "kind": "Widget"}}}]}
    assert kinds.custom(_Api(definitions)) == {("example.com", "widgets")}  # type: ignore[arg-type]
    assert kinds.custom(_Api()) == set()  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine's folder of this test's own."""
    monkeypatch.setattr(record, "MACHINE_FOLDER", tmp_path / "machine")
    monkeypatch.setattr(record, "_FILE", tmp_path / "machine/record.json")
    return tmp_path / "machine"


def test_record_is_kept_and_forgotten(folder: Path) -> None:
    """As it was, nothing half written; forgetting twice is not a failure."""
    assert record.load() is None
    made = record.Record("/state", "abc", {"net.ipv4.ip_forward": "0"}, {"etcd": "/x"}, {"etcd": Process(1, 2)}, True)
    made.save()
    made.save()
    assert record.load() == made and [path.name for path in folder.iterdir()] == ["record.json"]
    json.loads((folder / "record.json").read_text())
    record.forget()
    record.forget()
    assert record.load() is None


def test_whose_record() -> None:
    """By the state folder."""
    made = record.Record("/some/state", "abc", {})
    assert made.belongs_to(Paths(Path("/some/state"), Path("/c")))
    assert not made.belongs_to(Paths(Path("/some/state2"), Path("/c")))


def test_alive() -> None:
    """A process is identified by number and start time; one of that number that began at another time is another."""
    me = processes.find(os.getpid())
    assert me is not None and me.alive
    assert not Process(me.pid, me.started + 1).alive and processes.find(2**22 + 1) is None
    made = record.Record("/s", "d", {}, processes={"gone": Process(me.pid, 0)})
    assert not made.any_alive
    made.processes["here"] = me
    assert made.any_alive and not record.Record("/s", "d", {}).any_alive


def test_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One command at a time; the second prints for which one it waits, and continues when the first has ended."""
    locked, release, said = threading.Event(), threading.Event(), []
    order: list[str] = []

    def first() -> None:
        with record.machine_lock():
            locked.set()
            release.wait(10)
            order.append("first")

    def say(message: str) -> None:
        said.append(message)
        release.set()

    monkeypatch.setattr(record, "say", say)
    other = threading.Thread(target=first)
    other.start()
    assert locked.wait(10) and (folder / "lock").read_text() == str(os.getpid())
    (folder / "lock").write_text("4711\n")
    with record.machine_lock():
        order.append("second")
    other.join(10)
    assert order == ["first", "second"] and len(said) == 1 and "process 4711)" in said[0]
    assert (folder / "lock").read_text() == str(os.getpid())
    with record.machine_lock():
        assert len(said) == 1, "it has no holder"
