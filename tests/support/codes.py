# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The codes of findings: what the source can emit, and what docs/findings.md explains."""

from __future__ import annotations

import ast
import collections
import functools
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "docs" / "findings.md"
# Functions and classes whose first argument is a code.
_FACTORIES = frozenset({"error", "warning", "Finding", "RejectedParameter", "ClusterError", "RegistryError", "Problem"})
_ROW = re.compile(r"\| `([^`]+)` \| (error|warning|info) \| (.+) \| (.+) \|")
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
# Words that look like codes of a family and are none: storage types, access lists of S3 (and its regions, a file of their own).
_OTHERS = frozenset(
    {
        "btp-objectstore-aws",
        "btp-objectstore-gcp",
        "btp-objectstore-azure",
        "bucket-owner-full-control",
        "bucket-owner-read",
    }
)


@functools.cache
def of_folder(folder: str) -> set[str]:
    """Codes that Python files below the folder give to a factory of findings."""
    return {code for tree in _trees(folder) for code, _severity in _finding_calls(tree)}


def severities() -> dict[str, set[str]]:
    """Code to severities, where the source gives both in one place."""
    found = collections.defaultdict(set)
    for tree in _trees("plugins"):
        for code, severity in _finding_calls(tree):
            if severity:
                found[code].add(severity)
    return dict(found)


@functools.cache
def mentioned() -> set[str]:
    """Every text of the source that is a code by its family (its first word), however it becomes a finding."""
    families = {code.partition("-")[0] for code in {*of_folder("plugins"), *documented()}}
    texts = {
        node.value
        for tree in _trees("plugins")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }
    roles = REPOSITORY / "roles"
    for path in (*roles.rglob("tasks/*.yml"), *roles.rglob("vars/*.yml")):
        texts |= set(re.findall(rf"\[({CODE.pattern})\]", path.read_text(encoding="utf-8")))
    return {text for text in texts if text.partition("-")[0] in families} - _OTHERS


@functools.cache
def documented() -> dict[str, str]:
    """Code to severity, as docs/findings.md says."""
    return {
        match[1]: match[2] for match in map(_ROW.fullmatch, DOCUMENT.read_text(encoding="utf-8").splitlines()) if match
    }


@functools.cache
def _trees(folder: str) -> tuple[ast.AST, ...]:
    paths = sorted((REPOSITORY / folder).rglob("*.py"))
    assert paths, f"no Python file below {folder}"
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in paths if path.name != "s3_regions.py")


def _finding_calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Code and severity ('' if the call has none) of each call of a factory."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or _name(node.func) not in _FACTORIES:
            continue
        texts = [item.value for item in node.args[:2] if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        if isinstance(node.args[0], ast.Constant) and texts and CODE.fullmatch(texts[0]):
            factory = _name(node.func)
            severity = factory if factory in ("error", "warning") else texts[1] if factory == "Finding" else ""
            yield texts[0], severity


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
