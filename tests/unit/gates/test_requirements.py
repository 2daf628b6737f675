# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""requirements.txt names exactly the Python libraries that the plugins import, and the execution environment lists them too."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
# Packages whose modules are called otherwise.
PACKAGES = {"yaml": "pyyaml", "websocket": "websocket-client"}
# What `kubernetes` itself requires, in every version.
BROUGHT = {"certifi", "urllib3", "websocket-client"}
# What runs a plugin, and the collection itself.
GIVEN = {"ansible", "ansible_collections"}


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level names of what a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def required(name: str) -> dict[str, str]:
    """Library to version of a file of requirements, without comments and markers."""
    lines = [line.partition("#")[0].partition(";")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return {
        match[1]: match[2] for match in (re.fullmatch(r"([a-z0-9-]+)[>=]=?([\d.]+)", line) for line in lines) if match
    }


def test_requirements_are_the_imports() -> None:
    """No library too few, none too many."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "plugins").rglob("*.py"))]
    found = {name for tree in trees for name in imported(tree)} - set(sys.stdlib_module_names) - GIVEN
    assert {PACKAGES.get(name, name) for name in found} - BROUGHT == required("requirements.txt").keys()


def test_kubernetes_brings_what_is_left_out() -> None:
    """In the version of this environment too."""
    lines = importlib.metadata.requires("kubernetes") or []
    # What has a marker `extra` comes only when it is asked for.
    assert {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in lines if "extra" not in line} >= BROUGHT


def test_every_line_is_read() -> None:
    """A line of another form would pass for none."""
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert len(lines) == len(required("requirements.txt"))


@pytest.mark.parametrize("environment", ["main", "core219", "core216"])
def test_tests_run_with_what_is_promised(environment: str) -> None:
    """No environment of the tests is older than the promise, and the oldest one is its beginning."""

    def parts(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    promised, used = required("requirements.txt"), required(f"requirements/{environment}.txt")
    # That one comes with ansible-core.
    assert promised.keys() - used.keys() <= {"pyyaml"}
    for library in promised.keys() & used.keys():
        assert parts(used[library]) >= parts(promised[library]), library
        if environment == "core216":
            assert parts(used[library])[0] == parts(promised[library])[0], library


def test_execution_environment_names_files_that_exist() -> None:
    """Both files lie beside galaxy.yml, and go into the tarball."""
    meta: dict[str, Any] = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text())
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    assert meta["dependencies"] == {"python": "requirements.txt", "system": "bindep.txt"}
    for name in meta["dependencies"].values():
        assert (ROOT / name).is_file() and name not in ignored


def test_example_of_an_execution_environment() -> None:
    """The users' example takes the tarball of this version, and an ansible-core that runs modules in process."""
    example = yaml.safe_load((ROOT / "docs/execution-environment/execution-environment.yml").read_text())
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    tarball = f"kyma-docker_registry-{version}.tar.gz"
    assert example["dependencies"]["galaxy"]["collections"] == [{"name": f"collections/{tarball}", "type": "file"}]
    assert example["additional_build_files"] == [{"src": tarball, "dest": "collections"}]
    assert example["dependencies"]["ansible_core"]["package_pip"].startswith("ansible-core>=2.19")
