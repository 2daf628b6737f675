# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's tarball, as ansible-galaxy builds it from this checkout: complete, and without what only developers need."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

# Folders that are completely in the tarball.
WHOLE = ("plugins", "roles", "playbooks", "meta")
TOP = {
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "bindep.txt",
    "requirements.txt",
    "changelogs",
    "docs",
    *WHOLE,
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Paths of its files."""
    target = tmp_path_factory.mktemp("tarball")
    command = [
        Path(sys.executable).parent / "ansible-galaxy",
        "collection",
        "build",
        "--output-path",
        target,
        REPOSITORY,
    ]
    subprocess.run(command, env={**os.environ, "ANSIBLE_HOME": str(target)}, stdout=subprocess.DEVNULL, check=True)
    (file,) = target.glob("*.tar.gz")
    with tarfile.open(file) as tarball:
        return {member.name for member in tarball if member.isfile()}


def test_it_is_complete(content: set[str]) -> None:
    """A pattern of build_ignore that is too wide would take a file of the role away, and nothing in the repository would fail."""
    files = [path for folder in WHOLE for path in (REPOSITORY / folder).rglob("*") if path.is_file()]
    wanted = {str(path.relative_to(REPOSITORY)) for path in files if path.suffix != ".pyc"}
    assert wanted and wanted - content == set()


def test_nothing_else_is_in_it(content: set[str]) -> None:
    """What builds and tests the collection stays in the repository."""
    assert {name.partition("/")[0] for name in content} == TOP
