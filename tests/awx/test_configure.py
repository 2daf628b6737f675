# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""awx/configure.yml, run with modules that take the options of awx.awx (tests/awx/awx_modules.json) and write down what they are given."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.awx.conftest import CORES
from ansible_collections.kyma.docker_registry.tests.support import controller
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

RECORD = json.loads((Path(__file__).parent / "awx_modules.json").read_text(encoding="utf-8"))
URL = "https://git.example.com/docker-registry.git"
_MODULE = """#!/usr/bin/python
import json
from ansible.module_utils.basic import AnsibleModule

SPEC = json.loads(%r)


def main():
    module = AnsibleModule(SPEC)
    with open(%r, "a") as file:
        given = {name: value for name, value in module.params.items() if value is not None}
        file.write(json.dumps([%r, given]) + "\\n")
    module.exit_json(changed=True)


main()
"""


def _calls(folder: Path, core: str, **variables: Any) -> tuple[int, str, list[tuple[str, dict[str, Any]]]]:
    """Exit code, output, and the modules that were called with their options."""
    modules = folder / "ansible_collections/awx/awx/plugins/modules"
    modules.mkdir(parents=True)
    calls = folder / "calls"
    for name, spec in RECORD["modules"].items():
        text = _MODULE % (json.dumps(spec), str(calls), name)
        (modules / f"{name}.py").write_text(text, encoding="utf-8")
    command = [REPOSITORY / ".venv" / core / "bin/ansible-playbook", "awx/configure.yml", "-e", json.dumps(variables)]
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**environment, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    return done.returncode, done.stdout, [(name, given) for name, given in map(json.loads, lines)]


@pytest.mark.parametrize(("core", "image"), [(CORES[0], ""), (CORES[1], "registry.example.com/ee:1")])
def test_everything_is_made(core: str, image: str, tmp_path: Path) -> None:
    """Each object with what belongs to it; templates of AWX arrive unrendered; what is not wanted is left out."""
    wanted = {"controller_project_url": URL, "controller_job_credentials": ["cluster"]}
    code, output, calls = _calls(tmp_path, core, controller_execution_environment_image=image, **wanted)
    assert code == 0, output
    types = controller.load(controller.FOLDER / "vars/credential_types.yml")["credential_types"]
    environments = ["execution_environment"] if image else []
    before = ["organization", *["credential_type"] * len(types), *environments]
    assert [name for name, _given in calls] == [*before, "project", "inventory", "host", *["job_template"] * 3]
    found = {(name, given["name"]): given for name, given in calls}
    for item in types:
        assert found["credential_type", item["name"]].items() >= item.items()
    assert found["host", "localhost"]["variables"] == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    name = "Kyma Docker Registry"
    deploy, check, info = (found["job_template", f"{name}: {word}"] for word in ("Deploy", "Check", "Info"))
    assert (deploy["job_type"], check["job_type"], info["job_type"]) == ("run", "check", "run")
    assert deploy["survey_spec"] == check["survey_spec"] == controller.surveys()["deploy"]
    assert info["survey_spec"] == controller.surveys()["info"]
    for item in (deploy, check, info):
        assert item["survey_enabled"] and item["credentials"] == ["cluster"]
        assert item.get("execution_environment", "") == (name if image else "")
        assert ("project", item["project"]) in found and ("inventory", item["inventory"]) in found
    if image:
        assert found["execution_environment", name]["image"] == image


def test_the_repositorys_address_is_asked_for(tmp_path: Path) -> None:
    """Without it nothing is made."""
    code, output, calls = _calls(tmp_path, "main")
    assert code == 2 and "Set controller_project_url" in output and calls == []
