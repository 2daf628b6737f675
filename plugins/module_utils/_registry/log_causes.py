# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines of the registry to causes and remedies (observed on registry 3.1.1). Pure.

A registry that cannot start says why in one line: `panic: ...`, `configuration error: ...`, or a log line of level fatal. One
that runs on a dead store logs `storage driver health check: ...` at level error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted

from .causes.registry_causes import REGISTRY_CAUSES
from .causes.store_causes import STORE_CAUSES

LONGEST_LINE = 300
# Longer ones are cut before they are searched.
_LONGEST_INPUT = 4000


@dataclass(frozen=True)
class Cause:
    """One explained line. line: as logged, without credentials, at most 300 characters. cause, remedy: may be ''.

    code: of a finding about it: store-* if the store rejects the request or does not answer, else registry-failed.
    """

    line: str
    cause: str = ""
    remedy: str = ""
    code: str = "registry-failed"

    def text(self) -> str:
        """The line, and what it means if that is known."""
        meaning = f" ({self.cause})" if self.cause else ""
        return f"{self.line}{meaning}"


# (code, pattern, cause, remedy): the first that matches counts.
ROWS = (*(("registry-failed", *row) for row in REGISTRY_CAUSES), *STORE_CAUSES)
_KNOWN = tuple((code, re.compile(pattern, re.IGNORECASE), cause, remedy) for code, pattern, cause, remedy in ROWS)

# Plain text that ends the process (Go's runtime, the command line), and the text form of Distribution's log lines.
_FATAL = re.compile(r"panic: |fatal error: |configuration error: ")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t"}
_RULER = re.compile(r"-{8,}")
_FIELD = re.compile(r'(?<![\w.])([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
# The decoder of driver parameters names the parameter on a separate line.
_DETAIL = re.compile(r"^panic: \d+ error\(s\) decoding:$")


def find_cause(log: str) -> Cause | None:
    """The first line that says why the registry stopped; else the latest error about its storage; else None.

    Other errors of a running registry (a client without credentials, an unknown image) are not related to its health.
    """
    latest: Cause | None = None
    for level, message in _entries(log):
        if level == "fatal":
            return explain_line(message)
        if level == "error":
            cause = explain_line(message)
            latest = cause if cause.cause or "health check" in message else latest
    return latest


def explain_line(message: str) -> Cause:
    """The cause behind one message."""
    message = message[:_LONGEST_INPUT]
    line = _redacted_line(message)
    for code, pattern, cause, remedy in _KNOWN:
        if pattern.search(message):
            return Cause(line, cause, remedy, code)
    return Cause(line)


def _redacted_line(message: str) -> str:
    """The message on one line, without credentials, bounded."""
    line = " ".join(_RULER.sub(" ", redacted(message)).split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 3] + "..."


def _entries(log: str) -> Iterator[tuple[str, str]]:
    """(`fatal`, `error` or '', message) for each line."""
    lines = iter(log.splitlines())
    for raw in lines:
        line = raw.strip()
        if _DETAIL.match(line):
            details = (text.strip() for text in lines)
            line = f"{line} {next((text for text in details if text.startswith('* ')), '')}"
        yield _json_entry(line) or _text_entry(line)


def _json_entry(line: str) -> tuple[str, str] | None:
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    return _describe(entry)


def _text_entry(line: str) -> tuple[str, str]:
    if _FATAL.match(line):
        return "fatal", line
    fields: dict[str, Any] = {}
    for name, quoted, bare in _FIELD.findall(line):
        fields.setdefault(name, bare or _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), quoted))
    return _describe(fields) if "level" in fields else ("", line)


def _describe(fields: dict[str, Any]) -> tuple[str, str]:
    """Level and message of a log line, with the error that its other fields carry."""
    level = str(fields["level"]) if fields.get("level") else ""
    parts = [fields.get("msg"), fields.get("error") or fields.get("err.detail") or fields.get("err.message")]
    return "fatal" if level in ("fatal", "panic") else level, ": ".join(str(part) for part in parts if part)
