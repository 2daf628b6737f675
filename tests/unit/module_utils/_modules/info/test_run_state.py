# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What registry_info reports about the last run."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import build_lease
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.run_state import (
    check_lease,
    check_migration,
    check_run_state,
)

VERIFIED = {REVISION: "3", constants.VERIFIED_REVISION: "3"}
RESTORED = {constants.RESTORED_AFTER: "rollout-image-pull"}


@pytest.mark.parametrize(
    ("annotations", "ours", "codes", "said"),
    [
        (VERIFIED, True, [], ""),
        ({**VERIFIED, **RESTORED}, True, ["deployment-restored"], "(rollout-image-pull)"),
        ({REVISION: "4", constants.VERIFIED_REVISION: "3"}, True, ["deployment-not-verified"], "revision 4"),
        ({REVISION: "1"}, True, ["deployment-not-verified"], "revision 1"),
        ({}, True, ["deployment-not-verified"], "revision unknown"),
        (RESTORED, True, ["deployment-restored"], "(rollout-image-pull)"),
        ({REVISION: "1"}, False, [], ""),
        (RESTORED, False, ["deployment-restored"], "(rollout-image-pull)"),
    ],
    ids=[
        "verified",
        "restored",
        "interrupted",
        "first run",
        "not observed",
        "restored, then killed",
        "an operator's",
        "restored with an operator",
    ],
)
def test_what_the_last_run_left(annotations: dict[str, str], ours: bool, codes: list[str], said: str) -> None:
    """A restored Deployment, or one that no run has verified."""
    labels = dict(constants.MANAGED_BY) if ours else {}
    found = check_run_state({"metadata": {"annotations": annotations, "labels": labels}})
    assert [item.code for item in found] == codes
    assert all(said in item.message and item.severity == "warning" for item in found)


def test_without_a_deployment() -> None:
    """Another finding reports that."""
    assert check_run_state(None) == []


NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("identity", "age", "reported"),
    [("a", 4, False), ("a", 6, True), ("", 6, False)],
    ids=["held", "abandoned", "free"],
)
def test_a_lease(identity: str, age: int, reported: bool) -> None:
    """One that its run renews, one that an interrupted run has left, and one without a holder."""
    lease = build_lease("ns", identity, NOW - timedelta(minutes=age))
    assert [item.code for item in check_lease(lease, NOW)] == ["lease-abandoned"] * reported


def test_an_odd_lease() -> None:
    """Without a time of renewal it is not renewed; without a Lease no run has begun."""
    assert [item.code for item in check_lease({"spec": {"holderIdentity": "a"}}, NOW)] == ["lease-abandoned"]
    assert check_lease(None, NOW) == []


def test_a_migration() -> None:
    """A migration that is not complete, and one whose phase has not changed for long."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    copying = record.begin("s3/a", "gcs/b", now).at(record.COPY, now)
    found = [
        [item.code for item in check_migration(migration, now + timedelta(hours=hours))]
        for migration, hours in ((copying, 1), (copying, 13), (copying.at(record.VERIFIED, now), 13), (None, 0))
    ]
    assert found == [["migration-in-progress"], ["migration-not-completed"], [], []]
