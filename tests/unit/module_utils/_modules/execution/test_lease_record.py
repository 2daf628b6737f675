# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a run may take a Lease over, and when it stops waiting: only its own clock counts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import lease_record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import (
    DURATION,
    LeaseWait,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)


def _lease(version: int) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": str(version)}}


@pytest.mark.parametrize(
    ("seen", "now", "expired"),
    [
        ([(1, 0)], 59, False),
        ([(1, 0)], 60, True),
        ([(1, 7)], 60, False),
        ([(1, 0), (1, 30)], 60, True),
        ([(1, 0), (2, 30)], 89, False),
        ([(1, 0), (2, 30)], 90, True),
    ],
)
def test_expiry(seen: list[tuple[int, float]], now: float, expired: bool) -> None:
    """60 s without a change, counted from when this run saw the last one."""
    wait = LeaseWait(300, 0)
    for version, moment in seen:
        wait.observe(_lease(version), moment)
    assert wait.is_expired(now) is expired


@pytest.mark.parametrize(
    ("limit", "renewed", "now", "over"),
    [
        (300, True, 299, False),
        (300, True, 300, True),
        (300, False, 300, True),
        (10, True, 9, False),
        (10, True, 10, True),
        # It has not been renewed so far: an interrupted run may have left it.
        (10, False, 10, False),
        (10, False, DURATION, True),
        (0, True, 5, True),
    ],
)
def test_limit(limit: float, renewed: bool, now: float, over: bool) -> None:
    """The user's limit holds if the holder lives; else the wait lasts until the Lease has expired."""
    wait = LeaseWait(limit, 0)
    for version in range(1, 3 if renewed else 2):
        wait.observe(_lease(version), 1)
    assert (wait.is_over(now), wait.passed(now)) == (over, now)


def test_takeover_is_guarded() -> None:
    """By the version that was read; it counts one more change of the holder."""
    live = {**_lease(7), "spec": {"holderIdentity": "other", "leaseTransitions": 3}}
    patch = lease_record.build_takeover(live, "me", NOW)
    assert patch["metadata"] == {"resourceVersion": "7"}
    assert (patch["spec"]["holderIdentity"], patch["spec"]["leaseTransitions"]) == ("me", 4)


def test_renewal_is_guarded() -> None:
    """By the holder, which the API server compares. Times have the form of MicroTime, also without microseconds."""
    compared, renewed = lease_record.build_renewal("me", NOW.replace(microsecond=0))
    assert compared == {"op": "test", "path": "/spec/holderIdentity", "value": "me"}
    assert renewed["value"] == "2026-01-02T03:04:05.000000Z"


@pytest.mark.parametrize("lease", [None, {}, {"spec": {}}, {"spec": {"holderIdentity": None}}])
def test_without_identity(lease: Any) -> None:
    """It has no holder."""
    assert lease_record.identity_of(lease) == ""
