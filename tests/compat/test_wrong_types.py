# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the wrong type, which are rejected before anything is written: no output shows a secret among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.compat.conftest import Play
from ansible_collections.kyma.docker_registry.tests.support import leaks
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE_SPEC, SECRET_VARIABLES

pytestmark = pytest.mark.nodeless

WRONG: dict[str, dict[str, Callable[[str], Any]]] = {
    "str": {"list": lambda secret: [secret], "mapping": lambda secret: {"a": secret}},
    "dict": {
        "text": lambda secret: secret,
        "broken-json": lambda secret: "{" + secret,
        "pairs": lambda secret: f"a={secret} {secret}",
        "open-quote": lambda secret: f"a='{secret}",
        "list": lambda secret: [secret],
    },
}


def test_they_are_rejected(play: Play, namespace: str) -> None:
    """Each variable that holds a secret, with each wrong type for it; and a number that is omitted."""
    secret = leaks.canary()
    names = [name for name in ROLE_SPEC["options"] if SECRET_VARIABLES.search(name)]
    assert set(names) == {"registry_manifest", "registry_password", "registry_storage_secret"}
    hosts = {
        f"{name}-{kind}": {"registry_namespace": namespace, name: make(secret)}
        for name in names
        for kind, make in WRONG[ROLE_SPEC["options"][name]["type"]].items()
    }
    # By Ansible's own validation. tests/unit/playbooks/test_playbooks.py has the texts.
    hosts["registry_replicas-omitted"] = {
        "registry_namespace": namespace,
        "registry_replicas": "{{ x | default(omit) }}",
    }
    run = play("site", hosts, "--check", "--diff", "-vvv", extra_environment={"ANSIBLE_INJECT_INVOCATION": "1"})
    assert {task.host for task in run.tasks if task.failed} == hosts.keys(), run.output
    assert leaks.found({"output": run.output}, [secret]) == []
