# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that Ansible may take for something else, tags, and what a workflow hands on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.awx.by_hand import ByHand, of_job, of_run, plan
from ansible_collections.kyma.docker_registry.tests.awx.conftest import CORES, Launch, every_core, second_core_long
from ansible_collections.kyma.docker_registry.tests.support import controller, jobs

pytestmark = pytest.mark.nodeless

BUCKET = "s3: {bucket: %s, region: eu-central-1, secretName: s3-storage}"
SPOILT = {"registry_namespace": "0123", "registry_name": "off", "registry_accept_data_loss": "1.10"}
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"registry_mode": ""}, ["registry_mode must be one of"]),
    (SPOILT, ["[variable-not-text]", *SPOILT]),
    ({"registry_storage": "pvc: {"}, ["[manifest-not-yaml]", "registry_storage"]),
    ({"registry_driver_parameters": "images"}, ["[variable-not-mapping]", "registry_driver_parameters"]),
    ({"registry_storage": BUCKET % "0123"}, ["[storage-wrong-type]"]),
    ({"registry_storage": BUCKET % "Bücher"}, ["[bucket-name]"]),
]


def test_taken(launcher: Launch, by_hand: ByHand, namespace: str) -> None:
    """Empty answers mean the defaults; what looks like a number, a truth value or another script is what it is by hand."""
    texts = (
        "registry_storage",
        "registry_driver_parameters",
        "registry_accept_data_loss",
        "registry_name",
        "registry_volume_size",
    )
    empty = {**dict.fromkeys(texts, ""), "registry_namespace": namespace}
    odd = {
        "registry_namespace": namespace,
        "registry_volume_size": "30000000000",
        "registry_readonly": "true",
        "registry_verify": "reachable",
        "registry_storage": "# Bücher, 目录",
        "registry_driver_parameters": "# Threads\nmaxthreads: '050'\n",
    }
    typed = {"registry_volume_size": "30000000000", "registry_readonly": True, "registry_verify": "reachable"}
    wanted = [
        (empty, by_hand.run("Check", namespace)),
        (odd, by_hand.run("Check", namespace, **typed, registry_driver_parameters={"maxthreads": "050"})),
    ]
    for core in CORES:
        awx = launcher(core)
        for answers, run in wanted:
            job = awx.launch("Check", answers)
            assert (job.returncode, run.returncode) == (0, 0), job.output
            assert (of_job(job, namespace), plan(job)) == (of_run(run, namespace), plan(run))
        nowhere = awx.launch("Info", {"registry_namespace": "", "registry_name": ""})
        assert nowhere.of("Read the state").result["namespace"] == "kyma-system"


@every_core
def test_refused(core: str, launcher: Launch, namespace: str) -> None:
    """A name of digits, which Ansible spoils, is refused; so is what is not valid YAML."""
    awx = launcher(core)
    for odd, reported in REFUSED:
        job = awx.launch("Check", {"registry_namespace": namespace, **odd})
        message = str(job.failure.result["msg"])
        assert job.returncode == 2 and [part for part in reported if part not in message] == [], (odd, job.output)
    looked = awx.launch("Info", {name: SPOILT[name] for name in ("registry_namespace", "registry_name")})
    assert "[variable-not-text]" in str(looked.failure.result["msg"]), looked.output


@pytest.mark.parametrize("core", CORES[:1])
def test_names_in_the_job_template(core: str, launcher: Launch, namespace: str) -> None:
    """What the job template itself says, and its survey does not ask for, is not an answer: it stays the text that it is."""
    awx = launcher(core)
    survey = awx.made.template("Info")["survey_spec"]
    short = {**survey, "spec": [item for item in survey["spec"] if item["variable"] != "registry_name"]}
    options = {"survey_spec": short, "extra_vars": {"registry_name": "0123"}}
    job = awx.launch("Info", {"registry_namespace": namespace}, options=options)
    assert job.of("Read the state").result["name"] == "0123", job.output


@pytest.mark.parametrize("core", CORES[:1])
def test_foreign_tags(core: str, launcher: Launch, namespace: str) -> None:
    """The role has no tags: a job with other tags does nothing, and publishes nothing."""
    job = launcher(core).launch("Deploy", {"registry_namespace": namespace}, options={"job_tags": "none-such"})
    assert job.returncode == 0, job.output
    assert [task.name for task in job.tasks if not task.name.startswith("Validating arguments")] == []
    assert job.artifacts == {}


@second_core_long
def test_workflow(core: str, launcher: Launch, namespace: str, tmp_path: Path) -> None:
    """The next node finds the artifacts as variables: the documentation's example does, and our own templates do not mind them."""
    awx = launcher(core)
    first = awx.launch("Check", {"registry_namespace": namespace})
    assert first.artifacts.keys() == {"kyma_docker_registry"}
    info = awx.launch("Info", {"registry_namespace": namespace}, artifacts=first.artifacts)
    assert info.returncode == 0 and info.of("Read the state").result["namespace"] == namespace

    own = tmp_path / "own"
    own.mkdir()
    (own / "application.yml").write_text(controller.example("kyma_docker_registry."), encoding="utf-8")
    project = dataclasses.replace(awx.project, source=jobs.commit(own))
    options = {"playbook": "application.yml", "survey_spec": {"spec": []}}
    running = {**first.artifacts["kyma_docker_registry"], "pull_address": "localhost:32137"}
    node = dataclasses.replace(awx, project=project).launch(
        "Deploy", {}, artifacts={"kyma_docker_registry": running}, options=options
    )
    assert node.returncode == 0, node.output
    assert node.of("values").result["ansible_facts"]["values"] == {
        "image": "localhost:32137/application:1.0",
        "imagePullSecrets": [{"name": "dockerregistry-config"}],
    }
