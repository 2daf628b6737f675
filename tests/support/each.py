# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One test for hundreds of cases: an item of pytest for each of them costs more time than the cases themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

_SHOWN = 20
Case = TypeVar("Case")


def check_each(cases: Iterable[Case], check: Callable[[Case], None], name: Callable[[Case], str] = repr) -> None:
    """Checks every case, and fails once with the names of all that fail and why. No cases are a failure, too."""
    count, failed = 0, []
    for case in cases:
        count += 1
        try:
            check(case)
        except Exception as problem:  # pylint: disable=broad-except
            failed.append(f"{name(case)}: {type(problem).__name__}: {problem}")
    assert count, "there are no cases"
    shown = "\n".join(failed[:_SHOWN])
    assert not failed, f"{len(failed)} of {count} cases fail, the first of them:\n{shown}"
