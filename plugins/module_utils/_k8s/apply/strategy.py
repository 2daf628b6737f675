# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one field that a server-side apply cannot remove: `rollingUpdate` of a Deployment that changes to the strategy Recreate.

The API server fills the field with defaults, so no field manager owns it, and an apply removes only what its manager owns. Then it rejects
the Deployment, because `rollingUpdate` and `Recreate` exclude each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECREATE = {"type": "Recreate"}


def blocks_apply(desired: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    """Whether `live` has rolling-update fields that make the API server reject `desired`. desired: of any shape, as a caller gave it."""
    if desired.get("kind") != "Deployment":
        return False
    spec = desired.get("spec")
    wanted = spec.get("strategy") if isinstance(spec, Mapping) else None
    recreates = isinstance(wanted, Mapping) and wanted.get("type") == RECREATE["type"]
    return recreates and "rollingUpdate" in (live["spec"].get("strategy") or {})


def removal_patch(live: Mapping[str, Any]) -> list[dict[str, Any]]:
    """JSON patch that sets Recreate without those fields. It starts no rollout, and fails if the specification has changed since `live` was read.

    The generation guards the specification; the resourceVersion would also change with each status that the controllers write.
    """
    metadata = live["metadata"]
    return [
        {"op": "test", "path": "/metadata/uid", "value": metadata["uid"]},
        {"op": "test", "path": "/metadata/generation", "value": metadata["generation"]},
        {"op": "replace", "path": "/spec/strategy", "value": RECREATE},
    ]


def is_same_specification(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    """Whether the object still has the specification that was read, so that the tests of the patch pass."""
    return after is not None and all(after["metadata"][key] == before["metadata"][key] for key in ("uid", "generation"))


def with_strategy(item: Mapping[str, Any], strategy: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the Deployment with another strategy."""
    return {**item, "spec": {**item["spec"], "strategy": dict(strategy)}}
