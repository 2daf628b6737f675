# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints sentences at random for a review of the English, in equal parts from messages, documents and docstrings.

python tests/gates/sentences.py [SEED] [COUNT]. The seed is printed, so that a draw can be repeated.
"""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_SHORTEST, _LONGEST_TEXT = 4, 1500
Sentence = tuple[str, str]


def _split(place: str, text: str) -> Iterator[Sentence]:
    for sentence in re.split(r"(?<=[.?])\s+(?=[A-Z`*])", " ".join(text.split())):
        if len(sentence.split()) >= _SHORTEST:
            yield place, sentence


def _text(node: ast.expr) -> str:
    """A string as written, with its expressions in braces. '' for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else _text(part)
            for part in node.values
        )
    return ""


def _strings(node: ast.AST, skipped: set[int]) -> Iterator[tuple[int, str]]:
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        text = _text(node)
        # Sentences: neither patterns nor names.
        if id(node) not in skipped and re.search(r"[a-z] [a-z]+.*\.$", text) and len(text) < _LONGEST_TEXT:
            yield node.lineno, text
        return
    for child in ast.iter_child_nodes(node):
        yield from _strings(child, skipped)


def from_code() -> tuple[list[Sentence], list[Sentence]]:
    """Sentences of messages and of docstrings in plugins."""
    messages: list[Sentence] = []
    docstrings: list[Sentence] = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped: set[int] = set()
        for node in ast.walk(tree):
            if not isinstance(node, _DOCUMENTED) or not (text := ast.get_docstring(node)):
                continue
            statement = node.body[0]
            assert isinstance(statement, ast.Expr)
            skipped.add(id(statement.value))
            docstrings += _split(f"{path.relative_to(ROOT)}:{statement.lineno}", text)
        for line, text in _strings(tree, skipped):
            messages += _split(f"{path.relative_to(ROOT)}:{line}", text)
    return messages, docstrings


def _descriptions(value: Any) -> Iterator[str]:
    """The texts of a document in YAML: all values that are sentences, and not examples."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("examples", "sample"):
                yield from _descriptions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _descriptions(item)
    elif isinstance(value, str) and value.endswith("."):
        yield value


def from_documents() -> list[Sentence]:
    """Sentences of the pages, of modules' and the role's documentation, and of the changelog. Pages that are generated count by their sources."""
    found: list[Sentence] = []
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if path.parent in (ROOT / "docs/backends", ROOT / "docs/site") or path.name == "renamed.md":
            continue
        text = re.sub(r"```.*?```|<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for block in re.split(r"\n\s*\n|\n(?=\s*[-*|\d]+[. ])", text):
            if not block.lstrip().startswith(("#", "---", "![", "|---")):
                found += _split(str(path.relative_to(ROOT)), block)
    texts: dict[str, list[str]] = {}
    for path in [
        ROOT / "roles/registry/meta/argument_specs.yml",
        *sorted((ROOT / "changelogs/fragments").glob("*.yml")),
    ]:
        texts[str(path.relative_to(ROOT))] = [path.read_text(encoding="utf-8")]
    for path in sorted([*(ROOT / "plugins/modules").glob("*.py"), *(ROOT / "plugins/doc_fragments").glob("*.py")]):
        documents = re.findall(r'(?:DOCUMENTATION|RETURN) = r"""(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL)
        texts[str(path.relative_to(ROOT))] = documents
    for place, documents in texts.items():
        for document in documents:
            for text in _descriptions(yaml.safe_load(document)):
                found += _split(place, text)
    return found


def main(arguments: list[str]) -> None:
    """Prints the draw."""
    seed = int(arguments[0]) if arguments else random.SystemRandom().randrange(10**6)
    count = int(arguments[1]) if len(arguments) > 1 else 60
    draw = random.Random(seed)
    messages, docstrings = from_code()
    print(f"seed {seed}")
    for name, sentences in (("messages", messages), ("documents", from_documents()), ("docstrings", docstrings)):
        print(f"{name}: {len(sentences)}")
        for place, sentence in draw.sample(sentences, min(len(sentences), count // 3)):
            print(f"  {place}: {sentence}")


if __name__ == "__main__":
    main(sys.argv[1:])
