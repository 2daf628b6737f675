# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times of objects, of conditions and of Leases."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import times


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
        ("2026-01-02T03:04:05.000006Z", datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)),
        ("2026-01-02T05:04:05+02:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
        ("2026-01-02", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times(value: object, found: datetime | None) -> None:
    """With and without microseconds. One without a time zone cannot be read."""
    assert times.time_of(value) == found


@pytest.mark.parametrize(
    ("value", "seconds", "older"),
    [("2026-01-02T03:04:05Z", 60, False), ("2026-01-02T03:04:05Z", 61, True), ("yesterday", 0, True), (None, 0, True)],
)
def test_age(value: object, seconds: int, older: bool) -> None:
    """What cannot be read is old."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    assert times.is_older_than(value, timedelta(minutes=1), now) is older


def test_text() -> None:
    """In UTC, without microseconds; it can be read again."""
    now = datetime(2026, 1, 2, 5, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))
    assert times.time_text(now) == "2026-01-02T03:04:05Z"
    assert times.time_of(times.time_text(now)) == now.replace(microsecond=0)
