# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reconciles: what the cluster shows, against what the user asks for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import mode


class _Cluster:
    """Answers one list."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        self.found = found

    def list(self, kind: str, field_selector: str) -> list[dict[str, Any]]:
        """The Deployments of that name."""
        assert (kind, field_selector) == ("Deployment", "metadata.name=dockerregistry-operator")
        return self.found


def _operator(image: str = "registry.example/operator:0.15.0", **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "dockerregistry-operator", "namespace": "docker-registry", **metadata},
        "spec": {"template": {"spec": {"containers": [{"name": "manager", "image": image}]}}},
        "status": {},
    }


def _context(*found: dict[str, Any]) -> Context:
    context = Context({}, check_mode=False)
    context._cluster = _Cluster(list(found))  # type: ignore[assignment]
    return context


def _decide(requested: str, *found: dict[str, Any], cr: dict[str, Any] | None = None) -> tuple[mode.Mode, str]:
    context = _context(*found)
    decided = mode.detect_mode(context, requested, cr)
    assert (decided.finding().code, decided.finding().severity) == ("mode-decided", "info")
    return decided, decided.finding().message


@pytest.mark.parametrize("requested", ["auto", "operator"])
def test_operator_counts_without_a_ready_pod(requested: str) -> None:
    """At 0 replicas, or in an upgrade, it will be back."""
    decided, reported = _decide(requested, _operator())
    assert decided.is_operator and decided.version == "0.15.0"
    assert "namespace docker-registry (0 ready)" in reported


@pytest.mark.parametrize("requested", ["auto", "direct"])
def test_no_operator(requested: str) -> None:
    """Nothing there: direct."""
    decided, reported = _decide(requested)
    assert not decided.is_operator and decided.version is None and "no operator" in reported


def test_evidence_of_the_cr() -> None:
    """The finding says what told."""
    cr = {"metadata": {"finalizers": [mode.FINALIZER]}, "status": {"served": "True"}}
    _decided, reported = _decide("auto", _operator(), cr=cr)
    assert "finalizer" in reported and "served" in reported


@pytest.mark.parametrize(
    ("requested", "found", "code"),
    [("direct", [_operator()], "mode-operator-runs"), ("operator", [], "mode-no-operator")],
)
def test_refused(requested: str, found: list[dict[str, Any]], code: str) -> None:
    """Direct mode never fights, operator mode never waits for nobody."""
    with pytest.raises(Refusal) as caught:
        mode.detect_mode(_context(*found), requested, None)
    assert [finding.code for finding in caught.value.findings] == [code]


REGISTRY = {"metadata": {"name": "dockerregistry", "labels": dict(constants.MANAGED_BY)}}
TAKEN = {"metadata": {"finalizers": [mode.FINALIZER]}}
# Direct mode writes this status too.
SERVED = {"metadata": {}, "status": {"served": "True"}}


@pytest.mark.parametrize(
    ("requested", "cr", "registry", "name"),
    [
        ("auto", TAKEN, REGISTRY, "operator"),
        ("operator", SERVED, REGISTRY, "operator"),
        ("direct", SERVED, REGISTRY, "direct"),
        ("auto", SERVED, {"metadata": {"name": "dockerregistry"}}, "operator"),
        ("auto", None, None, "operator"),
    ],
)
def test_a_registry_in_direct_mode(requested: str, cr: Any, registry: Any, name: str) -> None:
    """It is handed over to an operator that has taken the DockerRegistry, or if the user says so."""
    context = _context(_operator())
    assert mode.detect_mode(context, requested, cr, registry).name == name
    assert [item.code for item in context.findings] == (["mode-ambiguous-direct"] if name == "direct" else [])


@pytest.mark.parametrize("cr", [None, SERVED])
def test_a_deployment_with_the_operators_name_is_not_enough(cr: Any) -> None:
    """Nothing of a running registry is given away for it; the remedy names both ways."""
    with pytest.raises(Refusal) as caught:
        mode.detect_mode(_context(_operator()), "auto", cr, REGISTRY)
    (finding,) = caught.value.findings
    assert finding.code == "mode-ambiguous" and "direct" in finding.remedy and "operator" in finding.remedy


def test_forbidden_is_no_answer() -> None:
    """Who may not look does not know that there is none."""
    context = _context()

    def forbidden(*_arguments: Any, **_settings: Any) -> Any:
        raise Forbidden("Deployment", "may not be listed.", "Ask for the right.")

    context._cluster.list = forbidden  # type: ignore[union-attr,method-assign]
    with pytest.raises(ClusterError):
        mode.detect_mode(context, "auto", None)
    assert not mode.detect_mode(context, "direct", None).is_operator
    assert [finding.code for finding in context.findings] == ["mode-unknown"]


@pytest.mark.parametrize(
    ("operator", "version"),
    [
        (_operator("registry.example:5000/operator"), None),
        (_operator("registry.example:5000/operator:v0.14.1"), "v0.14.1"),
        (_operator("registry.example/operator:0.15.0@sha256:" + "0" * 64), "0.15.0"),
        (_operator(labels={"app.kubernetes.io/version": "0.13.0"}), "0.13.0"),
    ],
)
def test_version(operator: dict[str, Any], version: str | None) -> None:
    """The label, else the image's tag."""
    assert _decide("auto", operator)[0].version == version
