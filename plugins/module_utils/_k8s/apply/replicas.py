# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of replicas of a Deployment whose apply leaves it out: it stays, no matter who has set it. Pure.

If the only owner of a field leaves it out of its apply, the API server removes the field, and the number of replicas is 1 again. So our
field manager applies the number as long as it owns it. A client that scales the Deployment takes the ownership, and from then on the
number is left out. A field without an owner would not do: the API server then does not record who scales.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.replicas import owns_replicas

# Of a new Deployment, as the API server would set it.
_FIRST = 1


def _is_left_out(desired: Mapping[str, Any]) -> bool:
    """Whether `desired` is a Deployment without a number of replicas. desired: of any shape, as a caller gave it."""
    spec = desired.get("spec")
    return desired.get("kind") == "Deployment" and isinstance(spec, Mapping) and spec.get("replicas") is None


def keep_number(desired: Mapping[str, Any], live: Mapping[str, Any] | None, manager: str) -> Mapping[str, Any]:
    """The object in the form that is applied. With the number of `live`, it applies only to `live` exactly as it was read."""
    if not _is_left_out(desired):
        return desired
    if live is None:
        return _with_number(desired, _FIRST, {})
    if not owns_replicas(live, manager):
        return desired
    return _with_number(desired, live["spec"]["replicas"], {"resourceVersion": live["metadata"]["resourceVersion"]})


def _with_number(desired: Mapping[str, Any], number: int, guard: Mapping[str, str]) -> dict[str, Any]:
    return {
        **desired,
        "metadata": {**guard, **desired["metadata"]},
        "spec": {**desired["spec"], "replicas": number},
    }
