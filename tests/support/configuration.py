# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What awx/configure.yml makes: it is run with plugins that take the options of awx.awx and write down what they are given."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

RECORD = json.loads((REPOSITORY / "tests/awx/awx_modules.json").read_text(encoding="utf-8"))
URL = "https://git.example.com/docker-registry.git"
NAME = "Kyma Docker Registry"
# In process, as no module has to run: a run takes seconds.
_ACTION = """import json
from ansible.plugins.action import ActionBase

SPEC = json.loads(%r)


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(SPEC)
        given = {name: value for name, value in arguments.items() if value is not None}
        with open(%r, "a") as file:
            file.write(json.dumps([%r, given]) + "\\n")
        return {"changed": True}
"""


@dataclass(frozen=True)
class Configuration:
    """One run of the playbook. calls: the modules in order, each with its options."""

    returncode: int
    output: str
    calls: list[tuple[str, dict[str, Any]]]

    def one(self, module: str, name: str) -> dict[str, Any]:
        """The object of that kind and name."""
        (found,) = [given for kind, given in self.calls if (kind, given["name"]) == (module, name)]
        return found

    def template(self, word: str) -> dict[str, Any]:
        """A job template by the end of its name."""
        return self.one("job_template", f"{NAME}: {word}")


def configure(folder: Path, core: str, playbook: str | Path = "awx/configure.yml", **variables: Any) -> Configuration:
    """Runs the playbook on that ansible-core. folder: an empty one."""
    actions = folder / "ansible_collections/awx/awx/plugins/action"
    actions.mkdir(parents=True)
    calls = folder / "calls"
    for name, spec in RECORD["modules"].items():
        text = _ACTION % (json.dumps(spec), str(calls), name)
        (actions / f"{name}.py").write_text(text, encoding="utf-8")
    command = [REPOSITORY / ".venv" / core / "bin/ansible-playbook", playbook, "-e", json.dumps(variables)]
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
    return Configuration(done.returncode, done.stdout, [(name, given) for name, given in map(json.loads, lines)])
