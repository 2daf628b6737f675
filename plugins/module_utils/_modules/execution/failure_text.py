# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message with which the role fails after a run that restored the former state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def describe_failure(
    failed: Mapping[str, Any],
    in_verification: bool,
    secret: Mapping[str, Any],
    deployment: Mapping[str, Any],
    later: Mapping[str, Mapping[str, Any]],
) -> str:
    """The first error, and what was restored or could not be.

    failed: result of the task that failed. in_verification: whether that was the verification. secret, deployment: results of the tasks that restored
    the values of the storage Secret and the Deployment. later: results of the other tasks that restored something, by what they do. Of these results,
    only that of a failed task has a message; it can have failed without a finding.
    """
    texts = [str(failed.get("msg") or "The task failed.").strip()]
    caused_by_change = deployment.get("due_to_revision", secret.get("due_to_values", True))
    if secret.get("restored"):
        texts.append(_with_code("The former values of the storage Secret were restored.", "storage-secret-restored"))
    elif in_verification and not caused_by_change:
        text = "The registry was deployed, but its verification was not possible. Nothing was restored."
        texts.append(_with_code(text, "verification-not-possible"))
    if deployment.get("restored"):
        texts.append(_with_code("The former Deployment was restored.", "deployment-restored"))
    results = {"restore the values of the storage Secret": secret, "restore the former Deployment": deployment, **later}
    texts += [f"The task to {name} failed: {result['msg']}" for name, result in results.items() if result.get("msg")]
    return " ".join(texts)


def _with_code(text: str, code: str) -> str:
    return f"{text} [{code}]"
