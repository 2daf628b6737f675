# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failures the role answers with the former state: those of the tasks in its block, and what is deleted comes after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).parents[3] / "roles/registry"
Task = dict[str, Any]


def _tasks() -> list[Task]:
    loaded: list[Task] = yaml.safe_load((ROLE / "tasks/present.yml").read_text(encoding="utf-8"))
    return loaded


def _state(task: Task) -> str:
    (options,) = [value for key, value in task.items() if key.startswith("kyma.docker_registry.")] or [{}]
    return str((options or {}).get("state", ""))


def test_nothing_is_forgotten_before_the_verification() -> None:
    """A failure to delete former values, or to record the verification, restores nothing: what was verified stays in use."""
    tasks = _tasks()
    (place,) = [number for number, task in enumerate(tasks) if "block" in task]
    block = tasks[place]["block"]
    assert "kyma.docker_registry.registry_verify" in block[-1]
    assert "confirmed" not in [_state(task) for task in [*tasks[:place], *block, *tasks[place]["rescue"]]]
    assert [_state(task) for task in tasks[place + 1 :]].count("confirmed") == 2
    (forgets,) = [task for task in tasks if task["name"] == "Delete the former values of the storage Secret"]
    assert forgets["failed_when"] is False


def test_registry_rollback_decides_over_each_restoration() -> None:
    """Each task of the rescue that writes depends on it, or on what another one has restored."""
    (rescue,) = [task["rescue"] for task in _tasks() if "block" in task]
    for task in rescue[:-1]:
        assert any(name in str(task["when"]) for name in ("registry_rollback", ".restored")), task["name"]
    assert "ansible.builtin.fail" in rescue[-1]


def test_values_return_with_the_storage() -> None:
    """A switch that fails leaves its values in the Secret until the former storage is in use again, and then none of them."""
    (rescue,) = [task["rescue"] for task in _tasks() if "block" in task]
    names = [task["name"] for task in rescue]
    deployment = names.index("Restore the former Deployment")
    values = rescue[deployment + 1]
    assert values["name"] == "Restore the values of the former storage"
    assert _state(values) == "restored" and "failed_with" not in values["kyma.docker_registry.registry_secret"]
    assert "storage_secret" in str(values["when"]) and "storage_restored" in str(values["when"])
    earlier = rescue[names.index("Restore the former values of the storage Secret")]
    assert "storage_switch" in earlier["kyma.docker_registry.registry_secret"]["failed_with"]


def test_copies_follow_the_restored_registry() -> None:
    """With an operator its Pods accept what clients read, also after a failure."""
    (rescue,) = [task["rescue"] for task in _tasks() if "block" in task]
    names = [task["name"] for task in rescue]
    copies = rescue[names.index("Publish the credentials that the registry accepts after the failure")]
    for task in ("Restore the former Deployment", "Deploy again with the former values"):
        assert names.index(task) < names.index(copies["name"])
    assert "== 'operator'" in str(copies["when"]) and "not __registry_credentials.published" in str(copies["when"])
