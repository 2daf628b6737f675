# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Summarizes a run of the role as lines of text. Pure.

The parameters are results of the modules: of a task that was skipped an empty one, or one without these values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants

Result = Mapping[str, Any]

_UNKNOWN = "not yet known"


def summarize_deployment(
    storage: Result, deployment: Result, verification: Result, results: Iterable[Result], check: bool
) -> list[str]:
    """Lines about a registry that exists, or would exist with `check`.

    storage, deployment, verification: results of docker_registry_storage, registry_deployment and registry_verify.
    results: those of all tasks, for what they changed and found.
    """
    reported = list(results)
    return [
        f"DockerRegistry {storage['namespace']}/{storage['name']}: {'planned, nothing was written' if check else 'deployed'}",
        f"mode: {storage['mode']}, storage type: {storage['storage_type']} ({storage['storage_id']})",
        f"push, inside the cluster: {deployment.get('push_address') or _UNKNOWN}",
        f"pull, from the nodes: {deployment.get('pull_address') or _UNKNOWN}",
        f"credentials: Secret {constants.CREDENTIALS_SECRET} in namespace {storage['namespace']}",
        f"verification: {_verification_line(verification)}",
        *_confirmation_lines(deployment, reported),
        *_change_lines(reported, check),
        f"findings: {_finding_codes(reported)}",
    ]


def summarize_removal(results: Iterable[Result], namespace: str, name: str, check: bool) -> list[str]:
    """Lines about a registry that was removed, did not exist, or would be removed with `check`."""
    reported = list(results)
    outcome = "would be removed, nothing was written" if check else "removed"
    if not any(result.get("changes") for result in reported):
        outcome = "there was nothing to remove"
    return [
        f"DockerRegistry {namespace}/{name}: {outcome}",
        *_change_lines(reported, check),
        f"findings: {_finding_codes(reported)}",
    ]


def _verification_line(verification: Result) -> str:
    level = verification.get("level", "none")
    return f"{level}: {'; '.join(verification['steps'])}" if verification.get("verified") else f"{level} (not run)"


def _confirmation_lines(deployment: Result, results: Iterable[Result]) -> list[str]:
    """A line if the run deployed a revision that neither it nor an earlier run has confirmed."""
    if deployment.get("confirmed", True) or any(result.get("confirmed") for result in results):
        return []
    return ["not confirmed: former credentials are kept until a run verifies the registry at level write or image"]


def _change_lines(results: Iterable[Result], check: bool) -> list[str]:
    """Every change once: a later task of the run may set right again what an earlier one has changed."""
    parts: dict[str, list[str]] = {"created": [], "changed": [], "removed": []}
    for change in dict.fromkeys(change for result in results for change in result.get("changes") or []):
        what, _space, how = change.rpartition(" ")
        if how in parts:
            parts[how].append(what)
        else:
            parts["changed"].append(change)
    # What was created and then changed counts as created only.
    parts["changed"] = [what for what in parts["changed"] if what not in parts["created"]]
    lines = [f"{'would be ' if check else ''}{how}: {', '.join(objects)}" for how, objects in parts.items() if objects]
    return lines or [f"{'would be ' if check else ''}changed: nothing"]


def _finding_codes(results: Iterable[Result]) -> str:
    """Codes only: the output above has the texts of the warnings."""
    codes = dict.fromkeys(str(item["code"]) for result in results for item in result.get("findings") or [])
    return ", ".join(codes) or "none"
