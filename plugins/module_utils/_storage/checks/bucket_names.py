# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that the vendors allow for buckets (AWS and Google Cloud Storage documentation). Pure."""

from __future__ import annotations

import re

from .endpoints import is_ip_address

# What Kyma's documentation puts where the bucket's name belongs.
PLACEHOLDERS = ("bucketName",)

_S3 = re.compile(r"[a-z0-9][a-z0-9.-]*[a-z0-9]")
_S3_BEFORE_2018 = re.compile(r"[A-Za-z0-9._-]{3,255}")
_S3_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_S3_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3")
_GCS = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]")
_SHORTEST, _LONGEST, _LONGEST_DOTTED = 3, 63, 222


def general_problem(name: str) -> str:
    """What no store allows in a bucket's name, '' if nothing is wrong."""
    if "://" in name:
        return "is a URL; specify only the bucket name."
    if "/" in name or "\\" in name:
        return "contains a slash. Set the folder in rootdirectory."
    if any(char == " " or not char.isprintable() for char in name):
        return "contains white space or a control character."
    return ""


def s3_problem(name: str) -> str:
    """What AWS' naming rules say against the name, '' if nothing is wrong."""
    if not _SHORTEST <= len(name) <= _LONGEST:
        return f"has {len(name)} characters, but AWS allows {_SHORTEST} to {_LONGEST}."
    if not _S3.fullmatch(name):
        return "is not a name that AWS allows: lower-case letters, digits, '-' and '.', a letter or digit at each end."
    if ".." in name or is_ip_address(name):
        return "is not a name that AWS allows: two dots in a row, or an IP address."
    if name.startswith(_S3_PREFIXES):
        return f"begins with a prefix that AWS reserves ({', '.join(_S3_PREFIXES)})."
    if name.endswith(_S3_SUFFIXES):
        return f"ends with a suffix that AWS reserves ({', '.join(_S3_SUFFIXES)})."
    return ""


def s3_legacy(name: str) -> bool:
    """True if AWS allowed the name in us-east-1 until 2018: such buckets still exist."""
    return bool(_S3_BEFORE_2018.fullmatch(name))


def gcs_problem(name: str) -> str:
    """The rule of Google that the name violates, '' if the name is valid."""
    parts = name.split(".")
    longest = _LONGEST_DOTTED if len(parts) > 1 else _LONGEST
    if not _SHORTEST <= len(name) <= longest or any(len(part) > _LONGEST for part in parts):
        return f"has {len(name)} characters, but Google allows {_SHORTEST} to {_LONGEST} ({_LONGEST_DOTTED} with dots, {_LONGEST} between them)."
    if not _GCS.fullmatch(name) or not all(parts):
        return "is not a name that Google allows: lower-case letters, digits, '-', '_' and '.', a letter or digit at each end."
    if is_ip_address(name):
        return "is an IP address, which Google does not allow."
    if name.startswith("goog") or "google" in name:
        return "begins with goog or contains google, which Google reserves."
    return ""
