# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all worker processes of one test run share: pytest-xdist gives any test to any of them, and sets a module's fixtures up in each."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def folder(factory: pytest.TempPathFactory) -> Path:
    """A folder of the whole test run."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Only one process at a time."""
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once(place: Path, name: str, make: Callable[[], Made]) -> Made:
    """What make() returns, made by the first process that asks; the others wait for it and get a copy."""
    made = place / f"{name}.pickle"
    with locked(place / f"{name}.lock"):
        if not made.exists():
            made.write_bytes(pickle.dumps(make()))
    found: Made = pickle.loads(made.read_bytes())
    return found
