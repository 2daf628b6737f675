# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that imports between the folders of plugins/module_utils point only downwards (contract: pyproject.toml, [tool.importlinter]).

import-linter sees modules only in folders that have an `__init__.py`, which a collection does not need. Without them it finds nothing to
check and passes. So it runs on a copy of the tree with an `__init__.py` in each folder, and the modules that it found are counted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections/kyma/docker_registry/plugins/module_utils"
_COUNT = "import grimp; print(len(grimp.build_graph('ansible_collections', cache_dir=None).modules))"


def check(source: Path, copy: Path) -> int:
    """Check the tree `source` in the folder `copy`, which is deleted first. Prints what is wrong; returns 1 if anything is."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (copy / "ansible_collections").rglob("*"):
        if folder.is_dir():
            (folder / "__init__.py").touch()
    (copy / "ansible_collections" / "__init__.py").touch()
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    counted = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=copy, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    files = len(list(copy.rglob("*.py")))
    if int(counted.stdout) != files:
        print(f"import-linter sees {counted.stdout.strip()} modules, but the tree has {files} files.")
        return 1
    program = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run(
        [program, "--no-cache", str(ROOT / "pyproject.toml")], cwd=copy, env=environment, check=False
    )
    return 1 if linted.returncode else 0


if __name__ == "__main__":
    sys.exit(check(ROOT / "plugins/module_utils", ROOT / ".cache/imports"))
