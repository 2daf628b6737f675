# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that Kubernetes allows for objects (RFC 1123 subdomains)."""

from __future__ import annotations

import re

LONGEST = 253
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def subdomain_problem(name: str) -> str:
    """What is wrong with the name of an object, '' if nothing is."""
    if not name:
        return "is empty."
    if name != name.strip():
        return f"{name!r} has leading or trailing white space."
    if len(name) > LONGEST:
        return f"has {len(name)} characters, but Kubernetes allows {LONGEST}."
    if not _SUBDOMAIN.fullmatch(name):
        return f"{name!r} is not a name that Kubernetes allows: lower-case letters, digits, '-' and '.', a letter or digit at each end."
    return ""
