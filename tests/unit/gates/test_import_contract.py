# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of the import contract rejects an import that points upwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .loading import load

MODULE_UTILS = Path(__file__).resolve().parents[3] / "plugins/module_utils"
PACKAGE = "ansible_collections.kyma.docker_registry.plugins.module_utils"


@pytest.mark.parametrize(
    ("file", "upward"),
    [
        ("_core/progress.py", f"from {PACKAGE}._storage import catalog\n"),
        ("_storage/catalog.py", f"from {PACKAGE}._k8s import client\n"),
        ("_modules/verify/registry_verify.py", f"from {PACKAGE}._modules.info import registry_info\n"),
        ("_operator/overlay.py", "import time\n"),
    ],
)
def test_a_planted_import_is_rejected(tmp_path: Path, file: str, upward: str) -> None:
    """Between layers, between modules, and out of a pure folder."""
    tree = tmp_path / "tree"
    shutil.copytree(MODULE_UTILS, tree)
    with (tree / file).open("a", encoding="utf-8") as code:
        code.write(upward)
    assert load("import_contract.py").check(tree, tmp_path / "copy") == 1
