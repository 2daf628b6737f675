# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Lease of a run: its content, and when a run that waits for it may take it over. Pure: times are arguments.

Times in the object come from the clock of the run that holds it and are only for display. A waiting run decides by its own monotonic clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, spec_of

# Seconds after which a Lease that is not renewed may be taken over.
DURATION = 60
# Seconds after which the holder renews it, at its next write or state of a wait.
RENEWAL = 20.0
_KIND = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}


def build_lease(namespace: str, identity: str, now: datetime) -> ObjectDict:
    """A Lease that the holder creates. now: in UTC."""
    metadata = {"name": constants.LEASE, "namespace": namespace, "labels": dict(constants.MANAGED_BY)}
    return {**_KIND, "metadata": metadata, "spec": _held_by(identity, now, 0)}


def build_renewal(identity: str, now: datetime) -> list[dict[str, Any]]:
    """A JSON patch that renews the Lease, or fails if another run holds it."""
    return [
        {"op": "test", "path": "/spec/holderIdentity", "value": identity},
        {"op": "add", "path": "/spec/renewTime", "value": _time(now)},
    ]


def build_takeover(lease: Mapping[str, Any], identity: str, now: datetime) -> ObjectDict:
    """A merge patch that gives the Lease to the holder, or fails if the Lease was changed after it was read."""
    spec = _held_by(identity, now, int(spec_of(lease).get("leaseTransitions") or 0) + 1)
    return {"metadata": {"resourceVersion": lease["metadata"]["resourceVersion"]}, "spec": spec}


def identity_of(lease: Mapping[str, Any] | None) -> str:
    """The run that holds the Lease, '' if none does."""
    return str(spec_of(lease).get("holderIdentity") or "")


def _held_by(identity: str, now: datetime, transitions: int) -> dict[str, Any]:
    return {
        "holderIdentity": identity,
        "leaseDurationSeconds": DURATION,
        "acquireTime": _time(now),
        "renewTime": _time(now),
        "leaseTransitions": transitions,
    }


def _time(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class LeaseWait:
    """One wait for a Lease that another run holds.

    limit: seconds after which the wait ends. It lasts at least until a Lease that is not renewed has expired: otherwise an interrupted run would
    block each later run with a lower limit.
    """

    def __init__(self, limit: float, now: float) -> None:
        self.limit = max(limit, float(DURATION))
        self._patience = limit
        self._began = now
        self._version = ""
        self._unchanged_since = now
        self._renewed = False

    def observe(self, lease: Mapping[str, Any], now: float) -> None:
        """The Lease as it was just read."""
        version = str(lease["metadata"]["resourceVersion"])
        if version == self._version:
            return
        self._renewed = bool(self._version)
        self._version, self._unchanged_since = version, now

    def is_expired(self, now: float) -> bool:
        """Whether no run has renewed the Lease for its duration."""
        return now - self._unchanged_since >= DURATION

    def is_over(self, now: float) -> bool:
        """Whether the wait has lasted long enough."""
        passed = now - self._began
        return passed >= (self._patience if self._renewed else self.limit)

    def passed(self, now: float) -> float:
        """Seconds since the wait began."""
        return now - self._began
