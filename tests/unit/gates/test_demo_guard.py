# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo leaves clusters alone that have a registry of another user, or that cannot be asked."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load

guard = load("demo_guard.py")
MINE = {"kyma-docker-registry.ansible/demo": "true"}


def _item(name: str, namespace: str, labels: Any = None) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, **({"labels": labels} if labels is not None else {})}}


@pytest.mark.parametrize(
    ("items", "namespace", "found"),
    [
        ([], None, []),
        ([_item("a", "x", MINE)], None, []),
        ([_item("a", "x", {**MINE, "more": "1"})], None, []),
        ([_item("a", "x")], None, ["x/a"]),
        ([_item("a", "x", {})], None, ["x/a"]),
        ([_item("a", "x", "text")], None, ["x/a"]),
        ([_item("a", "x", {**MINE, next(iter(MINE)): "false"})], None, ["x/a"]),
        ([_item("a", "x", {next(iter(MINE)): True})], None, ["x/a"]),
        ([_item("a", "x"), _item("b", "y", MINE), _item("c", "y")], None, ["x/a", "y/c"]),
        ([_item("a", "x"), _item("c", "y")], "y", ["y/c"]),
        ([_item("a", "x")], "y", []),
        ([_item("a", "x")], "", []),
    ],
)
def test_foreign_registries(items: list[dict[str, Any]], namespace: str | None, found: list[str]) -> None:
    """Everything without exactly our label, in one namespace or in all."""
    assert guard.foreign_registries(items, namespace) == found


def test_null_labels() -> None:
    """As some clients write them."""
    assert guard.foreign_registries([{"metadata": {"name": "a", "namespace": "x", "labels": None}}], None) == ["x/a"]


class _Api:
    """A cluster that answers one list, or fails."""

    answer: Any = None

    def list_cluster_custom_object(self, *kind: str, _request_timeout: int) -> dict[str, Any]:
        assert kind == ("operator.kyma-project.io", "v1alpha1", "dockerregistries") and _request_timeout
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"items": self.answer}


def _problem(status: int) -> Exception:
    problem: Exception = guard.client.ApiException(status=status, reason="said\n by the server " + "x" * 500)
    return problem


@pytest.mark.parametrize(
    ("answer", "arguments", "code", "words"),
    [
        ([], [], 0, ""),
        ([_item("a", "x", MINE)], [], 0, ""),
        ([_item("a", "x")], [], 1, "x/a"),
        ([_item("a", "x")], ["y"], 0, ""),
        ([_item("a", "x")], ["x"], 1, "x/a"),
        (_problem(404), [], 0, ""),
        (_problem(403), [], 1, "cannot determine"),
        (OSError("no storage type"), [], 1, "no storage type"),
        (KeyError("x"), [], 1, "cannot determine"),
    ],
)
def test_main(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: Any,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    """The exit code, and why not in one line; no such kind means no registry."""
    monkeypatch.setattr(guard.config, "load_kube_config", lambda: None)
    monkeypatch.setattr(guard.client, "CustomObjectsApi", _Api)
    monkeypatch.setattr(_Api, "answer", answer)
    monkeypatch.setattr(sys, "argv", ["demo_guard.py", *arguments])
    assert guard.main() == code
    said = capsys.readouterr().out
    assert words in said and said.count("\n") == code and len(said) < 500
