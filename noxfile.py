# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gates that need no cluster, as nox sessions: `.venv/main/bin/nox -l` lists them.

`.venv/main/bin/nox -s 'unit(main)' -- -k htpasswd` runs one.

The sessions use the environments that `tests/gates/venv` makes from `requirements/`, which the Makefile, the demo and the cluster's tests use too.
The Makefile runs the sessions side by side.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "unit"]

ROOT = Path(__file__).resolve().parent
CODE = "ansible_collections.kyma.docker_registry.plugins"


def _run(session: nox.Session, program: str, *arguments: str, venv: str = "main", **environment: str) -> None:
    """Run a program of the environment, or of the machine."""
    path = f"{ROOT / '.venv' / venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    found = shutil.which(program, path=path) or program
    session.run(found, *arguments, env={"PATH": path, **environment}, external=True)


def _run_in_copy(session: nox.Session, name: str, *command: str, venv: str = "main") -> None:
    """Run the command in a real collection tree: a copy of what git knows, as a git repository that has every file."""
    _run(session, "tests/gates/copy", name)
    with session.chdir(ROOT / ".cache" / name / "ansible_collections/kyma/docker_registry"):
        _run(session, "git", "init", "-q", ".")
        _run(session, "git", "add", "-A", ".")
        _run(session, *command, venv=venv, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".cache" / name))


def _pytest(session: nox.Session, *arguments: str, venv: str = "main") -> None:
    junit = os.environ.get("JUNIT_XML")
    report = [f"--junitxml={junit}"] if junit else []
    _run(session, "python", "-m", "pytest", *arguments, *report, *session.posargs, venv=venv)


@nox.session
def lint(session: nox.Session) -> None:
    """Format and style of Python and YAML, the changelog's fragments, and the contract of imports."""
    _run(session, "ruff", "check", ".")
    _run(session, "ruff", "format", "--check", ".")
    _run(session, "yamllint", "-s", ".")
    _run(session, "antsibull-changelog", "lint")
    _run(session, "python", "tests/gates/import_contract.py")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly, of the collection and of the lab."""
    config = ["--config-file", str(ROOT / "pyproject.toml")]
    packages = [word for name in ("module_utils", "plugin_utils", "filter") for word in ("-p", f"{CODE}.{name}")]
    with session.chdir(ROOT / ".collections"):
        _run(session, "mypy", *config, *packages, MYPYPATH=".")
    with session.chdir(ROOT / "tests/lab"):
        _run(session, "mypy", *config, "--python-version", "3.11", "-p", "kymalab", "-p", "kymaoperator")


@nox.session
def ansible_lint(session: nox.Session) -> None:
    """The rules of ansible-lint's profile `production`."""
    _run_in_copy(session, "lint", "ansible-lint", "--offline")


@nox.session
def docs_lint(session: nox.Session) -> None:
    """The documentation of plugins and role, with every reference in it."""
    checks = ["--plugin-docs", "--validate-collection-refs=all"]
    _run_in_copy(session, "docs", "antsibull-docs", "lint-collection-docs", *checks, ".")


@nox.session
def site(session: nox.Session) -> None:
    """The documentation site."""
    _run(session, "tests/gates/site")


@nox.session
def build(session: nox.Session) -> None:
    """The collection's tarball, in .test-output for other gates and beside README.md for users."""
    output = ROOT / ".test-output"
    output.mkdir(exist_ok=True)
    for old in output.glob("kyma-docker_registry-*.tar.gz"):
        old.unlink()
    _run_in_copy(session, "build", "ansible-galaxy", "collection", "build", "--output-path", str(output))
    for tarball in output.glob("kyma-docker_registry-*.tar.gz"):
        shutil.copy(tarball, ROOT)


@nox.session
def importer(session: nox.Session) -> None:
    """What Galaxy checks when a collection is uploaded."""
    _run(session, "tests/gates/importer")


@nox.session
def tarball(session: nox.Session) -> None:
    """The tarball's content and its installation."""
    _run(session, "tests/gates/tarball")


@nox.session
def execution_environment(session: nox.Session) -> None:
    """The definition of an execution environment, without building an image."""
    _run(session, "tests/gates/execution_environment")


@nox.session
def reuse(session: nox.Session) -> None:
    """Every file states its licence."""
    _run_in_copy(session, "reuse", "reuse", "lint", venv="galaxy")


@nox.session
@nox.parametrize("core", [nox.param(name, id=name) for name in ("main", "core219")])
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity; `-- oldest` leaves out the Pythons between the oldest and the environment's own."""
    _run(session, "tests/gates/sanity", core, *session.posargs)


@nox.session
@nox.parametrize("core", [nox.param(name, id=name) for name in ("main", "core219", "core216")])
def unit(session: nox.Session, core: str) -> None:
    """Unit tests; options of pytest follow after `--`, also other paths."""
    named = any((ROOT / word.partition(":")[0]).exists() for word in session.posargs)
    _pytest(session, *([] if named else ["tests/unit"]), venv=core)


@nox.session
def coverage(session: nox.Session) -> None:
    """Unit tests with many more generated examples, and which part of each folder of plugins/ they reach."""
    os.environ["HYPOTHESIS_PROFILE"] = "long"
    _pytest(session, "tests/unit", "-n", "2", "--cov", "--cov-report=json:.test-output/coverage.json")
    _run(session, "python", "tests/gates/coverage_by_folder.py", ".test-output/coverage.json")
