# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each release of Kyma's operator gets wrong. Pure.

A release that is not known counts as having every fault: a fault assumed too much costs a needless help of ours, one
assumed too little costs images. The help of one of them (escaping) would itself do harm without the fault, so the bytes
of the operator's own Secret are compared afterwards (secrets.intended).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Number = tuple[int, int, int]

# The releases whose behaviour was read or observed.
OLDEST: Number = (0, 7, 0)
NEWEST: Number = (0, 15, 0)

_NUMBER = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:[-+].*)?", re.DOTALL)


@dataclass(frozen=True)
class Quirks:
    """The faults of one release. known: the release is one of those that were looked at.

    strvals: values pass Helm's --set grammar unescaped (since 0.7.0: GCS keys never work, other values may be cut or leak).
    azure_without_type: the registry is 3.x and its Deployment names no type of credentials (since 0.8.0: it never starts).
    """

    version: str | None
    known: bool
    strvals: bool = True
    azure_without_type: bool = True


# First release with the fault.
_SINCE: dict[str, Number] = {"strvals": (0, 7, 0), "azure_without_type": (0, 8, 0)}


def number(version: str | None) -> Number | None:
    """The version as a number, None for what is none (`main`, a digest)."""
    match = _NUMBER.fullmatch(version.strip()) if version else None
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def quirks(version: str | None) -> Quirks:
    """The faults of that release; all of them where it is unknown or newer than what was looked at."""
    found = number(version)
    if found is None or found[:2] > NEWEST[:2]:
        return Quirks(version, known=False)
    faults = {name: found >= first for name, first in _SINCE.items()}
    return Quirks(version, found >= OLDEST, **faults)
