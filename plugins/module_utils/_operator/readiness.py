# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The strict rule by which an operator's registry counts as ready. Pure.

Nothing that the DockerRegistry says is enough: Installed stays True through changes and in Warning, Ready is from before,
a crashing Pod is always Processing, and no status says which generation it is about. So the Deployment must hold what
the spec implies and be rolled out, and the caller must ask the registry itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.inputs import prune_storage
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import Expected

from . import storage_lock, stored_spec
from .live import find_differences
from .names import PARSE_FAILURE

_LONGEST = 300


@dataclass(frozen=True)
class Ready:
    """Everything is as it should be at this moment."""


@dataclass(frozen=True)
class NotYet:
    """It may come. reason: as text."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """It does not become ready without a change."""

    finding: Finding


Verdict: TypeAlias = "Ready | NotYet | Failed"


def judge_readiness(
    cr: Mapping[str, Any] | None,
    deployment: Mapping[str, Any] | None,
    expected: Expected,
    *,
    sent: Mapping[str, Any] | None,
    applied: Mapping[str, Any] | None = None,
    generated: Mapping[str, bytes] | None = None,
    intended: Mapping[str, bytes] | None = None,
    before: Mapping[str, Any] | None = None,
) -> Verdict:
    """Judges the DockerRegistry and the Deployment in their current state.

    sent: the spec.storage that was sent. applied: the overlay. generated, intended: data of the operator's Secret as it is and as
    it must be (None: not compared). before: the status when the spec was sent: a failure that is already there may be
    about the spec of before, and is not yet considered. Leave it out for a spec that was there already, and at the end of a wait.
    """
    if cr is None:
        return NotYet("the DockerRegistry does not exist")
    if _comparable_storage(objects.spec_of(cr).get("storage")) != _comparable_storage(sent):
        return Failed(
            _finding(
                "operator-spec-changed",
                "spec.storage is not what was sent: another client writes it.",
                "Decide which client writes it.",
            )
        )
    problem = _failure(cr, expected)
    if problem is not None:
        stale = before is not None and problem == _failure({**cr, "status": before}, expected)
        return NotYet(problem.message) if stale else Failed(problem)
    if deployment is None:
        return NotYet("the Deployment does not exist")
    reasons = [*find_differences(deployment, expected, applied)]
    if intended is not None and dict(generated or {}) != dict(intended):
        reasons.append(f"Secret {constants.STORAGE_SECRET} does not contain the credentials yet")
    if reasons:
        return NotYet("; ".join(reasons))
    if not is_rolled_out(deployment):
        return NotYet("the Deployment is being rolled out")
    return _status(cr)


def _comparable_storage(storage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """spec.storage without what the API server or the operator leaves out when it is written."""
    return prune_storage(stored_spec.normalize_storage(storage))


def check_served(cr: Mapping[str, Any]) -> Finding | None:
    """The error that the operator serves another DockerRegistry instead: it serves one in a cluster."""
    if objects.status_of(cr).get("served") != "False":
        return None
    message = "is not served: the operator serves another DockerRegistry, in this or another namespace."
    return _finding("operator-not-served", message, "Copy the images of one DockerRegistry, then delete it.")


def _failure(cr: Mapping[str, Any], expected: Expected) -> Finding | None:
    """The failure that the operator reports."""
    status = objects.status_of(cr)
    if objects.is_being_deleted(cr) or status.get("state") == "Deleting":
        return _finding("operator-registry-deleted", "is being deleted.", "Find out which client deletes it.")
    unserved = check_served(cr)
    if unserved is not None:
        return unserved
    installed, configured = objects.condition(cr, "Installed"), objects.condition(cr, "Configured")
    installed_text = _condition_text(installed)
    if status.get("state") == "Error" and storage_lock.is_rejection(str(installed.get("message"))):
        message = "the storage lock rejected a switch of the storage; the registry still uses its former storage."
        remedy = f"Restore spec.storage, or make the change with the role; see annotation {storage_lock.ANNOTATION} of the Deployment."
        return _finding("operator-storage-lock-rejected", message, remedy)
    if configured.get("status") == "False":
        message = f"the operator rejects the configuration: {_condition_text(configured)}"
        return _finding("operator-configuration-refused", message, "Correct what the message names.")
    if objects.has_condition(cr, "DeploymentFailure"):
        message = f"the Deployment fails: {_condition_text(objects.condition(cr, 'DeploymentFailure'))}"
        return _finding("operator-deployment-failure", message, "Correct what the message names.")
    # Installed=False may be left from before; with another state than Error it has no meaning.
    if status.get("state") == "Error":
        what = installed_text if expected.stage == "applied" or not expected.why else expected.why
        return _finding(
            "operator-installation-failed",
            f"the operator cannot install the registry: {what}",
            "Correct what the message names.",
        )
    return None


def _status(cr: Mapping[str, Any]) -> Verdict:
    status = objects.status_of(cr)
    state = status.get("state")
    if state != "Ready":
        return NotYet(f"the operator reports {f'the state {state}' if state else 'no state'}")
    if status.get("served") != "True":
        return NotYet("the operator does not report that it serves the DockerRegistry")
    missing = [kind for kind in ("Configured", "Installed") if not objects.has_condition(cr, kind)]
    return NotYet(f"the operator does not report {' and '.join(missing)}") if missing else Ready()


def redact_condition_message(message: str) -> str:
    """A condition's message without possible credentials, because the operator quotes whole flags, including Secret values."""
    if PARSE_FAILURE in message:
        return (
            "a value is not valid in the syntax of its chart (the message is not shown, because it quotes the value)."
        )
    return redacted(message)


def _condition_text(entry: Mapping[str, Any]) -> str:
    """The message or reason of a condition, redacted, on one line and not too long."""
    text = redact_condition_message(str(entry.get("message") or entry.get("reason") or "it gives no reason"))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _finding(code: str, message: str, remedy: str) -> Finding:
    return error(code, "DockerRegistry", message, remedy)
