# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes credentials from lines that the registry logged. Pure.

It does not know the values, only the places in which Distribution, Go's YAML and the clouds' libraries quote them. If it is not certain, more is removed.
"""

from __future__ import annotations

import re

MASK = "***"

# A value: quoted text with escapes, or everything up to white space, a comma, a bracket or an ampersand.
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|`[^`]*`?|[^\s,;&}\])]+)"""
_SECRET_NAME = (
    r"(?:pass(?:word|wd|phrase)?|secret|token|signature|authorization|"
    r"(?:access|account|api|private|secret|sas|session|shared)[_-]?key(?:[_-]?id)?|htpasswd)[\w.-]*"
)
# What Go says of a file, whose name may be that of a secret.
_FILE_ERROR = r"(?:no such file or directory|permission denied|is a directory|not a directory)\b"
# What follows a name. It is looked for first, with the begin of a value, so that a long word is read once.
_ASSIGNED = rf"[\"'`]?\s*(?::=|=>|=|:(?!//| yaml: | {_FILE_ERROR}))\s*"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        # Keys in PEM, whole or cut off.
        (r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)", MASK),
        # A scheme takes the next word with it: `Authorization: Basic dXNlcjpwYXNz`.
        (r"\b(basic|bearer|sharedkey|aws4-hmac-sha256|negotiate)\s+[^\s,]{4,}", rf"\1 {MASK}"),
        # `secretkey: x`, `"password":"x"`, `X-Amz-Signature=x`, `REGISTRY_HTTP_SECRET=x`.
        (rf"(?<![\w.-])(?=[\w.-]+{_ASSIGNED}[^\s,;&}}\])])([\w.-]*?{_SECRET_NAME}{_ASSIGNED}){_VALUE}", rf"\1{MASK}"),
        (r"([?&](?:sig|se|sp|sv|st|x-[\w-]+|googleaccessid|awsaccesskeyid)=)[^&\s\"']+", rf"\1{MASK}"),
        # Users in addresses.
        (r"(://)[^/\s@\"']+@", rf"\1{MASK}@"),
        # bcrypt hashes and access key IDs, in any place.
        (r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{10,}", MASK),
        (r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b", MASK),
        # Go's decoders quote the value that they could not use.
        (rf"(\bvalue: ){_VALUE}", rf"\1{MASK}"),
        (rf"(cannot unmarshal \S+ ){_VALUE}", rf"\1{MASK}"),
        (rf"(unknown anchor ){_VALUE}", rf"\1{MASK}"),
        # A variable set by hand can carry anything into these two.
        (r"(StorageDriver not registered: )(?!(?:swift|oss|s3|s3aws|gcs|azure|filesystem|inmemory)\b).*", rf"\1{MASK}"),
        (r"(illegal base64 data at input byte \d+).*", r"\1"),
    )
)


def redacted(line: str) -> str:
    """The line with `***` for every value that may be a credential."""
    for pattern, replacement in _RULES:
        line = pattern.sub(replacement, line)
    return line
