# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A finding says what is wrong, where in the user's input, and what to do. It never contains a secret value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]

_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Finding:
    """One problem or fact.

    code: kebab-case, stable, for tests and automation. path: place in the user's input or `kind/name` of an object.
    """

    code: str
    severity: Severity
    path: str
    message: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """The finding as modules return it."""
        return asdict(self)

    def text(self) -> str:
        """One line of text: place, message, remedy and code."""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.path}: {self.message}{remedy} [{self.code}]"


class Refusal(Exception):
    """Fails the task with these findings. The task may have written before: only a message with "Nothing was changed" claims that it did not."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(f.text() for f in self.findings if f.severity == "error"))


def shown_key(key: object) -> str:
    """A key of the user's input for a finding. One that is not a name is not shown: `secretKey:x` is a key if the space after the colon is missing."""
    text = str(key)
    return text if _NAME.fullmatch(text) else "(hidden)"


def error(code: str, path: str, message: str, remedy: str = "") -> Finding:
    """A finding that stops the run."""
    return Finding(code, "error", path, message, remedy)


def warning(code: str, path: str, message: str, remedy: str = "") -> Finding:
    """A finding that does not stop the run."""
    return Finding(code, "warning", path, message, remedy)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Only the findings that stop the run."""
    return tuple(f for f in findings if f.severity == "error")
