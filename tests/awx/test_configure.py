# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""awx/configure.yml makes what belongs together, and leaves alone what is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.awx.conftest import CORES
from ansible_collections.kyma.docker_registry.tests.support import controller
from ansible_collections.kyma.docker_registry.tests.support.configuration import NAME, URL, configure

# No cluster is asked.
pytestmark = pytest.mark.beside


@pytest.mark.parametrize(
    ("core", "image"),
    [(CORES[0], "registry.example.com/ee:1"), pytest.param(CORES[1], "", marks=pytest.mark.long)],
)
def test_everything_is_made(core: str, image: str, tmp_path: Path) -> None:
    """Each object with what belongs to it; templates of AWX arrive unrendered; what is not wanted is left out."""
    wanted = {"controller_project_url": URL, "controller_job_credentials": ["cluster"]}
    made = configure(tmp_path, core, controller_execution_environment_image=image, **wanted)
    assert made.returncode == 0, made.output
    types = controller.load(controller.FOLDER / "vars/credential_types.yml")["credential_types"]
    environments = ["execution_environment"] if image else []
    before = ["organization", *["credential_type"] * len(types), *environments]
    assert [name for name, _given in made.calls] == [*before, "project", "inventory", "host", *["job_template"] * 4]
    found = {(name, given["name"]): given for name, given in made.calls}
    for item in types:
        assert found["credential_type", item["name"]].items() >= item.items()
    assert found["host", "localhost"]["variables"] == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    deploy, check, info = (made.template(word) for word in ("Deploy", "Check", "Info"))
    assert (deploy["job_type"], check["job_type"], info["job_type"]) == ("run", "check", "run")
    assert deploy["survey_spec"] == check["survey_spec"] == controller.surveys()["deploy"]
    assert info["survey_spec"] == controller.surveys()["info"]
    assert [item["ask_variables_on_launch"] for item in (deploy, check, info)] == [False] * 3
    for item in (deploy, check, info):
        assert item["survey_enabled"] and item["credentials"] == ["cluster"]
        assert item.get("execution_environment", "") == (NAME if image else "")
        assert ("project", item["project"]) in found and ("inventory", item["inventory"]) in found
    if image:
        assert found["execution_environment", NAME]["image"] == image


def test_what_is_not_named_stays(tmp_path: Path) -> None:
    """Credentials that a user gave to a job template are not taken away. A new organization installs collections, as AWX' own does."""
    made = configure(tmp_path, CORES[0], controller_project_url=URL, controller_organization="Team")
    assert made.returncode == 0, made.output
    assert [given for name, given in made.calls if name == "job_template" and "credentials" in given] == []
    organization = made.one("organization", "Team")
    assert organization["galaxy_credentials"] == ["Ansible Galaxy"]
    # One that is there already is left as it is.
    assert organization["state"] == "exists"


def test_variables_of_a_launch(tmp_path: Path) -> None:
    """A user who can launch a template can set any variable of the role only if the administrator allows it."""
    made = configure(tmp_path, CORES[0], controller_project_url=URL, controller_ask_variables="true")
    assert made.returncode == 0, made.output
    assert all(made.template(word)["ask_variables_on_launch"] is True for word in ("Deploy", "Check", "Info"))


def test_the_repositorys_address_is_asked_for(tmp_path: Path) -> None:
    """Without it nothing is made."""
    made = configure(tmp_path, CORES[0])
    assert made.returncode == 2 and "Set controller_project_url" in made.output and made.calls == []


def test_documented_workflow(tmp_path: Path) -> None:
    """The page's example takes a job template that is made, and answers questions that it asks."""
    playbook = tmp_path / "workflow.yml"
    playbook.write_text(controller.example("workflow_job_template"), encoding="utf-8")
    made = configure(tmp_path / "folder", CORES[0], playbook)
    assert made.returncode == 0, made.output
    ((_module, workflow),) = made.calls
    registry, application = workflow["workflow_nodes"]
    (behind,) = registry["related"]["success_nodes"]
    assert behind["identifier"] == application["identifier"]
    assert registry["unified_job_template"]["name"] == f"{NAME}: Deploy"
    assert controller.answers(controller.surveys()["deploy"], registry["extra_data"])
