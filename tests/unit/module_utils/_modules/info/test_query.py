# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `query` of registry_info: what it finds, what is wrong with it, and that it cannot get round the masking."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import query, registry_info
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body

PASSWORD = "canary-of-a-query"
CR = {
    "metadata": {"name": "default", "namespace": "ns"},
    "spec": {"storage": {"s3": {"bucket": PASSWORD, "region": "eu-central-1", "secretName": "keys"}}},
    "status": {"state": "Ready", "storage": "s3"},
}
KEYS = {
    "metadata": {"name": "keys", "namespace": "ns"},
    "data": {"secretKey": base64.b64encode(PASSWORD.encode()).decode()},
}


class _Cluster:
    """Has the DockerRegistry and its Secret, nothing else."""

    target = SimpleNamespace(host="https://cluster", source="test")
    warnings: tuple[str, ...] = ()

    def __init__(self, cr: dict[str, Any] | None) -> None:
        self._cr = cr

    def get(self, kind: str, name: str, namespace: str | None = None) -> Any:
        return {("DockerRegistry", "default"): self._cr, ("Secret", "keys"): KEYS}.get((kind, name))

    def list(self, *_: Any, **__: Any) -> list[Any]:
        return []


def _info(
    monkeypatch: pytest.MonkeyPatch, expression: str | None, cr: dict[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The result, and what was asked of the cluster's connection."""
    connected = []

    def cluster(context: Context) -> Any:
        connected.append("connected")
        return _Cluster(cr)

    monkeypatch.setattr(Context, "cluster", property(cluster))
    params = {"name": "default", "namespace": "ns", "count_images": False, "query": expression}
    return run_body(registry_info.read_registry_info, params, check_mode=False, secrets=()).result, connected


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("exists", False),
        ("{name: name, requested: replicas.requested}", {"name": "default", "requested": 0}),
        ("storage_types.*", []),
        ("conditions[0].type", None),
        ("no_such_key", None),
        ("findings[].code", []),
        ("length(conditions)", 0),
        ("keys(@) | contains(@, 'queried')", False),
        ("changed", False),
    ],
)
def test_what_it_finds(expression: str, found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any value, null for nothing; everything that is returned can be asked for."""
    result, _asked = _info(monkeypatch, expression)
    assert not result.get("failed"), result
    assert result["queried"] == found
    assert not result["exists"], "the rest is returned as well"


def test_findings_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are what a caller most often wants."""
    result, _asked = _info(monkeypatch, "findings[?severity=='warning'].code", CR)
    assert result["queried"] == ["registry-missing"] == [item["code"] for item in result["findings"]]


@pytest.mark.parametrize("expression", [None, ""])
def test_nothing_is_asked(expression: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWX gives '' for nothing."""
    result, _asked = _info(monkeypatch, expression)
    assert "queried" not in result and not result.get("failed")


@pytest.mark.parametrize("expression", ["a[", "findings[?severity='warning']", "{", "a b", "&", "(" * 5000, "'", "@@"])
def test_what_cannot_be_read(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One finding on one line, before the cluster is asked."""
    result, requested = _info(monkeypatch, expression)
    (finding,) = result["findings"]
    assert result["failed"] and not requested
    assert (finding["code"], finding["severity"], finding["path"]) == ("query-invalid", "error", "query")
    assert "\n" not in finding["message"] and finding["remedy"]


@pytest.mark.parametrize("expression", ["no_function(@)", "length(exists)", "&name", "sort_by(@, &name)", "join(name)"])
def test_what_does_not_fit(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows only with the result, which is still returned."""
    result, _asked = _info(monkeypatch, expression)
    assert result["failed"] and "queried" not in result
    assert [item["code"] for item in result["findings"]] == ["query-invalid"]
    assert result["name"] == "default"


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reported only if the user asks for it."""
    monkeypatch.setattr(query, "jmespath", None)
    result, requested = _info(monkeypatch, "exists")
    assert result["failed"] and not requested
    assert [(item["code"], item["path"]) for item in result["findings"]] == [("library-missing", "query")]
    assert "jmespath" in result["msg"]
    assert _info(monkeypatch, None)[0]["exists"] is False
    with pytest.raises(Refusal):
        query.check_query("exists")


@pytest.mark.parametrize(
    "expression", ["reverse(storage.s3.bucket)", "storage.s3.bucket", "to_string(@)", "keys(storage)", "@"]
)
def test_a_secret_stays_hidden(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned round as well: the query sees only what is shown anyway."""
    result, _asked = _info(monkeypatch, expression, CR)
    assert "queried" in result
    assert PASSWORD not in str(result) and PASSWORD[::-1] not in str(result)
