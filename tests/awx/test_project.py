# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project that is this repository works unchanged: a project update installs the collection from the fetched sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.awx.conftest import second_core_long
from ansible_collections.kyma.docker_registry.tests.support import controller, jobs

# No cluster is asked.
pytestmark = pytest.mark.beside
# What earlier runs may have left in a checkout, and what git knows of and the collection does not need.
LEFT = (
    ".venv/main/lib/left.py",
    ".cache/awx/left",
    ".collections/ansible_collections/kyma/left",
    ".test-output/left.log",
    ".ansible/left",
    ".ruff_cache/left",
    "collections/ansible_collections/kyma/docker_registry/galaxy.yml",
    "tests/output/left",
    "plugins/modules/__pycache__/left.pyc",
    "kyma-docker_registry-0.0.1.tar.gz",
)
UNINSTALLED = {
    ".git",
    ".gitignore",
    ".venv",
    ".cache",
    ".ansible",
    "awx",
    "collections",
    "molecule",
    "tests",
    "requirements",
}


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@second_core_long
def test_update(core: str, repository: Path, project: jobs.Project, tmp_path: Path) -> None:
    """From a fetched checkout with what runs leave in it comes just what comes from a fresh one."""
    source = jobs.clone(repository, tmp_path / "source")
    for name in LEFT:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left", encoding="utf-8")
    # As `make tree` makes it: a link that leads back to where it lies.
    (source / ".collections/ansible_collections/kyma/docker_registry").symlink_to("../../..")
    updated = jobs.install_collections(core, source, tmp_path / "stage")
    installed, fresh = (item.collections / "ansible_collections/kyma/docker_registry" for item in (updated, project))
    assert _files(installed) == _files(fresh)
    assert UNINSTALLED & {path.name for path in installed.iterdir()} == set()
    assert (installed / "playbooks/site.yml").exists()
    # A second update, of a checkout that is there.
    again = jobs.install_collections(core, source, tmp_path / "stage-again")
    assert _files(again.collections) == _files(updated.collections)


def test_awx_lists_the_playbooks(repository: Path) -> None:
    """Those of the job templates are among what AWX offers, and there is nothing else that it would install or ask for."""
    offered = {str(path.relative_to(repository)) for path in repository.rglob("*.yml") if controller.is_listed(path)}
    assert {"awx/deploy.yml", "awx/info.yml"} <= offered
    others = (
        "roles/requirements.yml",
        "roles/requirements.yaml",
        "requirements.yml",
        "requirements.yaml",
        "ansible.cfg",
    )
    assert [name for name in others if (repository / name).exists()] == []
