# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One word for each thing: no name uses a word that docs/renamed.md replaces."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support import codes

ROOT = Path(__file__).resolve().parents[3]
REPLACED = frozenset(
    word + ending
    for word in (
        "wish",
        "scene",
        "holder",
        "route",
        "fuse",
        "proof",
        "probe",
        "candidate",
        "trial",
        "hazard",
        "door",
        "settle",
    )
    for ending in ("", "s", "es", "d", "ed")
) | {"operated", "begun", "noted", "elsewhere", "proven"}
# Kubernetes' and Prometheus' own names.
_FOREIGN = re.compile(r"(?:readiness|liveness|startup)_?probes?|prober_probe_total|probe_type|route_localnet", re.I)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_KEY = re.compile(r"\s*(?:- )?(?:- )?[\"']?([\w./-]+)[\"']?:(?:\s|$)")
_TASK = re.compile(r"\s*- name: (.+)")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*")
_COMMENT = re.compile(r"\{#.*?#\}|^\s*(?:#|//).*?$", re.DOTALL | re.MULTILINE)
_SUFFIXES = ("", ".py", ".yml", ".yaml", ".j2", ".dot", ".sh")
# The same for two storage drivers, or for two servers.
_TWINS = {"check_parameters", "check_place", "storage_id", "error_from_answer", "error_from_exception", "is_transient"}
# They list the former names.
_LISTS = ("docs/renamed.md", "changelogs/")


def replaced(name: str) -> set[str]:
    """The replaced words among the words of a name."""
    return {word.lower() for word in _WORD.findall(_FOREIGN.sub("", name))} & REPLACED


def names(path: str, text: str) -> Iterator[str]:
    """Names in a file: identifiers of Python, keys and task names of YAML, words of shells, templates and graphs outside their comments."""
    if path.endswith(".py") or text.startswith("#!/usr/bin/env python"):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from (token.string for token in tokens if token.type == tokenize.NAME)
    elif path.endswith((".yml", ".yaml")):
        for line in text.splitlines():
            yield from (match[1] for match in (_KEY.match(line), _TASK.match(line)) if match)
    elif path.endswith((".j2", ".dot", ".sh")) or text.startswith("#!"):
        for line in _COMMENT.sub("", text).splitlines():
            yield from _IDENTIFIER.findall(line)


def _files() -> list[str]:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = done.stdout.decode().split("\0")
    return [path for path in found if path and not path.startswith(_LISTS) and (ROOT / path).is_file()]


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.py", "def find_route(x): pass", ["find_route"]),
        ("a.py", "class HeldByHolder: '''a route'''", ["HeldByHolder"]),
        ("tool", "#!/usr/bin/env python3\nFUSE_NAME = 1", ["FUSE_NAME"]),
        (
            "a.yml",
            "- name: Prepare the scene\n  registry_proof: image\n  msg: no route to host",
            ["Prepare the scene", "registry_proof"],
        ),
        ("a.yml", "readinessProbe:\n  placeholder: refused", []),
        ("a.yml.j2", "{# a route #}\n# a route\nx: {{ route_name }}", ["route_name"]),
        ("a.dot", '// a route\ndigraph { proof -> image [label="trial"]; }', ["proof", "trial"]),
        ("a.sh", "# a route\nFUSE=1", ["FUSE"]),
        ("run", "#!/usr/bin/env bash\n# a route\nprobe() { fuse_it; }", ["probe", "fuse_it"]),
        ("a.py", "startup_probe = placeholder = refuse = router = iproute2 = route_localnet", []),
    ],
)
def test_what_counts(path: str, text: str, found: list[str]) -> None:
    """Words of identifiers, keys and tasks, and neither prose nor words that only contain one."""
    assert [name for name in names(path, text) if replaced(name)] == found


def test_names_of_files() -> None:
    """With their folders."""
    assert [path for path in _files() if replaced(path)] == []


def test_names_in_files() -> None:
    """Python's identifiers; keys, variables and tasks of YAML; words of templates, shells and graphs."""
    found = set()
    for path in _files():
        if Path(path).suffix in _SUFFIXES:
            text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
            found |= {f"{path}: {name}" for name in names(path, text) if replaced(name)}
    assert sorted(found) == []


def test_codes_of_findings() -> None:
    """As documented, and as the source emits them."""
    assert [code for code in {*codes.documented(), *codes.mentioned()} if replaced(code)] == []


def test_one_name_for_one_thing() -> None:
    """No two classes or public functions of the collection have the same name."""
    found = Counter(
        node.name
        for path in (ROOT / "plugins/module_utils").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_")
    )
    assert found["Context"] == 1
    assert {name for name, count in found.items() if count > 1} == _TWINS
