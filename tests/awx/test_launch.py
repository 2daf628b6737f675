# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX launches them do what runs by hand do, on two versions of ansible-core, and let no secret out."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.awx.conftest import CORES, Launch
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import controller, jobs, leaks, playbook

DEPLOY, INFO = "awx/deploy.yml", "awx/info.yml"
SITE = playbook.REPOSITORY / "playbooks/site.yml"
PUBLISHED = {"name", "namespace", "mode", "route", "push_address", "pull_address", "secret_name", "proof"}
# Looks like a number, in base 8 at that, to Ansible.
DIGITS = "0123456701234567"

every_core = pytest.mark.parametrize("core", CORES)


def _told(tasks: list[playbook.TaskResult]) -> list[tuple[str, bool, list[str]]]:
    """What each task said: its name, whether it changed something, its findings."""
    return [
        (task.task.rpartition(" : ")[2], task.changed, [item["code"] for item in task.result.get("findings", [])])
        for task in tasks
    ]


def _by_hand(kubeconfig: str, *arguments: str, **variables: Any) -> playbook.Run:
    run = playbook.run(SITE, kubeconfig=kubeconfig, variables=variables, arguments=("--diff", *arguments))
    assert run.returncode == 0, run.output
    return run


def _same(job: jobs.Job, run: playbook.Run) -> None:
    """The job changed, found and published what the run by hand did."""
    assert job.status == "successful", job.output
    assert _told(job.tasks) == _told(run.tasks)
    by_hand = run.of("Publish the outcome").result["ansible_stats"]["data"]
    assert job.artifacts == by_hand and by_hand["kyma_docker_registry"].keys() == PUBLISHED


def _read(cluster: Cluster, namespace: str, name: str) -> dict[str, str]:
    data = cluster.get("Secret", name, namespace)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def _assert_no_leak(job: jobs.Job, *known: str) -> None:
    assert leaks.found({**job.texts, "artifacts": json.dumps(job.artifacts)}, known) == []


@every_core
def test_default_volume(core: str, launcher: Launch, kubeconfig: str, cluster: Cluster, namespace: str) -> None:
    """Check, Deploy and Info from the survey; the password has the form of a number."""
    awx = launcher(core)
    user = jobs.ours("user", password=DIGITS)
    token = awx.kubernetes.inputs["bearer_token"]
    answers = controller.answers("deploy", registry_namespace=namespace, registry_wait_timeout=120)
    wanted = {"registry_namespace": namespace, "registry_password": DIGITS}

    check = awx.launch(DEPLOY, answers, user, check=True)
    _same(check, _by_hand(kubeconfig, "--check", **wanted))
    assert check.artifacts["kyma_docker_registry"]["proof"] == "none"
    assert cluster.get("Deployment", "dockerregistry", namespace) is None

    job = awx.launch(DEPLOY, answers, user)
    assert job.status == "successful", job.output
    published = job.artifacts["kyma_docker_registry"]
    assert published == {
        "name": "default",
        "namespace": namespace,
        "mode": "direct",
        "route": "filesystem",
        "push_address": f"dockerregistry.{namespace}.svc.cluster.local:5000",
        "pull_address": published["pull_address"],
        "secret_name": "dockerregistry-config",
        "proof": "image",
    }
    assert published["pull_address"].startswith("localhost:3")
    assert _read(cluster, namespace, published["secret_name"])["password"] == DIGITS

    again = _by_hand(kubeconfig, **wanted)
    assert again.changed == 0, _told(again.tasks)
    info = awx.launch(INFO, controller.answers("info", registry_namespace=namespace))
    assert info.status == "successful" and info.of("Look").result["exists"]
    for item in (check, job, info):
        _assert_no_leak(item, DIGITS, token)


@every_core
def test_s3(
    core: str, launcher: Launch, kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any]
) -> None:
    """Keys from our credential type reach the storage Secret and nothing else; storage and parameters are texts of the survey."""
    awx = launcher(core)
    key = leaks.canary()
    secret = lab_clouds.s3_key(f"KYMA{uuid.uuid4().hex[:16].upper()}", key)
    user, store = jobs.ours("user", username="0777", password=DIGITS), jobs.ours("S3", **secret)
    wanted = lab_clouds.own_s3(clouds, namespace)
    # AWX' variables of a launch may hold what the survey does not ask for.
    launched = {"registry_redirect": "false", "registry_preflight": "true"}
    answers = launched | controller.answers(
        "deploy",
        registry_namespace=namespace,
        registry_storage=yaml.safe_dump(wanted["registry_storage"]),
        registry_driver_parameters=json.dumps(wanted["registry_driver_parameters"]),
        registry_replicas=1,
        registry_wait_timeout=120,
    )
    wanted.update(
        registry_namespace=namespace,
        registry_storage_secret=secret,
        registry_username="0777",
        registry_password=DIGITS,
    )
    check = awx.launch(DEPLOY, answers, user, store, check=True)
    _same(check, _by_hand(kubeconfig, "--check", **wanted))

    job = awx.launch(DEPLOY, answers, user, store)
    assert job.status == "successful", job.output
    assert job.artifacts["kyma_docker_registry"]["route"] == "s3"
    assert _read(cluster, namespace, "s3-storage") == secret
    user_of = _read(cluster, namespace, "dockerregistry-config")
    assert (user_of["username"], user_of["password"]) == ("0777", DIGITS)
    again = _by_hand(kubeconfig, **wanted)
    assert again.changed == 0, _told(again.tasks)

    wrong = leaks.canary()
    refused = awx.launch(DEPLOY, answers, user, jobs.ours("S3", accessKey=secret["accessKey"], secretKey=wrong))
    assert refused.status == "failed" and refused.failure.codes() == ["store-credentials"]
    for item in (check, job, refused):
        _assert_no_leak(item, key, wrong, DIGITS, awx.kubernetes.inputs["bearer_token"])


@pytest.mark.parametrize("core", CORES[1:])
def test_key_file(core: str, launcher: Launch, namespace: str, clouds: dict[str, Any]) -> None:
    """A credential's file gets into the plan with its bytes: Google's key is read, and told where it is damaged."""
    awx = launcher(core)
    route = lab_clouds.routes(clouds)["gcs"]
    answers = controller.answers("deploy", registry_namespace=namespace, registry_storage=yaml.safe_dump(route.spec))
    inside = leaks.canary()
    good = json.dumps({**clouds["gcs"]["key"], "private_key_id": inside}, indent=2)
    check = awx.launch(DEPLOY, answers, jobs.ours("Google Cloud Storage", accountkey=good), check=True)
    assert check.status == "successful", check.output
    assert check.of("Write the storage Secret").result["secret_keys"] == ["accountkey"]
    bad = awx.launch(DEPLOY, answers, jobs.ours("Google Cloud Storage", accountkey=good[:-40]), check=True)
    assert bad.status == "failed" and bad.failure.codes()
    _assert_no_leak(check, inside)
    _assert_no_leak(bad, inside)


@every_core
def test_odd_answers(core: str, launcher: Launch, kubeconfig: str, namespace: str) -> None:
    """Empty answers mean the defaults; a name of digits, which Ansible spoils, is refused; so is what is no YAML."""
    awx = launcher(core)
    texts = ("registry_storage", "registry_accept_data_loss", "registry_name", "registry_volume_size")
    empty = dict.fromkeys(texts, "")
    job = awx.launch(DEPLOY, controller.answers("deploy", **{**empty, "registry_namespace": namespace}), check=True)
    _same(job, _by_hand(kubeconfig, "--check", registry_namespace=namespace))
    nowhere = awx.launch(INFO, {"registry_namespace": "", "registry_name": ""})
    assert nowhere.of("Look").result["namespace"] == "kyma-system"

    spoilt = {"registry_namespace": "0123", "registry_name": "off", "registry_accept_data_loss": "1.10"}
    bucket = "s3: {bucket: BUCKET, region: eu-central-1, secretName: s3-storage}"
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"registry_mode": ""}, ["registry_mode must be one of"]),
        (spoilt, ["[variable-not-text]", *spoilt]),
        ({"registry_storage": "pvc: {"}, ["[manifest-not-yaml]", "registry_storage"]),
        ({"registry_storage": bucket.replace("BUCKET", "0123")}, ["[storage-wrong-type]"]),
        ({"registry_storage": bucket.replace("BUCKET", "Bücher")}, ["[bucket-name]"]),
    ]
    for odd, told in cases:
        answers = controller.answers("deploy", **{"registry_namespace": namespace, **odd})
        job = awx.launch(DEPLOY, answers, check=True)
        message = str(job.failure.result["msg"])
        assert job.status == "failed" and [part for part in told if part not in message] == [], (odd, job.output)


@pytest.mark.parametrize("core", CORES[:1])
def test_names_in_the_job_template(core: str, launcher: Launch, namespace: str) -> None:
    """What the job template itself says is no answer, and stays the text that it is."""
    answers = {key: value for key, value in controller.answers("info").items() if key != "registry_name"}
    job = launcher(core).launch(INFO, {**answers, "registry_namespace": namespace}, trusted={"registry_name": "0123"})
    assert job.of("Look").result["name"] == "0123", job.output
