# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables that only the playbook `migrate` has: docs/migrate.md lists them, and they set all options of the module."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.registry_migration import SPEC
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE_SPEC

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = (ROOT / "playbooks/migrate.yml").read_text(encoding="utf-8")
MODULE = "kyma.docker_registry.registry_migration"


def test_table() -> None:
    """Every variable of the playbook that neither the role nor other playbooks have, and no other."""
    tasks = "\n".join(line for line in PLAYBOOK.splitlines() if not line.lstrip().startswith("#"))
    used = set(re.findall(r"(?<![\w.])registry_(?:migration|copy)_\w+", tasks))
    page = (ROOT / "docs/migrate.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(registry_\w+)` \|", page, re.MULTILINE)
    assert used and sorted(listed) == sorted(used)
    assert used & ROLE_SPEC["options"].keys() == set()


def test_options() -> None:
    """The first task sets each option of the module, except those of the connection and of a Lease that tasks share."""
    (play,) = yaml.safe_load(PLAYBOOK)
    given: list[dict[str, Any]] = [task[MODULE] for task in play["tasks"] if MODULE in task]
    assert SPEC.options.keys() - CONNECTION_SPEC.keys() - {"lease"} == given[0].keys()
