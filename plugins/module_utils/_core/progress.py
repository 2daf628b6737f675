# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of a wait, told sparingly: what is awaited, for how long already, and what was seen last."""

from __future__ import annotations

import time
from collections.abc import Callable

Say = Callable[[str], None]
# What is awaited, and at most how many seconds -> what takes the state at each look (Context.awaiting).
Awaiting = Callable[[str, float], Say]

# Seconds between two looks of a wait in which nothing happens.
TICK = 5.0
# Seconds: a wait that is over soon says nothing; then a new state is told after a moment, the same one again after a while.
FIRST = 5.0
CHANGED = 5.0
UNCHANGED = 30.0
# Of the time that has passed; added to both, so that a long wait fills no log.
SLOWER = 0.1
_LONGEST = 400


def silent(_text: str) -> None:
    """No progress is shown."""


def unseen(_what: str, _limit: float) -> Say:
    """A wait that nobody watches."""
    return silent


class Progress:
    """One wait. Called with the state at any rate, it tells it through `say` at its own pace.

    what: what is awaited. limit: seconds after which the wait is given up, None where nothing limits it.
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
        """The state as it is now, a line for people."""
        passed = self.clock() - self.began
        pause = (
            FIRST if self.reported is None else UNCHANGED if state == self.reported else CHANGED
        ) + SLOWER * self.last
        if passed - self.last < pause:
            return
        self.last, self.reported = passed, state
        cut = state if len(state) <= _LONGEST else f"{state[:_LONGEST]}..."
        self.say(f"{self.what}, {passed:.0f} s{self.most}: {cut}")
