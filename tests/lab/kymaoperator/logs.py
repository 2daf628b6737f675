"""One line per happening on standard output."""

from __future__ import annotations

import datetime


def log(text: str) -> None:
    """Print a line with its time."""
    print(datetime.datetime.now().strftime("%H:%M:%S.%f")[:-3], text, flush=True)
