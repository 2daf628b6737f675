# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples that need Kyma's operator, run with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import examples, module_rights


@pytest.mark.parametrize("entry", sorted(examples.WITH_OPERATOR), ids=": ".join)
def test_example(entry: tuple[str, str], role_registry: RoleRegistry, clouds: dict[str, Any], tmp_path: Path) -> None:
    """After the first of its list, which writes the DockerRegistry; the second time nothing changes."""
    listing, name = entry
    sandbox = examples.Sandbox(role_registry.namespace, role_registry.kubeconfig, tmp_path, clouds)
    tasks = yaml.safe_load(examples.adapted(examples.modules()[listing], sandbox))
    steps = [[tasks[0]], [task for task in tasks if task["name"] == name]]
    audit = role_registry.audit()
    examples.run_twice(steps, sandbox)
    assert role_registry.status()["state"] == "Ready" and role_registry.has_storage_lock()
    assert module_rights.unnamed({examples.called(step[0]) or "" for step in steps}, audit) == set()
