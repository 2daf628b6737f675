# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reconciles the DockerRegistry: Kyma's operator where one is installed, else this collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    Refusal,
    error,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    is_managed,
    labels_of,
    metadata_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context

MODES = ("auto", "operator", "direct")
OPERATOR = "dockerregistry-operator"
FINALIZER = "dockerregistry-operator.kyma-project.io/deletion-hook"
_VERSION_LABEL = "app.kubernetes.io/version"


@dataclass(frozen=True)
class Mode:
    """name: `operator` or `direct`. version: of the operator, None where it is unknown. evidence: what shows it, for people.

    sure: False where it could not be seen whether an operator runs.
    """

    name: str
    evidence: str
    version: str | None = None
    sure: bool = True

    def finding(self) -> Finding:
        """The mode and its evidence, for the user."""
        return Finding("mode-decided", "info", "registry_mode", f"{self.name}: {self.evidence}.")

    @property
    def is_operator(self) -> bool:
        """True if Kyma's operator reconciles the DockerRegistry."""
        return self.name == "operator"


def detect_mode(
    context: Context, requested: str, cr: Mapping[str, Any] | None, registry: Mapping[str, Any] | None = None
) -> Mode:
    """The mode. cr: the live DockerRegistry. registry: the live Deployment of the registry.

    A registry that runs in direct mode is not handed over because a Deployment somewhere has the operator's name. The DockerRegistry has the
    operator's finalizer then, or the user asks for operator mode. (`status.served` is not a sign: direct mode writes it too.)

    An operator at 0 replicas or in the middle of an upgrade counts: it will be back. Raises Refusal where direct mode would fight
    with an operator, and where operator mode has none. A cluster that may not be asked is an error (cluster-forbidden), never "none";
    only who asks for direct mode by name may go on without that right, as far as nothing of an operator shows in the namespace.
    """
    try:
        found = context.cluster.list("Deployment", field_selector=f"metadata.name={OPERATOR}")
    except Forbidden:
        if requested != "direct":
            raise
        text = "is direct, and whether an operator runs in another namespace may not be asked."
        context.report(
            [warning("mode-unknown", "registry_mode", text, "Allow to list deployments.apps in all namespaces.")]
        )
        return Mode("direct", "asked for", sure=False)
    mode = (
        Mode("operator", _describe_evidence(found[0], cr), _read_version(found[0]))
        if found
        else Mode("direct", "no operator runs")
    )
    if found and is_managed(registry) and not has_finalizer(cr) and requested != "operator":
        return _keep_direct_mode(context, requested, mode.evidence)
    if requested == "direct" and mode.is_operator:
        text = f"is direct, but {mode.evidence}; it would undo what direct mode writes."
        raise Refusal(
            [
                error(
                    "mode-operator-runs",
                    "registry_mode",
                    text,
                    "Use auto or operator, or remove the operator's module first.",
                )
            ]
        )
    if requested == "operator" and not mode.is_operator:
        text = f"is operator, but no namespace has a Deployment {OPERATOR}."
        raise Refusal(
            [error("mode-no-operator", "registry_mode", text, "Install Kyma's Docker Registry module, or use direct.")]
        )
    return mode


def _keep_direct_mode(context: Context, requested: str, evidence: str) -> Mode:
    """Direct mode beside an operator that has not taken the DockerRegistry, if the user asks for it."""
    text = f"is {requested}: the registry runs in direct mode and {evidence}, but that operator has not taken the DockerRegistry."
    if requested == "direct":
        remedy = "Remove that Deployment if it is a leftover. An operator that starts later may take the registry."
        context.report([warning("mode-ambiguous-direct", "registry_mode", text, remedy)])
        return Mode("direct", f"asked for, although {evidence}")
    remedy = "Set registry_mode to direct to keep the registry as it is, or to operator to hand it over."
    raise Refusal([error("mode-ambiguous", "registry_mode", text, remedy)])


def has_finalizer(cr: Mapping[str, Any] | None) -> bool:
    """True if the DockerRegistry carries the operator's finalizer, which only the operator takes off."""
    return FINALIZER in (metadata_of(cr).get("finalizers") or [])


def _describe_evidence(deployment: Mapping[str, Any], cr: Mapping[str, Any] | None) -> str:
    metadata = deployment["metadata"]
    ready = status_of(deployment).get("readyReplicas") or 0
    reported = [f"Deployment {OPERATOR} is in namespace {metadata['namespace']} ({ready} ready)"]
    if has_finalizer(cr):
        reported.append("the DockerRegistry carries its finalizer")
    if status_of(cr).get("served") == "True":
        reported.append("and is served")
    return ", ".join(reported)


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
