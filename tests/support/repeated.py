# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something that a thread does again and again while a test does something else."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TypeVar

# Seconds. No test takes longer; the thread ends by itself.
_LONGEST = 900.0
R = TypeVar("R", bound="Repeated")


class Repeated:
    """A context: `step` is called again and again in it, after a pause of so many seconds."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def step(self) -> None:
        """One round."""
        raise NotImplementedError

    def __enter__(self: R) -> R:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        deadline = time.monotonic() + _LONGEST
        while not self._stop.wait(self._pause) and time.monotonic() < deadline:
            self.step()
