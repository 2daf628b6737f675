# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The codes of findings that the source can emit, read from it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# Functions and classes whose first argument is a code.
_FACTORIES = frozenset({"error", "warning", "Finding", "Refused", "ClusterError", "RegistryError"})
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def of_folder(folder: str) -> set[str]:
    """Codes of all Python files below the folder."""
    return {code for path in sorted((REPOSITORY / folder).rglob("*.py")) for code in of_file(path)}


def of_file(path: Path) -> set[str]:
    """Codes of one file."""
    return set(_codes(ast.parse(path.read_text(encoding="utf-8"))))


def _codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in _FACTORIES:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and CODE.fullmatch(first.value):
                yield first.value


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
