# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each job template, launched as AWX launches it, ends as by hand: on two versions of ansible-core, for a volume and for S3."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.awx.by_hand import ByHand, of_job, of_run
from ansible_collections.kyma.docker_registry.tests.awx.conftest import CORES, Launch
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import jobs, leaks

# Looks like a number, in base 8 at that, to Ansible.
DIGITS = "0123456701234567"
# The highest verbosity that AWX offers: everything that Ansible reports about tasks, their arguments and their results.
MAX_VERBOSITY = {"verbosity": 5}
# controller_ask_variables: true
ASKS_FOR_VARIABLES = {**MAX_VERBOSITY, "ask_variables_on_launch": True}
TEMPLATE = {"forks": 5, "job_tags": "all", "skip_tags": "none-such", "use_fact_cache": True}


def _read(cluster: Cluster, namespace: str, name: str) -> dict[str, str]:
    data = cluster.get("Secret", name, namespace)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_default_volume(launcher: Launch, by_hand: ByHand, cluster: Cluster, fresh: Callable[[], str]) -> None:
    """Check, Deploy twice, Info and a refused Deploy; the password has the form of a number."""
    missing_claim = {"registry_storage": "pvc: {name: none-such}"}
    by = {"registry_password": DIGITS}
    namespace = fresh()
    steps: list[tuple[str, dict[str, Any]]] = [
        ("Check", by),
        ("Deploy", by),
        ("Deploy", by),
        ("Info", {}),
        ("Deploy", missing_claim),
    ]
    expected_outcomes = [of_run(by_hand.run(template, namespace, **given), namespace) for template, given in steps]
    first, deploy, again, info, refused = expected_outcomes
    assert not deploy.failed and any(changed for _task, changed, _codes in deploy.reported)
    assert not again.failed and [task for task, changed, _codes in again.reported if changed] == []
    assert refused.failed and "pvc-missing" in refused.codes
    assert (info.published, refused.published) == ({}, {})
    assert [item.published["kyma_docker_registry"]["verification"] for item in (first, again)] == ["none", "image"]

    user = jobs.ours("user", password=DIGITS)
    for core in CORES:
        awx, namespace = launcher(core), fresh()
        given = {"registry_namespace": namespace}
        check = awx.launch("Check", given, user, options=MAX_VERBOSITY)
        assert cluster.get("Deployment", "dockerregistry", namespace) is None
        done = [
            check,
            awx.launch("Deploy", given, user, options={**TEMPLATE, **MAX_VERBOSITY}),
            awx.launch("Deploy", given, user),
            awx.launch("Info", given, options={**TEMPLATE, **MAX_VERBOSITY}),
            awx.launch("Deploy", given | missing_claim, user, options=MAX_VERBOSITY),
        ]
        assert [of_job(job, namespace) for job in done] == expected_outcomes
        assert _read(cluster, namespace, "dockerregistry-config")["password"] == DIGITS
        for job in done:
            assert leaks.found(job.scanned(namespace), [DIGITS, awx.kubernetes.inputs["bearer_token"]]) == []
            assert "run as a module" not in job.output
        # Shown with -vvv.
        assert "run in process" in check.output


@pytest.mark.parametrize("core", [pytest.param(CORES[0], marks=pytest.mark.long), CORES[1]])
def test_s3(
    core: str, launcher: Launch, by_hand: ByHand, cluster: Cluster, fresh: Callable[[], str], clouds: dict[str, Any]
) -> None:
    """Keys from our credential type reach the storage Secret and nothing else; storage and parameters are texts of the survey."""
    key, wrong = leaks.canary(), leaks.canary()
    secret = lab_clouds.s3_key(f"KYMA{uuid.uuid4().hex[:16].upper()}", key)
    bad = {**secret, "secretKey": wrong}
    namespace = fresh()
    typed = {
        **lab_clouds.own_s3(clouds, namespace),
        "registry_storage_secret": secret,
        "registry_username": "0777",
        "registry_password": DIGITS,
    }
    steps = [("Check", typed), ("Deploy", typed), ("Info", {}), ("Deploy", {**typed, "registry_storage_secret": bad})]
    expected_outcomes = [of_run(by_hand.run(template, namespace, **given), namespace) for template, given in steps]
    _check, deploy, info, refused = expected_outcomes
    assert deploy.published["kyma_docker_registry"]["storage_type"] == "s3" and not info.failed
    assert refused.failed and "store-credentials" in refused.codes

    user, store = jobs.ours("user", username="0777", password=DIGITS), jobs.ours("S3", **secret)
    # AWX' variables of a launch may hold what the survey does not ask for.
    more = {"registry_redirect": "false", "registry_preflight": "true"}
    awx, namespace = launcher(core), fresh()
    wanted = lab_clouds.own_s3(clouds, namespace)
    answers = {
        "registry_namespace": namespace,
        "registry_storage": yaml.safe_dump(wanted["registry_storage"]),
        "registry_driver_parameters": json.dumps(wanted["registry_driver_parameters"]),
        "registry_wait_timeout": 120,
    }
    done = [
        awx.launch("Check", answers, user, store, variables=more, options=ASKS_FOR_VARIABLES),
        awx.launch("Deploy", answers, user, store, variables=more, options={**TEMPLATE, **ASKS_FOR_VARIABLES}),
        awx.launch("Info", {"registry_namespace": namespace}, options=MAX_VERBOSITY),
        awx.launch("Deploy", answers, user, jobs.ours("S3", **bad), variables=more, options=ASKS_FOR_VARIABLES),
    ]
    assert [of_job(job, namespace) for job in done] == expected_outcomes
    assert _read(cluster, namespace, "s3-storage") == secret
    user_of = _read(cluster, namespace, "dockerregistry-config")
    assert (user_of["username"], user_of["password"]) == ("0777", DIGITS)
    for job in done:
        assert leaks.found(job.scanned(namespace), [key, wrong, DIGITS, awx.kubernetes.inputs["bearer_token"]]) == []
