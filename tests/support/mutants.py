# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage domain with a switch at every check: each can be turned off, or on for good, one at a time.

The modules are rewritten once, in memory: a finding, the test of an `if` and each part of an `and` or `or` go through Switches.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.tests.support import corpus

_SOURCES = Path(__file__).parents[2] / "plugins" / "module_utils" / "_storage"
_FACTORIES = frozenset({"error", "warning"})
_NAME = "__switches__"


@dataclass
class Switches:
    """Where the switches are, which one is thrown, and which were passed since `passed` was emptied."""

    places: dict[int, str] = field(default_factory=dict)
    findings: set[int] = field(default_factory=set)
    thrown: tuple[int, Any] | None = None
    passed: set[int] = field(default_factory=set)

    def finding(self, number: int, made: Finding) -> Finding:
        """The finding, or an empty one that does not stop the run."""
        self.passed.add(number)
        return Finding("nothing", "info", "", "") if self.thrown == (number, "mute") else made

    def test(self, number: int, value: Any) -> Any:
        """The outcome of a test, or the one that was thrown."""
        self.passed.add(number)
        if self.thrown is not None and self.thrown[0] == number:
            return self.thrown[1]
        return value


class _Rewriter(ast.NodeTransformer):
    def __init__(self, switches: Switches, file: str) -> None:
        self.switches = switches
        self.file = file

    def _switch(self, kind: str, node: ast.expr, what: str) -> ast.expr:
        number = len(self.switches.places)
        self.switches.places[number] = f"{self.file}:{node.lineno} {what}"
        if kind == "finding":
            self.switches.findings.add(number)
        call = ast.Call(ast.Attribute(ast.Name(_NAME, ast.Load()), kind, ast.Load()), [ast.Constant(number), node], [])
        return ast.copy_location(call, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _FACTORIES:
            return self._switch("finding", node, ast.unparse(node.args[0]))
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        what = ast.unparse(node.test)
        self.generic_visit(node)
        node.test = self._switch("test", node.test, f"if {what}")
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        if isinstance(node.values[-1], ast.Constant | ast.Dict | ast.List):
            # `value or {}` is a default and no check.
            self.generic_visit(node)
            return node
        texts = [ast.unparse(value) for value in node.values]
        self.generic_visit(node)
        node.values = [
            self._switch("test", value, f"part {text}") for value, text in zip(node.values, texts, strict=True)
        ]
        return node


def _source(module: str) -> Path:
    """The file of a module of the package."""
    return _SOURCES / f"{module.removeprefix(f'{corpus.PACKAGE}.').replace('.', '/')}.py"


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, switches: Switches) -> None:
        self.switches = switches

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if not name.startswith(f"{corpus.PACKAGE}.") or not _source(name).exists():
            return None
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        source = _source(module.__name__)
        tree = _Rewriter(self.switches, str(source.relative_to(_SOURCES))).visit(
            ast.parse(source.read_text(encoding="utf-8"))
        )
        vars(module)[_NAME] = self.switches
        exec(compile(ast.fix_missing_locations(tree), str(source), "exec"), vars(module))


@contextlib.contextmanager
def _without_modules() -> Iterator[None]:
    """The package's modules as if never imported; afterwards as they were."""
    package = importlib.import_module(corpus.PACKAGE)
    prefix = f"{corpus.PACKAGE}."
    before = {name: module for name, module in sys.modules.items() if name.startswith(prefix)}
    try:
        for name in before:
            del sys.modules[name]
            vars(package).pop(name.removeprefix(prefix), None)
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith(prefix)]:
            del sys.modules[name]
            vars(package).pop(name.removeprefix(prefix), None)
        sys.modules.update(before)
        vars(package).update({name.removeprefix(prefix): module for name, module in before.items()})


def switched() -> tuple[corpus.Domain, Switches]:
    """The domain with switches, none of them thrown."""
    switches = Switches()
    finder = _Finder(switches)
    with _without_modules():
        sys.meta_path.insert(0, finder)
        try:
            return corpus.domain(), switches
        finally:
            sys.meta_path.remove(finder)
