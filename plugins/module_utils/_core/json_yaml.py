# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON that every parser of YAML reads as well. Pure.

Kubernetes reads the body of a server-side apply as YAML, and Distribution its configuration. Plain JSON is not quite a part of it: it may write
a character beyond U+FFFF as two escapes, which are not a character in YAML.
"""

from __future__ import annotations

import json
import re
from typing import Any

# What YAML does not take as it is in a quoted text (control characters, byte order mark) or folds (its line separators), and halves of characters.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def dumps(value: Any) -> str:
    """The value in one line. Half of a character stays an escape, which parsers of YAML reject."""
    return escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def escaped(text: str) -> str:
    """JSON with the characters of its texts as they are, made readable for YAML."""
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
