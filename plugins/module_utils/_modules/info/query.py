# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `query`: a JMESPath expression over a result. What is wrong with it is a finding, reported before the cluster is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error

try:
    import jmespath
except ImportError:
    jmespath = None


def check_query(expression: str | None) -> None:
    """Raises Refusal if the library is missing or the expression cannot be read. None and '' ask for nothing."""
    if not expression:
        return
    if jmespath is None:
        text = "needs the Python library jmespath, which is not installed on the controller."
        raise Refusal([error("library-missing", "query", text, "Install it: pip install jmespath.")])
    try:
        jmespath.compile(expression)
    except (ValueError, TypeError, RecursionError) as problem:
        raise _invalid(problem) from None


def evaluate_query(expression: str, result: Mapping[str, Any]) -> Any:
    """What the expression finds in the result, None if it finds nothing. Raises Refusal (query-invalid)."""
    try:
        found = jmespath.search(expression, dict(result))
        # An expression reference (`&name`) is not a value.
        json.dumps(found)
    except (ValueError, TypeError, RecursionError) as problem:
        raise _invalid(problem) from None
    return found


def _invalid(problem: Exception) -> Refusal:
    # The library draws a picture of the place, over several lines.
    reason = " ".join(str(problem).split()) or type(problem).__name__
    text = f"is not a JMESPath expression that can be applied to the result: {reason.rstrip('.')}."
    return Refusal([error("query-invalid", "query", text, "Correct it. https://jmespath.org describes the syntax.")])
