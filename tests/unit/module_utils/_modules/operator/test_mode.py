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
from ansible_collections.kyma.docker_registry.tests.support import objects
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


class _Cluster:
    """Answers one list."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        self.found = found

    def list(self, kind: str, field_selector: str) -> list[dict[str, Any]]:
        """The Deployments of that name."""
        assert (kind, field_selector) == ("Deployment", "metadata.name=dockerregistry-operator")
        return self.found


def _operator(
    image: str = "registry.example/operator:0.15.0",
    *,
    labels: dict[str, str] = objects.OPERATOR_LABELS,
    ready: int = 1,
    namespace: str = "docker-registry",
) -> dict[str, Any]:
    return objects.running(objects.operator_deployment(namespace, labels=labels, image=image), ready)


def _context(*found: dict[str, Any]) -> Context:
    return make_context({}, cluster=_Cluster(list(found)))


def _decide(requested: str, *found: dict[str, Any], cr: dict[str, Any] | None = None) -> tuple[mode.Mode, str]:
    context = _context(*found)
    decided = mode.detect_mode(context, requested, cr)
    assert (decided.finding().code, decided.finding().severity) == ("mode-decided", "info")
    return decided, decided.finding().message


@pytest.mark.parametrize("requested", ["auto", "operator"])
def test_an_operator_that_runs_is_enough_for_a_new_registry(requested: str) -> None:
    """Its own labels and a ready replica."""
    decided, reported = _decide(requested, _operator())
    assert decided.is_operator and decided.version == "0.15.0"
    assert "namespace docker-registry (1 ready)" in reported


@pytest.mark.parametrize(
    ("operator", "lacks"),
    [
        (_operator(ready=0), "has no ready replica"),
        (_operator(labels={"control-plane": "operator"}), "does not have the labels"),
        (_operator(labels={"app": "of a tenant"}, ready=0), "labels of Kyma's operator and has no ready replica"),
    ],
    ids=["not ready", "another product", "neither"],
)
def test_a_deployment_of_that_name_alone_is_in_doubt(operator: dict[str, Any], lacks: str) -> None:
    """For a new registry: `auto` stops and names both ways, which both go on."""
    with pytest.raises(Refusal) as caught:
        mode.detect_mode(_context(operator), "auto", None)
    (finding,) = caught.value.findings
    assert finding.code == "mode-ambiguous" and lacks in finding.message
    assert "to direct" in finding.remedy and "to operator" in finding.remedy
    assert mode.detect_mode(_context(operator), "operator", None).is_operator
    context = _context(operator)
    reported = mode.detect_mode(context, "direct", None).finding().message
    assert reported.startswith("is direct: registry_mode requests it, although ") and lacks in reported
    assert [(item.code, item.severity) for item in context.findings] == [("mode-ambiguous-direct", "warning")]


DEPLOYED_BY_OPERATOR = {
    "metadata": {"name": "dockerregistry", "labels": {"app.kubernetes.io/managed-by": "dockerregistry-operator"}}
}


@pytest.mark.parametrize(
    ("cr", "registry"),
    [
        ({"metadata": {"finalizers": [mode.FINALIZER]}}, None),
        ({"metadata": {}, "status": {"served": "True"}}, None),
        (None, DEPLOYED_BY_OPERATOR),
    ],
    ids=["finalizer", "served", "its Deployment of the registry"],
)
def test_what_an_operator_has_taken_stays_with_it(cr: Any, registry: Any) -> None:
    """At 0 replicas, in an upgrade, or with other labels: it will be back, so direct mode would fight with it."""
    operator = _operator(labels={}, ready=0)
    assert mode.detect_mode(_context(operator), "auto", cr, registry).is_operator
    with pytest.raises(Refusal, match="mode-operator-runs"):
        mode.detect_mode(_context(operator), "direct", cr, registry)


def test_a_namesake_does_not_hide_the_operator() -> None:
    """The Deployment that shows most counts, wherever it is."""
    namesake = _operator("registry.example/other:7", labels={}, ready=0, namespace="a-tenant")
    decided, reported = _decide("auto", namesake, _operator())
    assert decided.is_operator and decided.version == "0.15.0" and "namespace docker-registry" in reported


@pytest.mark.parametrize("requested", ["auto", "direct"])
def test_no_operator(requested: str) -> None:
    """Nothing there: direct."""
    decided, reported = _decide(requested)
    assert decided.version is None and reported == "is direct: no operator runs."


def test_evidence_of_the_cr() -> None:
    """The finding names the evidence."""
    cr = {"metadata": {"finalizers": [mode.FINALIZER]}, "status": {"served": "True"}}
    _decided, reported = _decide("auto", _operator(), cr=cr)
    assert "finalizer" in reported and "served" in reported


@pytest.mark.parametrize(
    ("requested", "found", "code"),
    [("direct", [_operator()], "mode-operator-runs"), ("operator", [], "mode-no-operator")],
)
def test_refused(requested: str, found: list[dict[str, Any]], code: str) -> None:
    """Direct mode does not run beside an operator, and operator mode not without one."""
    with pytest.raises(Refusal) as caught:
        mode.detect_mode(_context(*found), requested, None)
    assert [finding.code for finding in caught.value.findings] == [code]


REGISTRY = {"metadata": {"name": "dockerregistry", "labels": dict(constants.MANAGED_BY)}}
TAKEN = {"metadata": {"finalizers": [mode.FINALIZER]}}
# Direct mode writes this status too.
_STATUS_OF_DIRECT_MODE = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "subresource": "status"}
SERVED = {"metadata": {"managedFields": [_STATUS_OF_DIRECT_MODE]}, "status": {"served": "True"}}
TAKEN_BY_STATUS = {"metadata": {}, "status": {"served": "True"}}


@pytest.mark.parametrize(
    ("requested", "cr", "registry", "name"),
    [
        ("auto", TAKEN, REGISTRY, "operator"),
        ("auto", TAKEN_BY_STATUS, REGISTRY, "operator"),
        ("operator", SERVED, REGISTRY, "operator"),
        ("direct", SERVED, REGISTRY, "direct"),
        ("auto", SERVED, {"metadata": {"name": "dockerregistry"}}, "operator"),
        ("auto", None, None, "operator"),
    ],
)
def test_a_registry_in_direct_mode(requested: str, cr: Any, registry: Any, name: str) -> None:
    """It is handed over to an operator that has taken the DockerRegistry, or if the user requests it."""
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
        raise Forbidden("Deployment", "cannot be listed.", "Ask for the right.")

    context.cluster.list = forbidden  # type: ignore[union-attr,method-assign]
    with pytest.raises(ClusterError):
        mode.detect_mode(context, "auto", None)
    decided = mode.detect_mode(context, "direct", None)
    assert decided.finding().message == "is direct: registry_mode requests it."
    assert [finding.code for finding in context.findings] == ["mode-unknown"]


@pytest.mark.parametrize(
    ("operator", "version"),
    [
        (_operator("registry.example:5000/operator"), None),
        (_operator("registry.example:5000/operator:v0.14.1"), "v0.14.1"),
        (_operator("registry.example/operator:0.15.0@sha256:" + "0" * 64), "0.15.0"),
        (_operator(labels={**objects.OPERATOR_LABELS, "app.kubernetes.io/version": "0.13.0"}), "0.13.0"),
    ],
)
def test_version(operator: dict[str, Any], version: str | None) -> None:
    """The label, else the image's tag."""
    assert _decide("auto", operator)[0].version == version
