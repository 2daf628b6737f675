# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reconciles the DockerRegistry: Kyma's operator if one is installed, else this collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_managed,
    labels_of,
    managed_entries,
    metadata_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options

MODES = ("auto", "operator", "direct")
OPERATOR = "dockerregistry-operator"
FINALIZER = "dockerregistry-operator.kyma-project.io/deletion-hook"
# The selector of the operator's Deployment: it cannot be changed, and no other product has it.
_LABELS = {"control-plane": "operator", "app.kubernetes.io/component": "dockerregistry-operator.kyma-project.io"}
_VERSION_LABEL = "app.kubernetes.io/version"
# Evidence for direct mode if the user decides.
REQUESTED = "registry_mode requests it"


@dataclass(frozen=True)
class Mode:
    """name: `operator` or `direct`. version: of the operator, None if it is unknown. evidence: what shows it, as text.

    sure: False if it could not be seen whether an operator runs.
    """

    name: str
    evidence: str
    version: str | None = None
    sure: bool = True

    def finding(self) -> Finding:
        """The mode and its evidence, for the user."""
        return Finding("mode-decided", "info", "registry_mode", f"is {self.name}: {self.evidence}.")

    @property
    def is_operator(self) -> bool:
        """True if Kyma's operator reconciles the DockerRegistry."""
        return self.name == "operator"


def detect_mode(
    context: Context[Options], requested: str, cr: Mapping[str, Any] | None, registry: Mapping[str, Any] | None = None
) -> Mode:
    """The mode. cr: the live DockerRegistry. registry: the live Deployment of the registry.

    A registry that an operator has taken stays with it, also at 0 replicas or during an upgrade: the operator will start again. For a new
    registry, the operator's Deployment must have the operator's own labels and a ready replica. A registry that runs in direct mode is not handed
    over because of a Deployment. If the evidence is not sufficient, the run fails and asks the user.

    Raises Refusal if the mode is in doubt, if direct mode would conflict with an operator, and if operator mode has none. If the
    right to list operators is missing, this is an error (cluster-forbidden), never "none". Only a run that requests direct mode continues without
    that right, unless the namespace has traces of an operator.
    """
    try:
        found = context.cluster.list("Deployment", field_selector=f"metadata.name={OPERATOR}")
    except Forbidden:
        if requested != "direct":
            raise
        text = "is direct, and the run has no right to check whether an operator runs in another namespace."
        context.report(
            [
                warning(
                    "mode-unknown", "registry_mode", text, "Grant the right to list deployments.apps in all namespaces."
                )
            ]
        )
        return Mode("direct", REQUESTED, sure=False)
    if not found:
        return _mode_without_operator(requested)
    # A Deployment that only has the name does not hide the operator in another namespace.
    operator = min(found, key=lambda item: len(_find_doubts(item)))
    mode = Mode("operator", _describe_evidence(operator, cr), _read_version(operator))
    doubt = _describe_doubt(operator, cr, registry)
    if doubt and requested != "operator":
        return _decide_in_doubt(context, requested, f"{mode.evidence}, but {doubt}")
    if requested == "direct":
        text = f"is direct, but {mode.evidence}. The operator would undo what direct mode writes."
        raise Refusal(
            [
                error(
                    "mode-operator-runs",
                    "registry_mode",
                    text,
                    "Set registry_mode to auto or operator, or remove the operator's module first.",
                )
            ]
        )
    return mode


def _mode_without_operator(requested: str) -> Mode:
    if requested == "operator":
        text = f"is operator, but no namespace has a Deployment {OPERATOR}."
        raise Refusal(
            [
                error(
                    "mode-no-operator",
                    "registry_mode",
                    text,
                    "Install Kyma's Docker Registry module, or set registry_mode to direct.",
                )
            ]
        )
    return Mode("direct", "no operator runs")


def _find_doubts(operator: Mapping[str, Any]) -> list[str]:
    """The missing signs that Kyma's operator runs in a Deployment with the operator's name."""
    doubts = []
    if not _LABELS.items() <= labels_of(operator).items():
        doubts.append("does not have the labels of Kyma's operator")
    if not _count_ready(operator):
        doubts.append("has no ready replica")
    return doubts


def _describe_doubt(
    operator: Mapping[str, Any], cr: Mapping[str, Any] | None, registry: Mapping[str, Any] | None
) -> str:
    """Why the Deployment does not show that the operator runs this registry; empty if it does."""
    if is_taken(cr) or is_operator_owned(registry):
        return ""
    if is_managed(registry):
        return "the registry runs in direct mode, and that operator has not taken over the DockerRegistry"
    doubts = _find_doubts(operator)
    return f"that Deployment {' and '.join(doubts)}" if doubts else ""


def _decide_in_doubt(context: Context[Options], requested: str, evidence: str) -> Mode:
    """Direct mode beside an operator that has not taken the DockerRegistry, if the user asks for it."""
    text = f"is {requested}: {evidence}."
    if requested == "direct":
        remedy = "Delete that Deployment if it is a leftover. An operator that starts later can take over the registry."
        context.report([warning("mode-ambiguous-direct", "registry_mode", text, remedy)])
        return Mode("direct", f"{REQUESTED}, although {evidence}")
    remedy = "Set registry_mode to direct to run the registry without an operator, or to operator if that operator is to run it."
    raise Refusal([error("mode-ambiguous", "registry_mode", text, remedy)])


def has_finalizer(cr: Mapping[str, Any] | None) -> bool:
    """True if the DockerRegistry carries the operator's finalizer, which only the operator takes off."""
    return FINALIZER in (metadata_of(cr).get("finalizers") or [])


def is_taken(cr: Mapping[str, Any] | None) -> bool:
    """True if an operator has taken the DockerRegistry: by its finalizer, or by `status.served`, unless direct mode wrote that."""
    served = status_of(cr).get("served") == "True" and not managed_entries(cr, subresource="status")
    return served or has_finalizer(cr)


def is_operator_owned(obj: Mapping[str, Any] | None) -> bool:
    """True if Kyma's operator created the object: it labels all that it creates."""
    return labels_of(obj).get(constants.MANAGED_BY_LABEL) == OPERATOR


def _describe_evidence(deployment: Mapping[str, Any], cr: Mapping[str, Any] | None) -> str:
    metadata = deployment["metadata"]
    reported = [f"Deployment {OPERATOR} is in namespace {metadata['namespace']} ({_count_ready(deployment)} ready)"]
    if has_finalizer(cr):
        reported.append("the DockerRegistry has its finalizer")
    if status_of(cr).get("served") == "True":
        reported.append("and is served")
    return ", ".join(reported)


def _count_ready(deployment: Mapping[str, Any]) -> int:
    return int(status_of(deployment).get("readyReplicas") or 0)


def _read_version(deployment: Mapping[str, Any]) -> str | None:
    """The version in its label, else the tag of its image."""
    label = labels_of(deployment).get(_VERSION_LABEL)
    if label:
        return str(label)
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        name = str(container.get("image", "")).partition("@")[0]
        _path, colon, tag = name.rpartition(":")
        if colon and "/" not in tag:
            return tag
    return None
