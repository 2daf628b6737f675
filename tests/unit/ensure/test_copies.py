# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the pull Secret without the right to list every Secret of the cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure import secret
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import Context, execute


class _Cluster:
    """A namespace `ns` with nothing in it; Secrets of all namespaces may not be listed."""

    warnings: tuple[str, ...] = ()

    def __init__(self, code: str) -> None:
        self.code = code
        self.applied: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, namespace: str | None = None) -> Any:
        return {"metadata": {"name": name}} if kind == "Namespace" else None

    def list(self, kind: str, namespace: str | None = None, **_: Any) -> list[Any]:
        if kind == "Secret" and namespace is None:
            raise ClusterError(self.code, "Secret", "says no", "Ask.", 403)
        return [{"metadata": {"name": "apps"}, "spec": {}}] if kind == "Namespace" else []

    def apply(self, obj: dict[str, Any], **_: Any) -> Any:
        self.applied.append((obj["metadata"]["namespace"], obj["metadata"]["name"]))
        return type("Applied", (), {"changed": True, "after": obj, "before": None})


def _run(monkeypatch: pytest.MonkeyPatch, code: str = "cluster-forbidden", **options: Any) -> tuple[Any, _Cluster]:
    cluster = _Cluster(code)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {
        "mode": "direct",
        "state": "present",
        "purpose": "credentials",
        "namespace": "ns",
        "create_namespace": False,
        "registry_username": None,
        "registry_password": None,
        "pull_secret_namespaces": [],
        **options,
    }
    return execute(secret.run, params, check_mode=False, secrets=()).result, cluster


@pytest.mark.parametrize("wanted", [[], ["apps"]])
def test_copies_are_made_without_it(wanted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is wanted no more cannot be seen, which is told."""
    result, cluster = _run(monkeypatch, pull_secret_namespaces=wanted)
    assert not result.get("failed"), result
    assert [(item["code"], item["severity"]) for item in result["findings"]] == [("copies-unseen", "info")]
    assert [place for place in cluster.applied if place[0] != "ns"] == [
        (name, "dockerregistry-config") for name in wanted
    ]


def test_removal_goes_on_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's own Secrets go."""
    result, _cluster = _run(monkeypatch, state="absent")
    assert not result.get("failed")
    assert [item["code"] for item in result["findings"]] == ["copies-unseen"]


def test_other_failures_are_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that does not answer is not one without copies."""
    result, _cluster = _run(monkeypatch, code="cluster-timeout")
    assert result["failed"] and [item["code"] for item in result["findings"]] == ["cluster-timeout"]
