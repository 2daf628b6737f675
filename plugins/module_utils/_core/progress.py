# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of a wait, reported at a limited rate: what is awaited, since when, and the last known state."""

from __future__ import annotations

import time
from collections.abc import Callable

Say = Callable[[str], None]
# What is awaited and the limit in seconds -> the function that gets the state each time it is read (Context.awaiting).
Awaiting = Callable[[str, float], Say]

# Seconds between two reads of a state that does not change.
TICK = 5.0
# Seconds until the first report, until a report of a changed state, and until a report of the same state. A short wait reports nothing.
FIRST = 5.0
CHANGED = 5.0
UNCHANGED = 30.0
# This part of the elapsed time is added to the pause, so that a long wait does not fill the log.
SLOWER = 0.1
_LONGEST = 400


def silent(_text: str) -> None:
    """Shows no progress."""


def without_progress(_what: str, _limit: float) -> Say:
    """A wait whose progress is not shown."""
    return silent


class Progress:
    """One wait. It is called with the state at any rate and reports it through `say` at a limited rate.

    what: what is awaited. limit: seconds after which the wait fails, None for no limit.
    """

    def __init__(
        self, say: Say, what: str, limit: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.say = say
        self.what = what
        self.most = "" if limit is None else f" of at most {limit:.0f} s"
        self.clock = clock
        self.began = clock()
        self.last = 0.0
        self.reported: str | None = None

    def __call__(self, state: str) -> None:
        """The current state, as one line."""
        passed = self.clock() - self.began
        pause = (
            FIRST if self.reported is None else UNCHANGED if state == self.reported else CHANGED
        ) + SLOWER * self.last
        if passed - self.last < pause:
            return
        self.last, self.reported = passed, state
        cut = state if len(state) <= _LONGEST else f"{state[:_LONGEST]}..."
        self.say(f"{self.what}, {passed:.0f} s{self.most}: {cut}")
