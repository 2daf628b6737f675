# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shape of the tables of environment variables that a process reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Form = Literal[
    "text",
    "boolean",
    "integer",
    "count",
    "duration",
    "address",
    "memory",
    "list",
    "patterns",
    "mapping",
    "mappings",
    "headers",
    "middlewares",
]


@dataclass(frozen=True)
class RejectedVariable:
    """A variable, or a section of the configuration, that a user must not set. code, message and remedy: of the finding."""

    name: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Variables:
    """Variables that one program or library reads.

    prefixes: a name that begins so is read by it; one that is in no table is an error. names: more of these. known: what a user may
    set. credentials: what holds a credential, with the remedy; the Pod's specification, `--diff` and the events of AWX show it in clear text.
    rejected: what a user must not set; the longest name that matches counts.
    """

    prefixes: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    known: Mapping[str, Form] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[RejectedVariable, ...] = ()


MOVES_IMAGES = "makes the registry store its images in a place that differs from the DockerRegistry, and the data guard cannot detect this."
