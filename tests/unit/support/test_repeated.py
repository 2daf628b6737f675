# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a test does in a thread beside itself."""

from __future__ import annotations

import threading
import time

from ansible_collections.kyma.docker_registry.tests.support.repeated import Repeated


class _Count(Repeated):
    def __init__(self) -> None:
        super().__init__(0.001)
        self.rounds = 0
        self.enough = threading.Event()

    def step(self) -> None:
        """Counts."""
        self.rounds += 1
        if self.rounds == 3:
            self.enough.set()


def test_rounds() -> None:
    """More than one in the context, and none after it."""
    with _Count() as count:
        assert count.enough.wait(30)
    rounds = count.rounds
    assert rounds >= 3
    time.sleep(0.02)
    assert count.rounds == rounds
