"""The keys that are due: each once, at its earliest time, and after errors later each time."""

from __future__ import annotations

import threading
import time

Key = tuple[str, str]
_FIRST_DELAY, _LAST_DELAY = 0.005, 1000.0


class Queue:
    """Filled by watchers, emptied by one worker."""

    def __init__(self) -> None:
        self._due: dict[Key, float] = {}
        self._failures: dict[Key, int] = {}
        self._changed = threading.Condition()

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Make a key due in so many seconds, or earlier if it is already."""
        due = time.monotonic() + delay
        with self._changed:
            self._due[key] = min(due, self._due.get(key, due))
            self._changed.notify_all()

    def retry(self, key: Key) -> float:
        """Make a key that failed due again; return in how many seconds."""
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        delay = min(_FIRST_DELAY * float(2 ** min(count, 30)), _LAST_DELAY)
        self.add(key, delay)
        return delay

    def forget(self, key: Key) -> None:
        """A key did not fail: the next error is the first again."""
        self._failures.pop(key, None)

    def next(self) -> Key:
        """Wait for the first key that is due."""
        with self._changed:
            while True:
                now = time.monotonic()
                key = min(self._due, key=self._due.__getitem__, default=None)
                if key is not None and self._due[key] <= now:
                    del self._due[key]
                    return key
                self._changed.wait(None if key is None else self._due[key] - now)
