# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times as the API server and clients write them into objects. Pure: the present time is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def time_of(value: object) -> datetime | None:
    """A time of the API (`2026-01-02T03:04:05Z`, also with microseconds), None if it cannot be read."""
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else None


def time_text(now: datetime) -> str:
    """A time as the API writes it, to the second. now: with a time zone."""
    return now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_older_than(value: object, age: timedelta, now: datetime) -> bool:
    """True if the time of the API is longer ago than `age`, or cannot be read. now: with a time zone."""
    found = time_of(value)
    return found is None or now - found > age
