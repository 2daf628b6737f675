# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases of Kyma's operator: what each gets wrong, and its names and texts. Pure.

A release that is not known counts as having every fault: a fault assumed too much costs a needless help of ours, one
assumed too little costs images. The help of one of them (escaping) would itself do harm without the fault, so the bytes
of the operator's own Secret are compared afterwards (credentials_secret.intended_secret).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .names import OperatorNames

Number = tuple[int, int, int]

# The releases whose behaviour was read or observed.
OLDEST: Number = (0, 7, 0)
NEWEST: Number = (0, 15, 0)

_NUMBER = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:[-+].*)?", re.DOTALL)


@dataclass(frozen=True)
class Release:
    """One release. known: its behaviour was read or observed.

    strvals: values pass Helm's --set grammar unescaped (since 0.7.0: GCS keys never work, other values may be cut or leak).
    omits_login: the registry is 3.x and its Deployment does not say how to authenticate to the store (since 0.8.0: Azure never starts).
    """

    version: str | None
    known: bool
    strvals: bool = True
    omits_login: bool = True
    names: OperatorNames = field(default_factory=OperatorNames)


# First release with the fault.
_SINCE: dict[str, Number] = {"strvals": (0, 7, 0), "omits_login": (0, 8, 0)}


# First release with these names and texts.
_NAMES: dict[Number, OperatorNames] = {OLDEST: OperatorNames()}


def number(version: str | None) -> Number | None:
    """The version as a number, None for what is none (`main`, a digest)."""
    match = _NUMBER.fullmatch(version.strip()) if version else None
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def release(version: str | None) -> Release:
    """The release of that version. One that is unknown, or newer than those that were examined, has every fault."""
    found = number(version)
    if found is None or found[:2] > NEWEST[:2]:
        return Release(version, known=False, names=_NAMES[max(_NAMES)])
    since = max((first for first in _NAMES if first <= found), default=OLDEST)
    return Release(
        version,
        found >= OLDEST,
        strvals=found >= _SINCE["strvals"],
        omits_login=found >= _SINCE["omits_login"],
        names=_NAMES[since],
    )
